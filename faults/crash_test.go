//go:build linux

package faults

import (
	"sync"
	"time"

	"securepush/agent/local"
)

// few is how many notifications a run sends at most. With the one that the run before may have left to be repeated they are
// three: more that wait would make one digest, and could not be told.
const few = 2

// crashes kill processes.
func crashes() []fault {
	return []fault{
		{name: "listener killed at a random time", runs: 200, short: 8, repeats: 1, run: (*world).agentDies},
		{name: "listener killed at a chosen step", runs: 110, short: 11, repeats: 1, run: (*world).agentDiesAt},
		{name: "listener killed while it starts", runs: 100, short: 5, repeats: 1, run: (*world).agentDiesStarting},
		{name: "back end killed at a random time", runs: 100, short: 4, prompts: 1, run: (*world).siteDies},
		{name: "back end killed at a chosen step", runs: 60, short: 5, prompts: 1, run: (*world).siteDiesAt},
		{name: "both killed at once", runs: 100, short: 4, repeats: 1, prompts: 1, run: (*world).bothDie},
		{name: "machine crashed, journal torn", runs: 60, short: 6, repeats: few, prompts: 1, run: (*world).machineDies},
	}
}

// after is when a process is killed after the sending began. It sweeps the time that a notification takes.
func (w *world) after(i int) time.Duration {
	return time.Duration(i%40)*time.Millisecond + time.Duration(w.seldom(1000))*time.Microsecond
}

func (w *world) agentDies(i int) {
	posted := w.sending(1 + i%few)
	w.pause(w.after(i))
	w.killAgent()
	w.launch()
	ended := time.Now()
	posted()
	w.settled(ended)
}

// agentDiesAt kills the listener at the steps in turn. The last ones come only when a listener starts.
func (w *world) agentDiesAt(i int) {
	running := []moment{pushPasses, ackPasses, fetchPasses, contentPasses, toastArrives, toastAnswered}
	starting := []moment{renewalPasses, tokenPasses, pagePasses, itemsPass, toastAnswered}
	step := i % (len(running) + len(starting))
	var at moment
	var posted func()
	if step < len(running) {
		at = running[step]
	} else {
		at = starting[step-len(running)]
		w.killAgent()
		posted = w.sending(2)
		posted()
	}
	killed := w.dies(at, w.killAgent)
	if posted == nil {
		posted = w.sending(2)
	} else {
		w.launch()
	}
	w.wait(killed, at)
	w.launch()
	ended := time.Now()
	posted()
	w.settled(ended)
}

// dies kills at a moment, and closes the channel when it has.
func (w *world) dies(at moment, kill func()) <-chan struct{} {
	killed := make(chan struct{})
	w.moments.once(at, sync.OnceFunc(func() {
		if at == toastAnswered { // the answer is on its way: the note is before or after us
			w.pause(time.Duration(w.seldom(5)) * time.Millisecond)
		}
		kill()
		close(killed)
	}))
	return killed
}

// seldom is a random number below n, from any goroutine.
func (w *world) seldom(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rnd.IntN(n)
}

// wait waits for a moment. What was sent may have come on another way, such as the cursor after a restart of the site, before
// the site knew where to push: then one more is sent.
func (w *world) wait(c <-chan struct{}, at moment) {
	w.Helper()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for end := time.After(patience); ; {
		select {
		case <-c:
			return
		case <-again.C:
			if len(w.ledger.missing()) == 0 {
				w.sending(1)
			}
		case <-end:
			w.Fatalf("it never came to this: %s", at)
		}
	}
}

func (w *world) agentDiesStarting(i int) {
	w.killAgent()
	w.send(1 + i%few)
	w.launch()
	w.pause(time.Duration(i*7%200) * time.Millisecond)
	w.killAgent()
	w.launch()
	w.settled(time.Now())
}

func (w *world) siteDies(i int) {
	posted := w.sending(1 + i%few)
	w.pause(w.after(i))
	w.site.kill()
	w.site.start()
	ended := time.Now()
	posted()
	w.settled(ended)
}

func (w *world) siteDiesAt(i int) {
	steps := []moment{pushPasses, ackPasses, fetchPasses, contentPasses, toastArrives}
	at := steps[i%len(steps)]
	w.until("the device listens", w.connected)
	killed := w.dies(at, w.site.kill)
	posted := w.sending(2)
	w.wait(killed, at)
	w.site.start()
	ended := time.Now()
	posted()
	w.settled(ended)
}

func (w *world) bothDie(i int) {
	posted := w.sending(1 + i%few)
	w.pause(w.after(i))
	w.both()
	w.site.start()
	w.launch()
	ended := time.Now()
	posted()
	w.settled(ended)
}

// both kills both at the same time.
func (w *world) both() {
	var all sync.WaitGroup
	all.Go(w.killAgent)
	all.Go(w.site.kill)
	all.Wait()
}

// machineDies damages the journal as well. What a person has read stays read: only what came in this run can be repeated.
func (w *world) machineDies(i int) {
	posted := w.sending(1 + i%few)
	w.pause(w.after(i))
	w.both()
	w.tear(i)
	w.site.tear(w.seldom(page))
	w.site.start()
	w.listen()
	ended := time.Now()
	if w.status().SignIn == local.SignInNever { // the journal held who the person is
		w.signIn(password)
	}
	posted()
	w.settled(ended)
	w.readSome(i)
}
