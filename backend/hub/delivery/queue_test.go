package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheOldestPushesOfADeviceGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(nil)
		r := newRig(t, push, func(o *Options) { o.PerDevice = 3 })
		texts := []string{"1", "2", "3", "4", "5"}
		var dropped []string
		for _, text := range texts {
			p := r.push(t, "dev")
			p.Body = []byte(text)
			p.Report = func(r Result) {
				if r.Outcome == Dropped {
					dropped = append(dropped, text)
				}
			}
			if err := r.sender.Add(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		r.run(t)
		synctest.Wait()
		var got []string
		for _, d := range push.deliveries() {
			text, err := r.keys["dev"].Open(d.body)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(text))
		}
		if !slices.Equal(got, texts[2:]) || !slices.Equal(dropped, texts[:2]) {
			t.Errorf("sent %v and dropped %v of %v", got, dropped, texts)
		}
	})
}

func TestAddWaitsWhileTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(nil)
		r := newRig(t, push, func(o *Options) { o.Queue = 2 })
		r.add(t, "dev", "dev")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.sender.Add(ctx, r.push(t, "dev")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("adding to a full queue: %v", err)
		}
		r.run(t)
		r.add(t, "dev")
		synctest.Wait()
		if n := len(push.deliveries()); n != 3 {
			t.Errorf("%d pushes", n)
		}
	})
}

func TestManyWhoWaitForRoomAllGetIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newService(nil), func(o *Options) { o.Queue = 1 })
		pushes := make([]Push, 50)
		for i := range pushes {
			pushes[i] = r.push(t, "dev-"+strconv.Itoa(i%7))
		}
		var adding sync.WaitGroup
		for _, p := range pushes {
			adding.Go(func() {
				if err := r.sender.Add(t.Context(), p); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		r.run(t)
		adding.Wait()
	})
}

func TestWhoWaitsForRoomIsToldOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newService(func(r *http.Request, _ int) *answer { <-r.Context().Done(); return nil }), func(o *Options) { o.Queue = 1 })
		stop := r.run(t)
		r.add(t, "dev")
		synctest.Wait() // under way
		r.add(t, "dev")
		p := r.push(t, "dev")
		var err error
		var after time.Duration
		start := time.Now()
		var adding sync.WaitGroup
		adding.Go(func() { err, after = r.sender.Add(t.Context(), p), time.Since(start) })
		synctest.Wait()
		stop()
		adding.Wait()
		if !errors.Is(err, errStopped) || after > 0 {
			t.Errorf("told after %v: %v", after, err)
		}
	})
}

// What was dropped and not reported takes memory, too.
func TestReportsThatAreNotTakenFillTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newService(nil), func(o *Options) { o.Queue, o.PerDevice = 10, 1 })
		for range 10 {
			r.add(t, "dev")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.sender.Add(ctx, r.push(t, "dev")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nine reports and a push leave room in a queue of ten: %v", err)
		}
	})
}

// They make room by being taken, not by more pushes being dropped.
func TestReportsThatFillTheQueueDropNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newService(func(r *http.Request, _ int) *answer {
			if r.URL.Path == "/held" {
				return status(503, "Retry-After", "60")
			}
			<-r.Context().Done()
			return nil
		}), func(o *Options) { o.Queue, o.PerDevice = 10, 1 })
		r.run(t)
		r.add(t, "held", "hangs")
		synctest.Wait()
		taken := make(chan struct{})
		p := r.push(t, "hangs")
		p.Report = func(Result) { <-taken }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 20 {
			if err := r.sender.Add(ctx, p); err != nil {
				break
			}
			synctest.Wait()
		}
		if ctx.Err() == nil {
			t.Error("there is room for all")
		}
		close(taken)
		synctest.Wait()
		if got := r.reported("held"); len(got) > 0 {
			t.Errorf("reported %+v", got)
		}
	})
}

func TestAPushThatComesBackGivesWayToLaterOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		push := newService(func(_ *http.Request, attempt int) *answer {
			<-release
			return status(500)
		})
		r := newRig(t, push, func(o *Options) { o.PerDevice = 2 })
		r.run(t)
		var dropped []int
		for i := range 3 {
			p := r.push(t, "dev")
			p.Report = func(Result) { dropped = append(dropped, i) }
			if err := r.sender.Add(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		if pushes, _ := r.left(); pushes != 2 || !slices.Equal(dropped, []int{0}) {
			t.Errorf("%d pushes are left, %v were dropped", pushes, dropped)
		}
	})
}

func TestAFullQueueShedsWhatCannotBeSentNow(t *testing.T) {
	for name, answers := range map[string]func(*http.Request) *answer{
		"a service that fails":          func(*http.Request) *answer { return status(500) },
		"a service that cannot be had":  func(*http.Request) *answer { return nil },
		"a service that hangs for ever": func(r *http.Request) *answer { <-r.Context().Done(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				push := newService(func(r *http.Request, _ int) *answer {
					if r.URL.Host == "dead.example" {
						return answers(r)
					}
					return status(201)
				})
				r := newRig(t, push, func(o *Options) { o.Queue = 10 })
				r.run(t)
				for i := range 14 {
					r.add(t, fmt.Sprintf("https://dead.example/%d", i%7))
				}
				later(21 * time.Second) // one request, so that it is known that they hang
				start := time.Now()
				for range 50 {
					r.add(t, "fine")
					synctest.Wait()
				}
				if waited := time.Since(start); waited > 0 {
					t.Errorf("waited for %v", waited)
				}
				if pushes, _ := r.left(); pushes > 10 {
					t.Errorf("%d pushes are queued", pushes)
				}
				if n := push.attempts("fine"); n != 50 {
					t.Errorf("%d of 50 pushes went to the device that works", n)
				}
			})
		})
	}
}

// When a push service hangs, most of its devices wait for others of them.
func TestAFullQueueShedsWhatWaitsForAServiceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if r.URL.Host == "push.example" {
				return status(201)
			}
			<-r.Context().Done()
			return nil
		})
		r := newRig(t, push, func(o *Options) { o.Queue = 10 })
		r.run(t)
		dead := func(i int) string { return fmt.Sprintf("https://dead.example/%d", i) }
		for i := range 12 {
			r.add(t, dead(i))
			synctest.Wait()
		}
		later(20 * time.Second)
		synctest.Wait()
		r.sender.Forget(endpointOf(dead(0))) // the two that were tried
		r.sender.Forget(endpointOf(dead(1)))
		r.add(t, dead(12), dead(13))
		start := time.Now()
		r.add(t, "fine")
		if waited := time.Since(start); waited > 0 {
			t.Errorf("waited for %v", waited)
		}
	})
}

// An origin of which more is waiting than its share of workers can send is not one that cannot be sent to.
func TestAFullQueueShedsNothingOfAServiceThatWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(*http.Request, int) *answer { later(time.Second); return status(201) })
		r := newRig(t, push, func(o *Options) { o.Queue = 10 })
		r.run(t)
		for i := range 100 {
			r.add(t, "dev-"+strconv.Itoa(i))
		}
		later(time.Minute)
		if n := len(push.deliveries()); n != 100 {
			t.Errorf("%d of 100 pushes", n)
		}
	})
}

func TestPushesOfOneMessageShareIt(t *testing.T) {
	r := newRig(t, newService(nil), nil)
	p := r.push(t, "a")
	q := p
	q.Endpoint, q.Queued = endpointOf("b"), p.Queued.Local().Round(0)
	other := p
	other.Endpoint, other.Topic = endpointOf("c"), "another"
	for _, p := range []Push{p, q, other} {
		if err := r.sender.Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	lanes := r.sender.queue.lanes
	of := func(device string) *message { return lanes[endpointOf(device)].pushes[0].message }
	if of("a") != of("b") || of("a") == of("c") {
		t.Error("the same message is kept twice, or another for it")
	}
}

func TestTheQueueIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(_ *http.Request, attempt int) *answer {
			return status([]int{503, 201}[min(attempt/2, 1)], "Retry-After", "60")
		})
		r := newRig(t, push, func(o *Options) { o.QueueBytes, o.PerDevice = 3000, 2 })
		add := func(device string) error {
			p := r.push(t, device)
			p.Body = make([]byte, 1000)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return r.sender.Add(ctx, p)
		}
		for _, device := range []string{"a", "a", "a", "b"} { // the third drops the first
			if err := add(device); err != nil {
				t.Fatal(err)
			}
		}
		if err := add("b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("3000 bytes leave room: %v", err)
		}
		stop := r.run(t)
		synctest.Wait()
		if err := add("b"); err != nil {
			t.Error(err)
		}
		later(time.Hour)
		stop()
		if q := r.sender.queue; q.total != 0 || q.bytes != 0 {
			t.Errorf("%d pushes of %d bytes are left", q.total, q.bytes)
		}
	})
}
