package pushlistener

import (
	"context"
	"slices"
	"testing"
	"time"

	"securepush/api"
)

// BenchmarkPushToToast measures from the edge's call of Push to the call of Show, with a back end and a desktop in
// memory and the journal on a real disk; p50 and p99 are in microseconds. The wait for the journal, which is beside the
// toast, is outside.
func BenchmarkPushToToast(b *testing.B) {
	j := openJournal(b, journalPath(b))
	s, edge := &server{}, &wire{channel: api.PushChannel{Endpoint: "https://push.example/1"}}
	shown := make(chan time.Time, 1)
	screen := &desktop{show: func(Toast) error { shown <- time.Now(); return nil }}
	l := New(Options{Journal: j, Backend: s, Toasts: screen, Edge: edge, ToastsPerMinute: -1, Sealer: func() Sealer { return xor{} }})
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	l.Tell(SignedIn{Account: "anna"})
	for edge.handler.Load() == nil || l.Snapshot().Synced.IsZero() {
		time.Sleep(time.Millisecond) //nolint:forbidigo // a benchmark has no virtual time
	}
	h := *edge.handler.Load()
	took := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	for b.Loop() {
		id := s.put(1)[0]
		begin := time.Now()
		if err := h.Push(ctx, []byte(id)); err != nil {
			b.Fatal(err)
		}
		took = append(took, (<-shown).Sub(begin))
		for { // the next toast waits until this one is noted, so let it be
			if known, err := j.lookup(id); err != nil || known[0].fate == fateShown {
				break
			}
			time.Sleep(50 * time.Microsecond) //nolint:forbidigo // as above
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStep is the state machine alone: a push, its fetch, its toast and its note.
func BenchmarkStep(b *testing.B) {
	w := up(b)
	w.s.limit = 0
	b.ReportAllocs()
	for b.Loop() {
		n := api.Notification{ID: "aaaaaaaaaaaaaaaaaaaaaa", Payload: "Text", CreatedAt: w.now}
		w.s.step(pushed{id: n.ID}, w.now)
		w.s.step(fetched{gen: w.s.gen, ids: []api.ID{n.ID}, items: []api.Notification{n}, known: []record{{}}}, w.now)
		w.s.step(toasted{}, w.now)
		w.s.step(noted{finishes: []api.ID{n.ID}}, w.now)
	}
	if w.s.seen.Counters.Shown == 0 || len(w.s.items) != 0 {
		b.Fatalf("shown %d, left %d", w.s.seen.Counters.Shown, len(w.s.items))
	}
}
