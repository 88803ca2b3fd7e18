//go:build linux

package faults

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// burst sends very many at once to a person whose toasts are limited as they are by default.
var burst = fault{name: "burst of 10,000: five toasts and one digest", runs: 1, short: 1, drive: (*row).burst}

// mostOfBurst is what a listener may take for itself meanwhile, in bytes.
const mostOfBurst = 64 << 20

func (r *row) burst(t *testing.T) {
	n := 10_000
	if !*full {
		n = 1_000
	}
	w := newWorld(t, options{senders: n / 100, config: "\n"})
	own := w.watchMemory()
	var senders sync.WaitGroup
	for range 20 {
		senders.Go(func() { w.send(n / 20) })
	}
	senders.Wait()
	sent := time.Now()
	defer func() { r.done, r.sent, r.stuck, r.shown = 1, n+1, w.stuck, w.screen.shownPrompts() }()

	shown := 0
	await(t, "the digest has all", func() bool { shown = w.singles() + w.digested(); return shown >= n+1 })
	w.stuck = time.Since(sent)
	w.until("it is at rest", func() bool { return w.status().Waiting == 0 })
	r.lost, r.doubled = max(n+1-w.singles()-w.digested(), 0), max(w.singles()+w.digested()-n-1, 0)
	if r.lost > 0 || r.doubled > 0 || w.screen.shownPrompts() > 0 {
		t.Errorf("of %d, %d were shown by themselves and %d in the digest; %d prompts", n+1, w.singles(), w.digested(), w.screen.shownPrompts())
	}
	stack := map[string]bool{}
	for _, c := range w.ledger.digests() {
		stack[c.stack] = true
	}
	if len(stack) != 1 {
		t.Errorf("there were %d digests beside each other", len(stack))
	}
	w.until("the inbox has all", func() bool { return w.status().Unread == n+1 })
	if most := own(); most > mostOfBurst {
		t.Errorf("the listener took %d MB", most>>20)
	}
}

// singles counts the notifications that had a toast of their own.
func (w *world) singles() int {
	sent, missing, _, _ := w.ledger.totals()
	return sent - missing
}

// digested is how many notifications the digest that stands is about.
func (w *world) digested() int {
	for _, c := range w.screen.stands() {
		if count, ok := strings.CutSuffix(c.summary, " new notifications"); ok {
			n, err := strconv.Atoi(count)
			if err == nil {
				return n
			}
		}
	}
	return 0
}

// watchMemory looks at the listener's own memory until the returned function is called, which says how much it was at most.
func (w *world) watchMemory() func() int64 {
	var most int64
	stop, done := make(chan struct{}), make(chan struct{})
	again := time.NewTicker(50 * time.Millisecond)
	go func() {
		defer close(done)
		for {
			most = max(most, w.listener().anonymous(w))
			select {
			case <-again.C:
			case <-stop:
				return
			}
		}
	}()
	end := sync.OnceFunc(func() { again.Stop(); close(stop); <-done })
	w.Cleanup(end)
	return func() int64 { end(); return most }
}
