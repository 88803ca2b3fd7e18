package pushlistener

import (
	"slices"
	"testing"
)

func TestMailbox(t *testing.T) {
	m := newMailbox[int]()
	for i := range 3 {
		if got, want := m.put(i, 2), i < 2; got != want {
			t.Errorf("put %d: %v", i, got)
		}
	}
	if !m.put(7, 0) {
		t.Error("an answer was refused")
	}
	<-m.ready
	if got := m.take(nil); !slices.Equal(got, []int{0, 1, 7}) {
		t.Errorf("took %v", got)
	}
	if got := m.take(make([]int, 0, 2*maxSpare)); got != nil || cap(m.queue) != 0 {
		t.Errorf("took %v, and keeps room for %d", got, cap(m.queue))
	}
}

func TestDelays(t *testing.T) {
	for i, want := range []string{"1s", "2s", "3s", "5s", "8s", "45s", "1m15s", "2m15s", "2m45s", "2m45s"} {
		if got := delay(i+1, 0.5).String(); got != want {
			t.Errorf("after failure %d: %s, want %s", i+1, got, want)
		}
	}
	for n := range 100 {
		for _, r := range []float64{0, 0.999} {
			if d := delay(n, r); d < 900_000_000 || d > longestDelay {
				t.Errorf("after failure %d: %s", n, d)
			}
		}
	}
}
