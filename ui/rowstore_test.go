package ui

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func TestAListGetsTheRowsAgainThatItHasLetGo(t *testing.T) {
	made := 0
	s := newRowStore(func() int { made++; return made })
	held := []int{s.take(), s.take(), s.take()}
	draw := func(rows ...int) func() {
		return func() {
			for _, r := range rows {
				s.drawn(r)
			}
		}
	}
	s.around(draw(held[0], held[2]), false)
	if got := s.take(); got != held[1] {
		t.Errorf("row %d, not the one that was let go", got)
	}
	if got := s.take(); got != 4 {
		t.Errorf("row %d is given twice", got)
	}
	s.around(draw(), false)
	if got := s.take(); got != 5 {
		t.Errorf("row %d is given again, but a list without room holds it", got)
	}
	s.around(draw(), true)
	for range 5 {
		s.take()
	}
	if made != 5 {
		t.Errorf("%d rows made; an empty list holds none", made)
	}
}

// traffic is one that arrives, is opened and deleted, and a look at the end of the list.
func (s *stage) traffic(n int) {
	s.agent.Do(func(f *presenttest.Agent) {
		f.Items = slices.Insert(slices.Clone(f.Items), 0, note(10_000+n, 0, "Lab", "Result", "It is here.", "", false))
	})
	s.agent.Tell(local.Change{Kind: local.ChangeInbox})
	s.Settle()
	s.key(fyne.KeyHome, fyne.KeyDown, fyne.KeyUp, fyne.KeyDelete)
	s.Pass(time.Minute) // until it cannot be undone
	s.w.list.list.ScrollToBottom()
	s.w.list.list.Refresh()
	s.w.list.list.ScrollToTop()
}

// liveObjects is how many the heap holds.
func liveObjects() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools keep what they have over one
	runtime.ReadMemStats(&m)
	return m.HeapObjects
}

// TestTheWindowDoesNotGrowWithWhatPassesThroughIt holds without the clearing that the toolkit does while it draws.
func TestTheWindowDoesNotGrowWithWhatPassesThroughIt(t *testing.T) {
	items := make([]api.Notification, 40)
	for i := range items {
		items[i] = note(i, time.Duration(i)*time.Minute, "Lab", "Title", "Text", "", true)
	}
	perform(t, wide, withItems(items...), func(s *stage) {
		const warm, all = 20, 120
		var rows int
		var objects uint64
		for n := range all {
			if n == warm {
				rows, objects = len(s.w.list.list.store.all), liveObjects()
			}
			s.traffic(n)
		}
		now := liveObjects()
		t.Logf("%d rows, %d objects after a few; %d rows, %d objects after many", rows, objects, len(s.w.list.list.store.all), now)
		if got := len(s.agent.Items); got != len(items) {
			t.Fatalf("%d are left of those that came and went", got)
		}
		if got := len(s.w.list.list.store.all); got > 2*rows {
			t.Errorf("%d rows were made after a few had passed, %d after many", rows, got)
		}
		if now > objects+objects/4 {
			t.Errorf("%d objects lived after a few had passed, %d after many", objects, now)
		}
	})
}
