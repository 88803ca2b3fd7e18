package delivery

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestAPushIsTriedUntilItsDeadlineAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(*http.Request, int) *answer { return status(500) })
		r := newRig(t, push, func(o *Options) { o.GiveUp = 48 * time.Hour })
		r.run(t)
		p := r.push(t, "dev")
		p.Deadline = p.Queued.Add(24 * time.Hour)
		if err := r.sender.Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		later(24*time.Hour - time.Nanosecond)
		if got := r.reported("dev"); len(got) != 0 {
			t.Errorf("reported before: %+v", got)
		}
		later(time.Nanosecond)
		synctest.Wait()
		if got := r.reported("dev"); !slices.Equal(got, []Result{{Outcome: Dropped, Status: 500}}) {
			t.Errorf("reported %+v", got)
		}
		later(24 * time.Hour)
		got := push.deliveries()
		last := got[len(got)-1]
		if at := last.at.Sub(p.Queued); at > 24*time.Hour || at < 24*time.Hour-lastRetry {
			t.Errorf("last attempt after %v", at)
		}
		if len(got) < 24*60/5 || len(got) > 2*24*60/5+20 {
			t.Errorf("%d attempts in a day", len(got))
		}
		if ttl, err := strconv.Atoi(last.header.Get("TTL")); err != nil || time.Duration(ttl)*time.Second > lastRetry {
			t.Errorf("TTL of the last attempt: %s", last.header.Get("TTL"))
		}
	})
}

func TestAPushThatIsNotTakenForHalfAnHourIsAbandoned(t *testing.T) {
	hang := func(r *http.Request) *answer { <-r.Context().Done(); return nil }
	for name, c := range map[string]struct {
		answer func(*http.Request) *answer
		want   Result
	}{
		"no answer":                {func(*http.Request) *answer { return nil }, Result{Outcome: PnsUnreachable, Abandoned: true}},
		"an answer never comes":    {hang, Result{Outcome: PnsUnreachable, Abandoned: true}},
		"503":                      {func(*http.Request) *answer { return status(503) }, Result{Outcome: PnsUnavailable, Abandoned: true, Status: 503}},
		"503 for an hour":          {func(*http.Request) *answer { return status(503, "Retry-After", "3600") }, Result{Outcome: PnsUnavailable, Abandoned: true, Status: 503}},
		"500":                      {func(*http.Request) *answer { return status(500) }, Result{Outcome: PnsServerError, Abandoned: true, Status: 500}},
		"507":                      {func(*http.Request) *answer { return status(507) }, Result{Outcome: PnsServerError, Abandoned: true, Status: 507}},
		"429":                      {func(*http.Request) *answer { return status(429) }, Result{Outcome: Throttled, Abandoned: true, Status: 429}},
		"408":                      {func(*http.Request) *answer { return status(408) }, Result{Outcome: PnsUnavailable, Abandoned: true, Status: 408}},
		"Windows, too many for it": {func(*http.Request) *answer { return status(406, "Retry-After", "900") }, Result{Outcome: Throttled, Abandoned: true, Status: 406}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				push := newService(func(r *http.Request, _ int) *answer { return c.answer(r) })
				r := newRig(t, push, nil)
				r.run(t)
				r.add(t, "dev", "dev") // the second was never tried: it waits behind the first
				later(30*time.Minute - time.Nanosecond)
				if got := r.reported("dev"); len(got) != 0 {
					t.Errorf("reported before: %+v", got)
				}
				later(20 * time.Second) // a request may be under way
				synctest.Wait()
				if got := r.reported("dev"); !slices.Equal(got, []Result{c.want, c.want}) {
					t.Errorf("reported %+v", got)
				}
				if pushes, lanes := r.left(); pushes != 0 || lanes != 0 {
					t.Errorf("%d pushes in %d lanes are left", pushes, lanes)
				}
			})
		})
	}
}

// Of a device that is held back for long, each push is reported when its own time is up, and the others keep waiting.
func TestPushesOfADeviceEndEachAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(_ *http.Request, attempt int) *answer {
			if attempt == 1 {
				return status(429, "Retry-After", "1200")
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.run(t)
		start := time.Now()
		at := map[time.Duration]time.Duration{} // time to live → when it was dropped
		for i, ttl := range []time.Duration{25 * time.Minute, 10 * time.Minute, 15 * time.Minute, time.Minute} {
			p := r.push(t, "dev")
			p.Deadline = p.Queued.Add(ttl)
			p.Report = func(r Result) {
				if r.Outcome == Dropped {
					at[ttl] = time.Since(start)
				}
			}
			if err := r.sender.Add(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				synctest.Wait() // the rest is added to a lane that waits already
			}
		}
		later(time.Hour)
		synctest.Wait()
		want := map[time.Duration]time.Duration{10 * time.Minute: 10 * time.Minute, 15 * time.Minute: 15 * time.Minute, time.Minute: time.Minute}
		if !maps.Equal(at, want) {
			t.Errorf("dropped at %v", at)
		}
		got := push.deliveries()
		if len(got) != 2 || got[1].at.Sub(got[0].at) != 20*time.Minute {
			t.Errorf("%d attempts, the last at %v", len(got), got[len(got)-1].at.Sub(start))
		}
	})
}

func TestAPushThatNobodyHadTimeForIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newService(nil), nil)
		r.add(t, "dev")
		later(31 * time.Minute)
		r.run(t)
		synctest.Wait()
		if got := r.reported("dev"); !slices.Equal(got, []Result{{Outcome: Dropped, Abandoned: true}}) {
			t.Errorf("reported %+v", got)
		}
	})
}
