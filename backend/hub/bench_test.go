//go:build unix

package hub_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"securepush/api"
	"securepush/backend/hub"
	"securepush/webpush"
)

// BenchmarkSendToTag sends one notification to 10,000 devices of a tag, which are away, through the embedded push service.
// It says which part of the processor time encrypting as many messages takes by itself: the bar is 80 %. Time on the clock
// would depend on what else the machine does.
func BenchmarkSendToTag(b *testing.B) {
	const devices, each = 10_000, 10
	var accepted atomic.Int64
	s := newStack(b, 1_000_000, &accepted)
	var keys *webpush.Keys
	for i := 0; i < devices; i += each {
		var conn *websocket.Conn
		conn, keys = s.subscribe(b, fmt.Sprintf("dev-%05d", i), channel)
		for j := i + 1; j < i+each; j++ {
			in := s.store.devices[i]
			in.InstallationID = fmt.Sprintf("dev-%05d", j)
			in.PushChannel.Endpoint = s.ask(b, conn, fmt.Sprintf(`{"messageType":"register","channelID":"00000000-0000-4000-8000-%012d","key":%q}`, j, s.signer.PublicKey())).PushEndpoint
			s.store.devices = append(s.store.devices, in)
		}
		_ = conn.Close()
	}
	var floor, spent, clock time.Duration
	sends := 0
	for b.Loop() {
		floor += sealFloor(b, keys, devices) // each time, since the machine may have others to serve
		accepted.Store(0)
		start, busy := time.Now(), processorTime(b)
		if n, err := s.hub.Send(b.Context(), "username:anna", api.NewID(), hub.SendOptions{}); n != devices || err != nil {
			b.Fatalf("%d devices, %v", n, err)
		}
		for accepted.Load() < devices {
			time.Sleep(time.Millisecond) //nolint:forbidigo // a benchmark that spins would take part of what it measures
		}
		spent += processorTime(b) - busy
		clock += time.Since(start)
		sends++
	}
	b.ReportMetric(float64(devices*sends)/clock.Seconds(), "pushes/s")
	b.ReportMetric(100*float64(floor)/float64(spent), "%-of-encryption")
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
