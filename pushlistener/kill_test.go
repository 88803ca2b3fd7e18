package pushlistener

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"securepush/api"
)

// killed ends a process of a sim.
type killed struct{}

// TestAKillAtAnyPointLosesNothingAndRepeatsOneToast runs the same history again and again, and each time the process
// dies after another effect: before it was acknowledged, shown, noted, or the cursor moved. The journal is a real file.
func TestAKillAtAnyPointLosesNothingAndRepeatsOneToast(t *testing.T) {
	for point := 0; ; point++ {
		w, died := dieAfter(t, point)
		for _, n := range w.mail {
			if w.shown[n.ID] == 0 && !n.Read {
				t.Errorf("killed after effect %d: %s is lost", point, n.ID)
			}
		}
		if most := map[bool]int{true: 1, false: 0}[died]; len(w.repeated) > most {
			t.Errorf("killed after effect %d: %d toasts were repeated", point, len(w.repeated))
		}
		if !died {
			if point < 30 {
				t.Errorf("the history has only %d effects", point)
			}
			return
		}
		if t.Failed() {
			return
		}
	}
}

// dieAfter runs the history in a process that dies after so many effects, and then in another.
func dieAfter(t *testing.T, point int) (w *sim, died bool) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openJournal(t, path)
	owner, cursor := "anna", api.Cursor("0")
	apply(t, j, note{owner: &owner, cursor: &cursor})

	w = newSim(t)
	w.journal, w.out = j, nil
	var acts []func()
	for i, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		acts = append(acts, func() { w.put(name) })
		if i != 2 { // the push of one is lost
			acts = append(acts, func() { w.push(name) })
		}
	}
	acts = append(acts,
		func() { w.read("b"); w.push("b") }, func() { w.push("a") },
		func() { w.tell(subscribed{}) }, func() { w.pass(time.Minute) })

	performed := 0
	w.after = func() {
		if performed++; performed > point {
			panic(killed{})
		}
	}
	next := 0
	run := func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(killed); !ok {
					panic(r)
				}
				died = true
			}
		}()
		w.boot(Display{})
		w.settle()
		for ; next < len(acts); next++ {
			acts[next]()
		}
	}
	run()
	w.after = nil
	if died {
		w.journal = reopen(t, j, path)
		w.boot(Display{})
		w.settle()
		for next++; next < len(acts); next++ {
			acts[next]()
		}
	}
	w.tell(subscribed{})
	w.pass(time.Hour)
	return w, died
}

// TestAFullReplayOfOldPushesShowsNothing pushes everything again, to the same process and to the next.
func TestAFullReplayOfOldPushesShowsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	w := newSim(t)
	w.journal = openJournal(t, path)
	owner, cursor := "anna", api.Cursor("0")
	apply(t, w.journal, note{owner: &owner, cursor: &cursor})
	w.boot(Display{})
	w.settle()
	const many = 120
	for i := range many {
		w.send(fmt.Sprint(i))
	}
	w.pass(time.Hour)
	for i := range many {
		if w.shown[id(fmt.Sprint(i))] != 1 {
			t.Fatalf("%d shown %d times", i, w.shown[id(fmt.Sprint(i))])
		}
	}
	for range 2 {
		w.log = nil
		for i := range many {
			w.push(fmt.Sprint(i))
		}
		w.pass(time.Hour)
		w.want()
		w.journal = reopen(t, w.journal, path)
		w.boot(Display{})
		w.settle()
	}
}

// TestALostJournalMakesOneDigestAtMost begins anew with a history that was shown before.
func TestALostJournalMakesOneDigestAtMost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	w := newSim(t)
	w.journal = openJournal(t, path)
	for i := range 5 {
		w.put(fmt.Sprint(i))
	}
	if err := w.journal.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.journal = openJournal(t, path)
	if w.journal.SetAside() == "" {
		t.Fatal("the damage was not noticed")
	}
	w.boot(Display{})
	w.log = nil
	w.tell(SignedIn{Account: "anna"})
	w.tell(subscribed{})
	w.pass(time.Hour)
	w.want("listen true", `show digest "5 new notifications" ["Title 4" "Title 3" "Title 2"]`)
}
