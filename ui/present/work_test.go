package present

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"securepush/ui/present/presenttest"
)

func TestWhatIsQueuedWhenTheWorkStopsDoesNotHappen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q presenttest.Queue
		w := NewWork(q.Post)
		happened := false
		w.Post(func() { happened = true })
		w.Go(func(ctx context.Context) func() {
			<-ctx.Done()
			return func() { happened = true }
		})
		w.After(time.Second, func() { happened = true })
		w.Stop()
		w.Go(func(context.Context) func() { happened = true; return nil })
		q.Pass(time.Minute)
		if happened {
			t.Error("it happened")
		}
	})
}

func TestAStoppedTimerDoesNotFireEvenWhenItsTurnIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q presenttest.Queue
		w := NewWork(q.Post)
		defer w.Stop()
		fired := 0
		stop := w.After(time.Second, func() { fired++ })
		time.Sleep(2 * time.Second) //nolint:forbidigo // virtual time: its turn is in the queue now
		stop()
		w.After(time.Second, func() { fired += 10 })
		q.Pass(3 * time.Second)
		if fired != 10 {
			t.Errorf("fired %d", fired)
		}
	})
}
