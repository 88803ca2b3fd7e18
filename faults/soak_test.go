//go:build linux

package faults

import (
	"context"
	"math/rand/v2"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// mixed are the faults that the soak makes one after the other, and some beside each other. None of them lasts.
func mixed(kills bool) []func(*world, int) {
	gentle := []func(*world, int){
		(*world).calm, (*world).calm, (*world).resets, (*world).networkGoes, (*world).portal, (*world).redirects, (*world).drips,
		(*world).daemonGone, (*world).daemonRestarts, (*world).shortTokens, (*world).siteCannotWrite, (*world).readSome,
	}
	if !kills {
		return gentle
	}
	return append(gentle, (*world).agentDies, (*world).agentDies, (*world).siteDies, (*world).bothDie, (*world).agentDiesStarting,
		(*world).restarts, (*world).twoListeners, (*world).keyringDies)
}

// calm sends without any fault.
func (w *world) calm(i int) {
	w.send(1 + i%few)
	w.settled(time.Now())
}

// readSome reads what came so far, as a person does now and then, and again if the connection was just cut.
func (w *world) readSome(int) {
	w.until("all is read", func() bool { return w.local.MarkAllRead(w.Context()) == nil })
}

func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two minutes")
	}
	t.Parallel()
	start := *seed
	if start == 0 {
		start = rand.Uint64()
	}
	t.Logf("go test -tags headless -run TestSoak ./faults -soak %s -seed %d", *soakTime, start)
	w := newWorld(t, options{})
	w.rnd = rand.New(rand.NewPCG(start, 1))

	calm := w.flicker()
	done := w.mix(mixed(true), *soakTime/2)
	calm()
	w.listener().stop()
	w.listen()
	w.site.running().stop()
	w.site.start()
	w.mix(mixed(false), 5*time.Second) // what is made once is made
	before := w.holdings()
	done += w.mix(mixed(false), *soakTime/2)
	after := w.holdings()

	sent, lost, repeated, doubled := w.ledger.totals()
	t.Logf("%d faults; %d sent, %d lost, %d doubled, %d repeated after %d kills, %d prompts, longest stuck %s",
		done, sent, lost, doubled, repeated, w.kills.Load(), w.screen.shownPrompts(), w.stuck)
	t.Logf("before and after: %+v", [][2]holding{{before[0], after[0]}, {before[1], after[1]}})
	if lost > 0 || doubled > 0 || repeated > int(w.kills.Load()) || len(w.ledger.digests()) > 0 {
		t.Errorf("not accounted for; digests: %+v", w.ledger.digests())
	}
	if prompts := w.screen.shownPrompts(); prompts > done {
		t.Errorf("%d prompts in %d faults", prompts, done)
	}
	for i, name := range []string{"listener", "back end"} {
		after[i].grew(t, name, before[i])
	}
	w.sameGoroutines(t)
}

// flicker cuts connections now and then, beside whatever else happens, until the returned function is called.
func (w *world) flicker() (end func()) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-time.After(time.Duration(200+w.seldom(3000)) * time.Millisecond):
				w.proxy.cut()
			case <-stop:
				return
			}
		}
	}()
	end = sync.OnceFunc(func() { close(stop); <-done })
	w.Cleanup(end)
	return end
}

// mix makes random faults for a while, and says how many.
func (w *world) mix(faults []func(*world, int), lasts time.Duration) int {
	n := 0
	for end := time.Now().Add(lasts); time.Now().Before(end); n++ {
		faults[w.seldom(len(faults))](w, w.seldom(1000))
		w.rests()
	}
	return n
}

// holding is what a process holds.
type holding struct {
	Descriptors int
	Anonymous   int64 // bytes
}

// holdings looks at listener and back end once they are at rest.
func (w *world) holdings() [2]holding {
	w.readSome(0)
	w.until("all is at rest", func() bool { s := w.status(); return s.Waiting == 0 && s.Link == "connected" })
	var out [2]holding
	for i, p := range []*process{w.listener(), w.site.running()} {
		out[i] = holding{p.descriptors(w), p.anonymous(w)}
	}
	return out
}

// What a process may hold more after than before: a few connections and files that come and go, and what a garbage
// collector has not given back yet.
const (
	moreDescriptors = 8
	moreAnonymous   = 24 << 20
)

func (h holding) grew(t *testing.T, name string, before holding) {
	t.Helper()
	if h.Descriptors > before.Descriptors+moreDescriptors {
		t.Errorf("the %s had %d descriptors and has %d", name, before.Descriptors, h.Descriptors)
	}
	if h.Anonymous > before.Anonymous+moreAnonymous {
		t.Errorf("the %s had %d KB of its own and has %d", name, before.Anonymous>>10, h.Anonymous>>10)
	}
}

// moreGoroutines is what a process may have more after all faults than one that has just begun: those of connections.
const moreGoroutines = 12

// sameGoroutines ends both processes and has them say what they did, and again with two that have just begun.
func (w *world) sameGoroutines(t *testing.T) {
	t.Helper()
	agent, site := w.quit(w.listener()), w.quit(w.site.running())
	w.site.start()
	w.listen()
	w.until("the device listens", w.connected)
	w.calm(0)
	freshAgent, freshSite := w.quit(w.listener()), w.quit(w.site.running())
	t.Logf("goroutines: %d of a fresh listener, %d after all; %d of a fresh back end, %d after all", freshAgent, agent, freshSite, site)
	if agent > freshAgent+moreGoroutines || site > freshSite+moreGoroutines {
		t.Error("there are goroutines that do not end")
	}
}

var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ .*\[`)

// quit has a process of Go print its goroutines and end.
func (w *world) quit(p *process) int {
	p.end()
	p.log.keepAll()
	p.signal(syscall.SIGQUIT)
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	select {
	case <-p.exited:
	case <-ctx.Done():
		w.Error("it does not end")
	}
	return len(goroutine.FindAllString(p.log.String(), -1))
}
