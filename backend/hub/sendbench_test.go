//go:build unix

package hub_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"securepush/api"
	"securepush/backend/hub"
	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/backend/store"
	"securepush/webpush"
)

// catcher is a sender that delivers nothing.
type catcher struct{ pushes chan delivery.Push }

// Add catches a push.
func (c catcher) Add(_ context.Context, p delivery.Push) error {
	c.pushes <- p
	p.Report(delivery.Result{Outcome: delivery.Success})
	return nil
}

// Once is not used.
func (catcher) Forget(string) {}

func (c catcher) Once(context.Context, delivery.Push) delivery.Result { return delivery.Result{} }

// BenchmarkSendToUser takes the way from a request to the queue of the one device that has a tag, among ever more that have
// others: the time must not grow.
func BenchmarkSendToUser(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 10_000 && testing.Short() {
				b.Skip("takes a minute to prepare")
			}
			c := catcher{pushes: make(chan delivery.Push, 1)}
			s := startHub(b, c)
			fill(b, s.store, n)
			var i int
			times := make([]time.Duration, 0, 1<<16)
			for b.Loop() {
				i = (i + 7919) % n
				start := time.Now()
				s.send(fmt.Sprintf("username:u%06d", i), []byte("7"))
				if p := <-c.pushes; !strings.HasSuffix(p.Endpoint, fmt.Sprintf("/d%06d", i)) {
					b.Fatal("another device")
				}
				times = append(times, time.Since(start))
			}
			reportTimes(b, times)
		})
	}
}

// BenchmarkPostToPush is the way from a request to the hub until the push service is asked, with signatures checked, the tag
// looked up, and the push encrypted. The floor is the way from [delivery.Sender.Add].
func BenchmarkPostToPush(b *testing.B) {
	arrived := make(chan struct{}, 1)
	sender := must(delivery.New(delivery.Options{
		Signer: webpush.NewSigner(must(webpush.GenerateVAPID())(b), "mailto:test@example.org", nil), HTTP: arriving(arrived),
	}))(b)
	s := startHub(b, sender, sender.Run)
	fill(b, s.store, 1000)
	keys := must(webpush.GenerateKeys())(b)
	b.Run("floor", func(b *testing.B) {
		var times []time.Duration
		for b.Loop() {
			start := time.Now()
			if err := sender.Add(b.Context(), delivery.Push{Endpoint: "https://push.example/a", P256DH: keys.P256DH(), Auth: keys.Auth(), Body: []byte("7")}); err != nil {
				b.Fatal(err)
			}
			<-arrived
			times = append(times, time.Since(start))
		}
		reportTimes(b, times)
	})
	b.Run("hub", func(b *testing.B) {
		var times []time.Duration
		for i := 0; b.Loop(); i++ {
			start := time.Now()
			s.send(fmt.Sprintf("username:u%06d", i%1000), []byte("7"))
			<-arrived
			times = append(times, time.Since(start))
		}
		reportTimes(b, times)
	})
}

type arriving chan struct{}

// RoundTrip notes that a push has come.
func (a arriving) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	a <- struct{}{}
	return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func reportTimes(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}

// startHub starts a hub with a sender, and what else is to run.
func startHub(b *testing.B, sender hub.Sender, more ...func(context.Context) error) *stack {
	db := must(store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "hub.db")}))(b)
	own := record.Rule{Name: "Own", Rights: record.Manage, Primary: record.NewRuleKey()} // as the back end has it
	s := &stack{t: b, store: db, rule: own}
	h := must(hub.New(hub.Options{PublicURL: must(url.Parse("https://hub.example"))(b), Store: db, Sender: sender, Own: &own}))(b)
	s.client = http.Client{Transport: h.Transport(http.DefaultTransport)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	var running sync.WaitGroup
	for _, run := range append(more, h.Run, db.Run) {
		running.Go(func() { _ = run(ctx) })
	}
	b.Cleanup(func() { cancel(); running.Wait(); _ = db.Close() })
	return s
}

// fill registers n devices, each with a tag of its own and one that all have.
func fill(b *testing.B, db *store.Store, n int) {
	keys := must(webpush.GenerateKeys())(b)
	g, ctx := errgroup.WithContext(b.Context())
	g.SetLimit(256) // the store writes together what comes together
	for i := range n {
		g.Go(func() error {
			_, err := db.PutRegistration(ctx, record.Registration{
				ID: fmt.Sprintf("r%06d", i), Platform: record.Browser, Handle: fmt.Sprintf("https://push.example/d%06d", i),
				P256DH: keys.P256DH(), Auth: keys.Auth(), Tags: []string{fmt.Sprintf("username:u%06d", i), "all"},
			}, "")
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSendToTag sends one notification to 10,000 devices of a tag, which are away, through the embedded push service.
// It says which part of the processor time encrypting as many messages takes by itself: the bar is 80 %. Time on the clock
// would depend on what else the machine does. The heap is the largest while it sends, beside what there was before.
func BenchmarkSendToTag(b *testing.B) {
	const devices, each = 10_000, 10
	var accepted atomic.Int64
	s := newStack(b, 1_000_000, &accepted)
	keys := must(webpush.GenerateKeys())(b)
	g, ctx := errgroup.WithContext(b.Context())
	g.SetLimit(256)
	for i := 0; i < devices; i += each {
		conn := s.device()
		for j := i; j < i+each; j++ {
			endpoint := s.subscribe(conn, fmt.Sprintf("00000000-0000-4000-8000-%012d", j))
			g.Go(func() error {
				_, err := s.store.PutRegistration(ctx, record.Registration{
					ID: fmt.Sprintf("r%06d", j), Platform: record.Browser, Handle: endpoint,
					P256DH: keys.P256DH(), Auth: keys.Auth(), Tags: []string{"username:anna"},
				}, "")
				return err
			})
		}
		_ = conn.Close()
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	var floor, spent, clock time.Duration
	var heap uint64
	sends := 0
	for b.Loop() {
		floor += sealFloor(b, keys, devices) // each time, since the machine may have others to serve
		accepted.Store(0)
		runtime.GC()
		before := heapInUse()
		start, busy := time.Now(), processorTime(b)
		s.send("username:anna", api.EncodePush(api.NewID()))
		for accepted.Load() < devices {
			time.Sleep(time.Millisecond) //nolint:forbidigo // a benchmark that spins would take part of what it measures
			heap = max(heap, heapInUse()-min(before, heapInUse()))
		}
		spent += processorTime(b) - busy
		clock += time.Since(start)
		sends++
	}
	b.ReportMetric(float64(devices*sends)/clock.Seconds(), "pushes/s")
	b.ReportMetric(100*float64(floor)/float64(spent), "%-of-encryption")
	b.ReportMetric(float64(heap)/(1<<20), "MB-of-heap")
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// processorTime is what this process has used of all processors.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sealFloor is the processor time that the encryption of n messages takes.
func sealFloor(b *testing.B, keys *webpush.Keys, n int) time.Duration {
	var g sync.WaitGroup
	var next atomic.Int64
	body := api.EncodePush(api.NewID())
	start := processorTime(b)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() {
			for next.Add(1) <= int64(n) {
				if _, err := webpush.Seal(keys.P256DH(), keys.Auth(), body); err != nil {
					b.Error(err)
				}
			}
		})
	}
	g.Wait()
	return processorTime(b) - start
}
