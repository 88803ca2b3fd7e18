package ui

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

// ofTenThousand is a window with an inbox of as many, all of them here.
func ofTenThousand(b *testing.B) *window {
	b.Helper()
	agent := presenttest.NewAgent()
	signedIn(&agent.Now)
	queue := make(chan func(), 1000)
	w, err := newWindow(test.NewTempApp(b), Deps{Agent: agent, Post: func(f func()) { queue <- f }})
	if err != nil {
		b.Fatal(err)
	}
	w.win.Resize(wide)
	w.shell.Run()
	b.Cleanup(w.shell.Close)
	for w.shell.Page() != present.PageInbox || !w.shell.Inbox.Loaded {
		(<-queue)()
	}
	w.shell.Inbox.Items = tenThousand()
	w.render()
	return w
}

// report tells how long the slowest took, and one in the middle.
func report(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(took[len(took)-1])/1e6, "slowest-ms")
}

// BenchmarkTypeInSearchOfTenThousand measures from a key to everything being laid out anew, without the drawing itself. Each
// letter fits all of the items. A frame has 16.7 ms.
func BenchmarkTypeInSearchOfTenThousand(b *testing.B) {
	w := ofTenThousand(b)
	w.win.Canvas().Focus(w.header.search)
	var took []time.Duration
	for b.Loop() {
		for _, r := range "lab" {
			start := time.Now()
			w.header.search.TypedRune(r)
			took = append(took, time.Since(start))
		}
		b.StopTimer()
		if n := len(w.list.items); n != 10000 {
			b.Fatalf("%d found", n)
		}
		w.header.search.onEscape()
		b.StartTimer()
	}
	report(b, took)
}

// BenchmarkScrollTenThousand measures steps of three rows, as a wheel makes them, through all of the list.
func BenchmarkScrollTenThousand(b *testing.B) {
	w := ofTenThousand(b)
	var took []time.Duration
	at := float32(0)
	for b.Loop() {
		at += 3 * itemHeight
		if at > 9000*itemHeight {
			at = 0
		}
		start := time.Now()
		w.list.list.ScrollToOffset(at)
		took = append(took, time.Since(start))
	}
	report(b, took)
}
