package delivery

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestASuccessEndsTheBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(_ *http.Request, attempt int) *answer {
			if attempt <= 8 || attempt == 10 {
				return status(500)
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.run(t)
		r.add(t, "dev", "dev")
		later(time.Hour)
		got := push.deliveries()
		if len(got) != 11 {
			t.Fatalf("%d attempts", len(got))
		}
		if d := got[10].at.Sub(got[9].at); d > firstRetry {
			t.Errorf("after a success, the first retry comes after %v", d)
		}
	})
}

func TestADeviceThatIsHeldBackHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if strings.HasSuffix(r.URL.Path, "/slow") {
				return status(503, "Retry-After", "600")
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.run(t)
		for range 100 {
			r.add(t, "fast", "slow")
		}
		synctest.Wait()
		if fast, slow := push.attempts("fast"), push.attempts("slow"); fast != 100 || slow != 1 {
			t.Errorf("%d and %d attempts; one for the device that is held back, not one for each push", fast, slow)
		}
	})
}

func TestAnOriginThatHangsLeavesWorkersForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if r.URL.Host == "hangs.example" {
				<-r.Context().Done()
				return nil
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.run(t)
		start := time.Now()
		for i := range 20 {
			r.add(t, fmt.Sprintf("https://hangs.example/%d", i))
		}
		r.add(t, "z")
		for d := range push.seen {
			if d.endpoint == endpointOf("z") {
				break
			}
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("waited for %v", waited)
		}
		later(4 * time.Minute) // two at a time, 20 s each
		hung := map[string]bool{}
		for _, d := range push.deliveries() {
			hung[d.endpoint] = true
		}
		if len(hung) != 21 {
			t.Errorf("%d of 21 endpoints were tried", len(hung))
		}
	})
}

func TestADeviceThatIsGoneTakesAllItsPushesAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		push := newService(func(r *http.Request, _ int) *answer {
			if !strings.HasSuffix(r.URL.Path, "/gone") {
				return status(201)
			}
			<-release
			return status(410)
		})
		r := newRig(t, push, nil)
		r.run(t)
		r.add(t, "gone", "fine", "gone", "gone")
		synctest.Wait()
		close(release)
		synctest.Wait()
		want := Result{Outcome: ExpiredChannel, Status: 410}
		if got := r.reported("gone"); !slices.Equal(got, []Result{want, want, want}) {
			t.Errorf("reported %+v", got)
		}
		if n := push.attempts("gone"); n != 1 {
			t.Errorf("%d attempts", n)
		}
		r.add(t, "gone") // who adds it again has reason to
		synctest.Wait()
		if n := push.attempts("gone"); n != 2 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestAForgottenDeviceGetsNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		push := newService(func(_ *http.Request, attempt int) *answer {
			if attempt == 2 {
				<-release
			}
			return status(503, "Retry-After", "60")
		})
		r := newRig(t, push, nil)
		r.run(t)
		r.add(t, "held back", "held back")
		synctest.Wait()
		r.sender.Forget(endpointOf("held back"))
		r.add(t, "under way", "under way")
		synctest.Wait()
		r.sender.Forget(endpointOf("under way"))
		r.sender.Forget(endpointOf("unknown"))
		synctest.Wait()
		if got := r.outcomes("under way"); !maps.Equal(got, map[string]int{Dropped: 1}) {
			t.Errorf("before the answer: %v", got)
		}
		close(release)
		later(time.Hour)
		for _, device := range []string{"held back", "under way"} {
			if got := r.outcomes(device); !maps.Equal(got, map[string]int{Dropped: 2}) {
				t.Errorf("%s: %v", device, got)
			}
		}
		if pushes, lanes := r.left(); len(push.deliveries()) != 2 || pushes != 0 || lanes != 0 {
			t.Errorf("%d attempts, %d pushes, %d lanes", len(push.deliveries()), pushes, lanes)
		}
	})
}

// Who forgets a device and takes it in again, as one that signs out and in, gets what comes after.
func TestAForgottenDeviceThatComesBackIsSentTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		push := newService(func(_ *http.Request, attempt int) *answer {
			switch attempt {
			case 1:
				<-release
				return status(503, "Retry-After", "60")
			case 2:
				return status(500)
			default:
				return status(201)
			}
		})
		r := newRig(t, push, nil)
		r.run(t)
		r.add(t, "dev")
		synctest.Wait()
		r.sender.Forget(endpointOf("dev"))
		r.add(t, "dev")
		close(release)
		later(time.Hour)
		if got := r.outcomes("dev"); !maps.Equal(got, map[string]int{Dropped: 1, Success: 1}) {
			t.Errorf("reported %v", got)
		}
		if n := push.attempts("dev"); n != 3 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestADeviceThatIsForgottenLeavesItsTurnToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		push := newService(func(*http.Request, int) *answer {
			<-release
			return status(201)
		})
		r := newRig(t, push, nil) // four workers, two for each origin
		r.run(t)
		devices := []string{"a", "b", "c", "d", "e", "f"}
		for _, d := range devices {
			r.add(t, d)
			synctest.Wait()
		}
		r.sender.Forget(endpointOf("c"))
		r.sender.Forget(endpointOf("d"))
		close(release)
		synctest.Wait()
		if pushes, lanes := r.left(); pushes != 0 || lanes != 0 {
			t.Errorf("%d pushes of %d devices are stuck", pushes, lanes)
		}
		if n := len(push.deliveries()); n != 4 {
			t.Errorf("%d pushes, not 4", n)
		}
	})
}

// Three workers of four may send to origins that are not trusted. When one of them is done and then kept by who is told of it,
// the idle one takes the turn.
func TestATurnIsTakenThoughTheReportOfTheOneBeforeTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, told := make(chan struct{}), make(chan struct{})
		push := newService(func(r *http.Request, _ int) *answer {
			if r.URL.Host == "0.example" {
				<-release
				return status(201)
			}
			<-r.Context().Done()
			return nil
		})
		r := newRig(t, push, nil)
		r.run(t)
		p := r.push(t, "https://0.example/")
		p.Report = func(Result) { <-told }
		if err := r.sender.Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		r.add(t, "https://1.example/", "https://2.example/")
		synctest.Wait()
		r.add(t, "https://3.example/")
		synctest.Wait()
		if n := push.attempts("https://3.example/"); n != 0 {
			t.Fatal("all workers send to origins that are not trusted")
		}
		close(release)
		synctest.Wait()
		if n := push.attempts("https://3.example/"); n != 1 {
			t.Errorf("%d attempts", n)
		}
		close(told)
	})
}

func TestATimerThatFiresTooLateDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newService(func(*http.Request, int) *answer { return status(503, "Retry-After", "60") }), nil)
		r.run(t)
		r.add(t, "a")
		later(time.Second)
		r.add(t, "b")
		synctest.Wait()
		q := r.sender.queue
		q.mu.Lock()
		later(59 * time.Second) // the timer fires and finds the lock taken
		a := q.lanes[endpointOf("a")]
		a.disarm()
		q.drop(a, 1, resultGone, Result{Outcome: Dropped})
		q.remove(a)
		q.mu.Unlock()
		synctest.Wait()
		q.mu.Lock()
		defer q.mu.Unlock()
		if len(q.lanes) != 1 || len(q.origins) != 1 {
			t.Errorf("%d lanes of %d origins", len(q.lanes), len(q.origins))
		}
	})
}

func TestManyOriginsThatHangLeaveWorkersForTheTrustedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if r.URL.Host != "push.example" {
				<-r.Context().Done()
				return nil
			}
			return status(201)
		})
		r := newRig(t, push, func(o *Options) { o.Trusted = []*url.URL{mustURL(t, "https://push.example")} })
		r.run(t)
		for i := range 20 {
			r.add(t, fmt.Sprintf("https://hangs-%d.example/", i))
		}
		synctest.Wait()
		r.add(t, "z")
		synctest.Wait()
		if push.attempts("z") == 0 {
			t.Error("the trusted origin waits for the others")
		}
		later(10 * time.Minute) // three at a time, 20 s each
		tried := map[string]bool{}
		for _, d := range push.deliveries() {
			tried[d.endpoint] = true
		}
		if len(tried) != 21 {
			t.Errorf("%d of 21 endpoints were tried", len(tried))
		}
	})
}
