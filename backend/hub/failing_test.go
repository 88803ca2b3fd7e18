package hub

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// failing is a store that cannot do some things for a while.
type failing struct {
	Store
	targets, taking int // calls that fail yet
	taken           int // calls
}

var errStore = errors.New("disk I/O error")

// Targets fails as often as it is to.
func (f *failing) Targets(ctx context.Context, a record.Audience) ([]record.Registration, error) {
	if f.targets--; f.targets >= 0 {
		return nil, errStore
	}
	return f.Store.Targets(ctx, a)
}

// TakeScheduled fails as often as it is to.
func (f *failing) TakeScheduled(ctx context.Context, now time.Time, limit int) ([]record.Scheduled, error) {
	f.taken++
	if f.taking--; f.taking >= 0 {
		return nil, errStore
	}
	return f.Store.TakeScheduled(ctx, now, limit)
}

func newFailing(t *testing.T, f *failing) *sending {
	return newSending(t, func(o *Options, _ *delivery.Options) {
		f.Store = o.Store
		o.Store = f
	})
}

func TestALookUpIsTriedAgain(t *testing.T) {
	for failures, state := range map[int]string{lookups - 1: "Completed", lookups: "Abandoned"} {
		synctest.Test(t, func(t *testing.T) {
			s := newFailing(t, &failing{targets: failures})
			s.devices("x", "a")
			path := s.send("x", "7")
			<-time.After(time.Minute)
			if d := s.details(path); d.State != state || d.EndTime == "" {
				t.Errorf("after %d failures: %+v", failures, d)
			}
		})
	}
}

func TestAScheduleThatCannotBeReadIsLeftAloneForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &failing{taking: 5}
		s := newFailing(t, f)
		s.devices("x", "a")
		s.later(time.Now(), "7")
		<-time.After(time.Minute)
		if got := s.service.devices(); len(got) != 1 || f.taken > 8 {
			t.Errorf("sent to %v, asked %d times", got, f.taken)
		}
	})
}

func TestTheHubEndsAlthoughNothingCanBeQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t, func(_ *Options, d *delivery.Options) {
			d.HTTP, d.Queue, d.Workers, d.Timeout = hanging{}, 1, 1, time.Hour
		})
		s.devices("x", "a", "b", "c", "d")
		path := s.send("x", "7")
		synctest.Wait()
		if d := s.details(path); d.State != "Processing" || d.EndTime != "" {
			t.Errorf("while it waits for room: %+v", d)
		}
		start := time.Now()
		s.stop()
		if took := time.Since(start); took > drainTime+15*time.Second {
			t.Errorf("it took %v", took)
		}
		if d := s.details(path); d.State != "Abandoned" || d.Browser.of("AbandonedNotificationMessages") != 1 || d.Browser.of("Success") != 0 {
			t.Errorf("told %+v", d)
		}
	})
}
