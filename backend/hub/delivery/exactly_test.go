package delivery

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestEveryPushIsReportedExactlyOnce lets chance decide what devices, push services and callers do, and when everything ends.
func TestEveryPushIsReportedExactlyOnce(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(100) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for r, n := range chance(t, rand.New(rand.NewPCG(seed, 1))) {
					seen[r.Outcome] += n
				}
			})
		})
	}
	for _, outcome := range []string{
		Success, ExpiredChannel, BadChannel, InvalidCredentials, InvalidNotificationSize,
		Throttled, PnsUnreachable, PnsUnavailable, PnsServerError, Dropped, UnknownError,
	} {
		if seen[outcome] == 0 {
			t.Errorf("chance has led to everything but %s", outcome)
		}
	}
}

// tally counts the reports of each push that was taken.
type tally struct {
	mu      sync.Mutex
	taken   map[int]bool
	reports map[int]int
	results map[Result]int
}

func (c *tally) add(n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken[n] = err == nil
}

func (c *tally) report(n int, r Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reports[n]++
	c.results[r]++
}

func chance(t *testing.T, source *rand.Rand) map[Result]int {
	var lock sync.Mutex
	roll := func(n int) int {
		lock.Lock()
		defer lock.Unlock()
		return source.IntN(n)
	}
	push := newService(func(r *http.Request, _ int) *answer { return randomAnswer(r, roll) })
	r := newRig(t, push, func(o *Options) {
		o.Workers, o.Queue, o.PerDevice = 1+roll(6), 1+roll(40), 1+roll(10)
		o.Trusted = []*url.URL{mustURL(t, "https://push.example")}
	})
	devices := []string{"a", "b", "c", "https://one.example/d", "https://one.example/e", "https://one.example/f", "https://dead.example/g", "not a URL"}
	pushes := map[string]Push{}
	for _, d := range devices {
		pushes[d] = r.push(t, d)
	}
	stop := r.run(t)
	c := &tally{taken: map[int]bool{}, reports: map[int]int{}, results: map[Result]int{}}
	const callers, each = 4, 60
	var calling sync.WaitGroup
	for caller := range callers {
		calling.Go(func() {
			for i := range each {
				d := devices[roll(len(devices))]
				p, n := pushes[d], caller*each+i
				p.Queued = time.Now()
				p.Deadline = p.Queued.Add(time.Duration(roll(3600)) * time.Second)
				p.Report = func(r Result) { c.report(n, r) }
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(roll(60))*time.Second)
				c.add(n, r.sender.Add(ctx, p))
				cancel()
				switch roll(12) {
				case 0:
					r.sender.Forget(p.Endpoint)
				case 1:
					r.sender.Once(t.Context(), p)
				case 2, 3:
					later(time.Duration(roll(120)) * time.Second)
				}
			}
		})
	}
	if roll(2) == 0 { // end in the middle
		later(time.Duration(roll(1800)) * time.Second)
		stop()
		calling.Wait()
	} else {
		calling.Wait()
		later(time.Duration(roll(2*3600)) * time.Second)
		stop()
	}
	c.check(t, callers*each)
	if pushes, lanes := r.left(); pushes != 0 || lanes != 0 {
		t.Errorf("%d pushes in %d lanes are left", pushes, lanes)
	}
	return c.results
}

func randomAnswer(r *http.Request, roll func(int) int) *answer {
	later(time.Duration(roll(2000)) * time.Millisecond)
	if r.URL.Host == "dead.example" {
		return nil
	}
	switch roll(10) {
	case 0:
		return status([]int{404, 410, 400, 401, 413, 307}[roll(6)])
	case 1:
		return status([]int{429, 503, 500}[roll(3)], "Retry-After", strconv.Itoa(roll(3000)))
	case 2:
		return status(502)
	case 3:
		return nil
	case 4:
		<-r.Context().Done()
		return nil
	default:
		return status(201)
	}
}

func (c *tally) check(t *testing.T, n int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.taken) != n {
		t.Errorf("%d of %d pushes were given", len(c.taken), n)
	}
	for i, taken := range c.taken {
		if got := c.reports[i]; taken && got != 1 || !taken && got != 0 {
			t.Errorf("push %d, taken: %v, was reported %d times", i, taken, got)
		}
	}
	for r := range c.results {
		if r.Outcome == "" || r.Abandoned && r.Outcome == Success {
			t.Errorf("a result is %+v", r)
		}
	}
}
