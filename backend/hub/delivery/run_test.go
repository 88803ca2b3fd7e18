package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnceTriesOnceAndSaysWhatCameOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		answer *answer
		want   Result
	}{
		"taken":      {status(201), Result{Outcome: Success, Status: 201}},
		"gone":       {status(410), Result{Outcome: ExpiredChannel, Status: 410}},
		"not now":    {status(503, "Retry-After", "1"), Result{Outcome: PnsUnavailable, Status: 503}},
		"too many":   {status(429), Result{Outcome: Throttled, Status: 429}},
		"broken":     {status(500), Result{Outcome: PnsServerError, Status: 500}},
		"no answer":  {nil, Result{Outcome: PnsUnreachable}},
		"wrong keys": {status(403), Result{Outcome: InvalidCredentials, Status: 403}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				push := newService(func(*http.Request, int) *answer { return c.answer })
				r := newRig(t, push, nil)
				r.add(t, "dev") // which is still queued, as nothing runs
				if got := r.sender.Once(t.Context(), r.push(t, "dev")); got != c.want {
					t.Errorf("%+v, not %+v", got, c.want)
				}
				if n := push.attempts("dev"); n != 1 {
					t.Errorf("%d attempts", n)
				}
				wantLeft := 1
				if c.want.Outcome == ExpiredChannel {
					wantLeft = 0
				}
				if pushes, _ := r.left(); pushes != wantLeft {
					t.Errorf("%d pushes are left", pushes)
				}
			})
		})
	}
}

func TestOnceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newService(func(r *http.Request, _ int) *answer { <-r.Context().Done(); return nil }), nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if got := r.sender.Once(ctx, r.push(t, "dev")); got.Outcome != PnsUnreachable || time.Since(start) != time.Second {
			t.Errorf("%+v after %v", got, time.Since(start))
		}
	})
}

func TestRunSendsWhatIsDueBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(*http.Request, int) *answer {
			later(10 * time.Millisecond)
			return status(201)
		})
		r := newRig(t, push, nil)
		for range 50 {
			r.add(t, "dev")
		}
		r.run(t)()
		if n := len(push.deliveries()); n != 50 {
			t.Errorf("%d of 50 pushes", n)
		}
		if got := r.outcomes("dev"); !maps.Equal(got, map[string]int{Success: 50}) {
			t.Errorf("reported %v", got)
		}
		if err := r.sender.Add(t.Context(), r.push(t, "dev")); !errors.Is(err, errStopped) {
			t.Errorf("adding after the end: %v", err)
		}
	})
}

func TestRunEndsEvenWhenAPushServiceHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			<-r.Context().Done()
			return nil
		})
		r := newRig(t, push, nil)
		stop := r.run(t)
		for i := range 100 {
			r.add(t, "dev-"+strconv.Itoa(i%10), fmt.Sprintf("https://hangs-%d.example/", i%10))
		}
		synctest.Wait()
		start, tried := time.Now(), len(push.deliveries())
		stop()
		if n := len(push.deliveries()); n != tried {
			t.Errorf("%d attempts after the time was up", n-tried)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("it took %v", d)
		}
		for i := range 10 {
			for _, device := range []string{"dev-" + strconv.Itoa(i), fmt.Sprintf("https://hangs-%d.example/", i)} {
				if got := r.outcomes(device); !maps.Equal(got, map[string]int{Dropped: 10}) {
					t.Errorf("%s: %v", device, got)
				}
			}
		}
	})
}
