//go:build unix

package delivery_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"securepush/api"
	"securepush/backend/hub/delivery"
	"securepush/webpush"
)

// BenchmarkDelivery sends one message to 10,000 devices, which are away, through the embedded push service. It says which
// part of the processor time encrypting as many messages takes by itself: the bar is 80 %. Time on the clock would depend on
// what else the machine does.
func BenchmarkDelivery(b *testing.B) {
	const devices, each = 10_000, 10
	s := newStack(b, 1_000_000)
	var keys *webpush.Keys
	pushes := make([]delivery.Push, 0, devices)
	for i := 0; i < devices; i += each {
		var conn *websocket.Conn
		var p delivery.Push
		conn, keys, p = s.subscribe(b)
		pushes = append(pushes, p)
		for j := i + 1; j < i+each; j++ {
			p.Endpoint = s.register(b, conn, fmt.Sprintf("00000000-0000-4000-8000-%012d", j))
			pushes = append(pushes, p)
		}
		_ = conn.Close()
	}
	var floor, spent, clock time.Duration
	sends := 0
	for b.Loop() {
		id := api.NewID()
		for some := range slices.Chunk(pushes, devices/20) { // taking turns, since the machine may have others to serve
			floor += sealFloor(b, keys, len(some))
			start, busy := time.Now(), processorTime(b)
			send(b, s.sender, id, some)
			spent += processorTime(b) - busy
			clock += time.Since(start)
		}
		sends++
	}
	b.ReportMetric(float64(devices*sends)/clock.Seconds(), "pushes/s")
	b.ReportMetric(100*float64(floor)/float64(spent), "%-of-encryption")
}

// send adds a message to each device and waits until all are sent.
func send(b *testing.B, s *delivery.Sender, id api.ID, pushes []delivery.Push) {
	var left sync.WaitGroup
	body, now := api.EncodePush(id), time.Now()
	report := func(r delivery.Result) {
		if r.Outcome != delivery.Success {
			b.Error(r)
		}
		left.Done()
	}
	for _, p := range pushes {
		left.Add(1)
		p.Body, p.Topic, p.Queued, p.Deadline, p.Report = body, string(id), now, now.Add(time.Hour), report
		if err := s.Add(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
	left.Wait()
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

// BenchmarkQueued says how much memory a push takes while it waits, beside the texts that its caller gave: handle, keys, and
// the body, which all share.
func BenchmarkQueued(b *testing.B) {
	const pushes = 100_000
	for _, devices := range []int{pushes, 1000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			key, err := webpush.GenerateVAPID()
			if err != nil {
				b.Fatal(err)
			}
			given := make([]delivery.Push, devices)
			now := time.Now()
			for i := range given {
				given[i] = delivery.Push{
					Endpoint: fmt.Sprintf("https://push.example/%0160d", i), Body: make([]byte, 100),
					Queued: now, Deadline: now.Add(time.Hour), Report: func(delivery.Result) {},
				}
				given[i].Body = given[0].Body
			}
			for b.Loop() {
				s, err := delivery.New(delivery.Options{Signer: webpush.NewSigner(key, "mailto:test@example.org", nil)})
				if err != nil {
					b.Fatal(err)
				}
				before := heap()
				for i := range pushes {
					if err := s.Add(b.Context(), given[i%devices]); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(heap()-before)/pushes, "B/queued")
				runtime.KeepAlive(s)
			}
			runtime.KeepAlive(given)
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
