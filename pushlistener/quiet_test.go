package pushlistener

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// sendUrgent puts an urgent notification on the server, and pushes its ID.
func (w *sim) sendUrgent(name string) {
	w.put(name).Priority = api.PriorityUrgent
	w.push(name)
}

// sendFrom does so with one of somebody.
func (w *sim) sendFrom(name, sender string) {
	w.put(name).Sender = sender
	w.push(name)
}

func TestQuietTime(t *testing.T) {
	quiet, urgent := Display{Quiet: true}, Display{Quiet: true, Urgent: true}
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"what came alone is shown by itself afterwards", func(w *sim) {
			w.tell(quiet)
			w.send("a")
			w.want()
			w.tell(Display{})
			w.want("show a")
		}},
		{"what was read meanwhile is left out of the digest, and all read leave nothing", func(w *sim) {
			w.tell(quiet)
			for i := range 5 {
				w.send(fmt.Sprint(i))
			}
			w.read("4")
			w.read("0")
			w.tell(Display{})
			w.want(`show digest "3 new notifications" ["Title 3" "Title 2" "Title 1"]`)
			w.tell(quiet)
			w.send("x")
			w.read("x")
			w.tell(Display{})
			w.want()
		}},
		{"many make one digest, however many there are", func(w *sim) {
			w.tell(quiet)
			for i := range 1500 {
				w.put(fmt.Sprint(i))
			}
			w.tell(subscribed{})
			w.want()
			w.tell(Display{})
			w.pass(time.Minute)
			for _, line := range w.log {
				if !strings.HasPrefix(line, "show digest") {
					w.t.Errorf("on the desktop %q", line)
				}
			}
			if n := w.s.seen.Counters.Shown; n != 1500 {
				w.t.Errorf("%d shown", n)
			}
		}},
		{"it is one digest too when the screen is locked at the end, and unlocked later", func(w *sim) {
			w.tell(quiet)
			w.send("a")
			w.send("b")
			w.tell(Display{Quiet: true, Locked: true})
			w.want()
			w.tell(Display{Locked: true})
			w.want("prompt hidden")
			w.tell(Display{})
			w.want(`show digest "2 new notifications" ["Title b" "Title a"] for prompt`)
		}},
		{"it is one digest too when the server is away at the end", func(w *sim) {
			w.tell(quiet)
			w.send("a")
			w.pass(time.Second)
			w.send("b")
			w.fail = unreachable
			w.tell(Display{})
			w.pass(time.Minute)
			w.want("prompt unreachable")
			w.fail = nil
			w.pass(time.Minute)
			w.want(`show digest "2 new notifications" ["Title b" "Title a"] for prompt`)
		}},
		{"what comes after it is shown by itself again", func(w *sim) {
			w.tell(quiet)
			w.send("a")
			w.tell(Display{})
			w.put("b")
			w.put("c")
			w.tell(subscribed{})
			w.want("show a", "show b", "show c")
		}},
		{"what is at hand when it begins is not shown", func(w *sim) {
			w.step(pushed{id: w.put("a").ID})
			for w.s.count[phaseFetching] == 0 {
				w.perform(0)
			}
			w.s.toasts.busy, w.s.toasts.ids = true, nil // the toaster has another
			w.settle()
			if w.s.count[phaseReady] != 1 {
				w.t.Fatalf("phases %v", w.s.count)
			}
			w.tell(quiet)
			w.tell(toasted{})
			w.want()
			w.tell(Display{})
			w.want("show a")
		}},
		{"an urgent one waits like any other", func(w *sim) {
			w.tell(quiet)
			w.sendUrgent("a")
			w.want()
			w.tell(Display{})
			w.want("show a")
		}},
		{"an urgent one breaks through where the person allows it, and the others wait", func(w *sim) {
			w.tell(urgent)
			w.send("a")
			w.sendUrgent("b")
			w.send("c")
			w.want("show b")
			w.wantFate("b", fateShown)
			w.wantFate("a", fateWaiting)
			w.tell(Display{})
			w.want(`show digest "2 new notifications" ["Title c" "Title a"]`)
		}},
		{"an urgent one that waits is shown when the person allows it", func(w *sim) {
			w.tell(quiet)
			w.send("a")
			w.sendUrgent("b")
			w.tell(urgent)
			w.want("show b")
		}},
		{"an urgent one that a catch-up finds breaks through, too", func(w *sim) {
			w.tell(urgent)
			w.put("a")
			w.put("b").Priority = api.PriorityUrgent
			w.tell(subscribed{})
			w.want("show b")
		}},
		{"an urgent one on a locked screen makes the toast that says nothing, and shows at unlock", func(w *sim) {
			w.tell(Display{Quiet: true, Urgent: true, Locked: true})
			w.send("a")
			w.want()
			w.sendUrgent("b")
			w.want("prompt hidden")
			w.send("c")
			w.want()
			w.tell(urgent)
			w.want("show b for prompt")
			w.tell(Display{})
			w.want(`show digest "2 new notifications" ["Title c" "Title a"]`)
		}},
		{"an urgent one on a locked screen is as quiet as the person wants it", func(w *sim) {
			w.tell(Display{Quiet: true, Locked: true})
			w.sendUrgent("a")
			w.want()
		}},
		{"an urgent one that is covered by the lock screen comes back in quiet time", func(w *sim) {
			w.tell(urgent)
			w.sendUrgent("a")
			w.pass(time.Minute) // the cursor is behind it
			w.tell(Display{Quiet: true, Urgent: true, Locked: true})
			w.tell(urgent)
			w.want("show a", "withdraw a", "show a")
		}},
		{"with content hidden by choice an urgent one says that there is something", func(w *sim) {
			w.tell(Display{Quiet: true, Urgent: true, Generic: true})
			w.send("a")
			w.want()
			w.sendUrgent("b")
			w.want("show generic")
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}

func TestLevelsOfContent(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"with the sender alone neither title nor text are handed to the desktop", func(w *sim) {
			w.tell(Display{Sender: true})
			w.send("a")
			w.want("show a hidden, from Lab")
			w.wantFate("a", fateShown)
		}},
		{"with the sender alone a digest names the newest senders, each once", func(w *sim) {
			w.tell(Display{Sender: true, Locked: true})
			for i, from := range []string{"Lab", "Payments", "Lab", "Ward 7", "Lab", ""} {
				w.sendFrom(fmt.Sprint(i), from)
				w.pass(time.Second)
			}
			w.log = nil
			w.tell(Display{Sender: true})
			w.want(`show digest "6 new notifications" ["Lab" "Ward 7" "Payments"] for prompt`)
		}},
		{"a sender is named once, whatever comes first", func(w *sim) {
			w.tell(Display{Sender: true})
			for i := range 5 {
				w.sendFrom(fmt.Sprint(i), "Lab")
				w.pass(time.Second)
			}
			w.log = nil
			w.step(subscribed{})
			for i := 5; i < 10; i++ {
				w.put(fmt.Sprint(i))
				w.step(pushed{id: id(fmt.Sprint(i))})
			}
			for len(w.out) > 0 {
				w.perform(len(w.out) - 1)
			}
			w.pass(time.Minute)
			w.want(`show digest "5 new notifications" ["Lab"]`)
		}},
		{"content that waits for its place is not shown when the person wants less", func(w *sim) {
			for i := range 8 {
				w.send(fmt.Sprint(i))
			}
			w.log = nil // three wait for the digest
			w.tell(Display{Sender: true})
			w.pass(time.Minute)
			w.want(`show digest "3 new notifications" ["Lab"]`)
			for i := range 8 {
				w.send("x" + fmt.Sprint(i))
			}
			w.log = nil
			w.tell(Display{Generic: true})
			w.pass(time.Minute)
			w.want("show generic")
		}},
		{"a digest that grows says nothing of what it said before", func(w *sim) {
			for i := range 8 {
				w.send(fmt.Sprint(i))
			}
			w.pass(2 * time.Second)
			w.log = nil
			w.send("x")
			w.tell(Display{Sender: true})
			w.pass(20 * time.Second)
			w.want(`show digest "4 new notifications" ["Lab"]`)
		}},
		{"another choice of content asks for nothing while nothing waits", func(w *sim) {
			w.send("a")
			w.pass(time.Minute)
			w.requests = nil
			w.tell(Display{Sender: true})
			w.tell(Display{})
			if len(w.requests) != 0 {
				w.t.Errorf("requests %q", w.requests)
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}
