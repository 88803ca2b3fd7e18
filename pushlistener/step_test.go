package pushlistener

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"securepush/api"
)

// TestTheTable holds every row of the table of what a device does with an ID.
func TestTheTable(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"an unread notification makes a toast with its content and is noted as shown", func(w *sim) {
			w.send("a")
			w.want("show a")
			w.wantFate("a", fateShown)
			if w.acked[id("a")] != 1 {
				w.t.Error("the push was not acknowledged")
			}
		}},
		{"one that was read already shows nothing and is settled", func(w *sim) {
			w.put("a")
			w.read("a")
			w.push("a")
			w.want()
			w.wantFate("a", fateSettled)
		}},
		{"one that is read elsewhere loses its toast", func(w *sim) {
			w.send("a")
			w.read("a")
			w.push("a")
			w.want("show a", "withdraw a")
			w.wantFate("a", fateSettled)
		}},
		{"one that is pushed again after it was shown is asked for and not shown again", func(w *sim) {
			w.send("a")
			w.requests = nil
			w.push("a")
			w.want("show a")
			if !slices.Equal(w.requests, []string{"fetch a"}) {
				w.t.Errorf("requests %q", w.requests)
			}
		}},
		{"a refused sign-in makes one prompt for any number of IDs and stops the asking", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.want("prompt sign_in")
			w.requests = nil
			w.send("b")
			w.pass(time.Hour)
			w.want()
			if len(w.requests) != 0 {
				w.t.Errorf("asked %q", w.requests)
			}
			w.wantFate("a", fateWaiting)
			w.wantFate("b", fateWaiting)
		}},
		{"a sign-in that was missing in the keyring and is found there later shows what waits", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.want("prompt sign_in")
			w.fail = nil
			w.tell(KeyringUnlocked{})
			w.want("show a for prompt")
		}},
		{"after a new sign-in what waits is shown in order, in the prompt's place", func(w *sim) {
			w.fail = unauthorized
			w.send("b")
			w.pass(time.Second)
			w.send("a")
			w.fail, w.log = nil, nil
			w.tell(SignedIn{Account: "anna"})
			w.want("show b for prompt", "show a")
		}},
		{"after a new sign-in more than three make one digest", func(w *sim) {
			w.fail = unauthorized
			for i := range 7 {
				w.send(fmt.Sprint(i))
				w.pass(time.Second)
			}
			w.fail, w.log = nil, nil
			w.tell(SignedIn{Account: "anna"})
			w.want(`show digest "7 new notifications" ["Title 6" "Title 5" "Title 4"] for prompt`)
		}},
		{"a sign-in of another account forgets what waits of the last", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.fail, w.mail, w.log = nil, nil, nil
			w.tell(SignedIn{Account: "berta"})
			w.want("listen false", "withdraw prompt", "listen true")
			w.wantFate("a", fateNone)
			if w.disk.owner != "berta" {
				w.t.Error("the journal belongs to", w.disk.owner)
			}
		}},
		{"a locked keyring has its own prompt, and unlocking it shows what waits", func(w *sim) {
			w.fail = locked
			w.send("a")
			w.want("prompt keyring")
			w.fail = nil
			w.tell(KeyringUnlocked{})
			w.want("show a for prompt")
		}},
		{"a keyring that nobody reports as unlocked is tried again later", func(w *sim) {
			w.fail = locked
			w.send("a")
			w.fail, w.log = nil, nil
			w.pass(5 * time.Minute)
			w.want("show a for prompt")
		}},
		{"the wait for a locked keyring does not count as one for the server", func(w *sim) {
			w.fail = locked
			w.send("a")
			w.want("prompt keyring")
			w.pass(2 * time.Second)
			w.fail, w.slowFetch = nil, true
			w.tell(KeyringUnlocked{})
			w.pass(2 * time.Second)
			w.want()
			w.slowFetch = false
			w.settle()
			w.want("show a for prompt")
		}},
		{"a keyring that several calls find locked is tried again as soon as for one", func(w *sim) {
			w.fail, w.slowFetch = locked, true
			w.send("a")
			w.send("b")
			w.slowFetch = false
			w.settle()
			w.fail, w.log = nil, nil
			w.pass(time.Minute)
			w.want("show a for prompt", "show b")
		}},
		{"a refusal is settled, counted and shown to nobody", func(w *sim) {
			w.failing[id("a")] = api.NewProblem(api.CodeForbidden, "")
			w.send("a")
			w.want()
			w.wantFate("a", fateSettled)
			if w.s.seen.Counters.Refused != 1 {
				w.t.Error("not counted")
			}
		}},
		{"one that is not found is settled", func(w *sim) {
			w.push("a")
			w.want()
			w.wantFate("a", fateSettled)
		}},
		{"one that is gone loses its toast", func(w *sim) {
			w.send("a")
			w.gone[id("a")] = api.NewProblem(api.CodeGone, "")
			w.push("a")
			w.want("show a", "withdraw a")
		}},
		{"a server that asks to wait is asked at the time it wants, and the person hears nothing", func(w *sim) {
			p := api.NewProblem(api.CodeTooManyRequests, "")
			p.RetryAfter = 40 * time.Second
			w.fail = p
			w.send("a")
			w.fail, w.requests = nil, nil
			w.pass(39 * time.Second)
			w.want()
			if len(w.requests) != 0 {
				w.t.Errorf("asked %q", w.requests)
			}
			w.pass(time.Second)
			w.want("show a")
		}},
		{"an unavailable server without a wish is tried by the back-off, without a prompt", func(w *sim) {
			w.fail = api.NewProblem(api.CodeUnavailable, "")
			w.send("a")
			w.pass(10 * time.Second)
			w.want()
			w.fail = nil
			w.pass(10 * time.Second)
			w.want("show a")
		}},
		{"an unreachable server makes a prompt after three seconds and not before", func(w *sim) {
			w.fail = unreachable
			w.send("a")
			w.pass(2999 * time.Millisecond)
			w.want()
			w.pass(time.Millisecond)
			w.want("prompt unreachable")
			w.pass(time.Hour)
			w.want()
		}},
		{"a server that does not answer at all makes the same prompt", func(w *sim) {
			w.slowFetch = true
			w.send("a")
			w.pass(3 * time.Second)
			w.want("prompt unreachable")
		}},
		{"a server that is back within three seconds makes no prompt", func(w *sim) {
			w.fail = unreachable
			w.send("a")
			w.fail = nil
			w.pass(3 * time.Second)
			w.want("show a")
		}},
		{"the prompt is replaced by the content when the server is back", func(w *sim) {
			w.fail = unreachable
			w.send("a")
			w.pass(20 * time.Second)
			w.fail, w.log = nil, nil
			w.pass(time.Minute)
			w.want("show a for prompt")
		}},
		{"an ID that fails by itself does not hold up the others, and comes with the list", func(w *sim) {
			w.failing[id("a")] = api.NewProblem(api.CodeInternal, "")
			w.send("a")
			w.send("b")
			w.pass(time.Second)
			w.send("c")
			w.pass(time.Second)
			w.want("show b", "show a", "show c")
		}},
		{"an ID that the server fails over is asked for by its own back-off, however many others succeed", func(w *sim) {
			w.failing[id("x")] = api.NewProblem(api.CodeInternal, "")
			w.push("x")
			for i := range 10 {
				w.send(fmt.Sprint(i))
				w.pass(50 * time.Millisecond)
			}
			n := 0
			for _, r := range w.requests {
				if r == "fetch x" {
					n++
				}
			}
			if n != 1 {
				w.t.Errorf("asked %d times in half a second", n)
			}
			w.log = nil
			w.pass(3 * time.Second)
			if !slices.Contains(w.log, "prompt unreachable") {
				w.t.Errorf("on the desktop %q", w.log)
			}
		}},
		{"on a locked screen there is one generic toast, and at unlock what is still unread", func(w *sim) {
			w.tell(Display{Locked: true})
			w.send("a")
			w.send("b")
			w.want("prompt hidden", "prompt hidden")
			w.read("a")
			w.tell(Display{})
			w.want("show b for prompt")
			w.wantFate("a", fateSettled)
		}},
		{"what is read elsewhere while the screen is locked takes the generic toast away", func(w *sim) {
			w.tell(Display{Locked: true})
			w.send("a")
			w.read("a")
			w.push("a")
			w.want("prompt hidden", "withdraw prompt")
		}},
		{"toasts with content go when the screen is locked, and come back once", func(w *sim) {
			w.send("a")
			w.tell(Display{Locked: true})
			w.tell(Display{})
			w.tell(Display{Locked: true})
			w.tell(Display{})
			w.want("show a", "withdraw a", "show a", "withdraw a")
		}},
		{"a toast on its way when the screen is locked is taken away, and comes back at unlock", func(w *sim) {
			w.step(pushed{id: w.put("a").ID})
			for !slices.ContainsFunc(w.out, func(e effect) bool { _, ok := e.(show); return ok }) {
				w.perform(0)
			}
			w.step(Display{Locked: true})
			w.settle()
			w.want("show a", "withdraw a")
			w.tell(Display{})
			w.want("show a")
		}},
		{"answers to what the last sign-in asked do not count", func(w *sim) {
			w.slowFetch = true
			w.send("a")
			gen := w.s.gen
			w.slowFetch = false
			w.tell(SignedIn{Account: "anna"})
			w.tell(fetched{gen: gen, ids: []api.ID{id("a")}, err: unauthorized})
			w.tell(paged{gen: gen, err: unauthorized})
			w.tell(registered{gen: gen, err: unauthorized})
			w.want("show a")
			if w.s.access != AccessActive {
				w.t.Error("signed out")
			}
		}},
		{"in quiet time there is nothing, and afterwards what is still unread, as one digest", func(w *sim) {
			w.tell(Display{Quiet: true})
			w.send("a")
			w.send("b")
			w.read("b")
			w.fail = unreachable
			w.send("c")
			w.pass(20 * time.Second)
			w.want()
			w.fail = nil
			w.pass(time.Minute)
			w.want()
			w.tell(Display{})
			w.want(`show digest "2 new notifications" ["Title c" "Title a"]`)
		}},
		{"content hidden by choice makes a generic toast and counts as shown", func(w *sim) {
			w.tell(Display{Generic: true})
			w.send("a")
			w.want("show generic")
			w.wantFate("a", fateShown)
			w.tell(Display{})
			w.pass(time.Hour)
			w.want()
			w.read("a")
			w.push("a")
			w.want("withdraw generic")
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}

func TestToasts(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"what cannot be shown waits and is shown when the daemon is back", func(w *sim) {
			w.toastErr = errNoDaemon
			w.send("a")
			w.want()
			if n := w.s.snapshot(); n.Waiting != 1 || n.Toasts.Words == "" {
				w.t.Errorf("snapshot %+v", n)
			}
			w.toastErr = nil
			w.tell(DaemonBack{})
			w.want("show a")
		}},
		{"a daemon that comes back unnoticed is found by trying", func(w *sim) {
			w.toastErr = errNoDaemon
			w.send("a")
			w.send("b")
			w.toastErr = nil
			w.pass(5 * time.Minute)
			w.want("show a", "show b")
		}},
		{"what was read while it could not be shown is not shown", func(w *sim) {
			w.toastErr = errNoDaemon
			w.send("a")
			w.read("a")
			w.toastErr = nil
			w.tell(DaemonBack{})
			w.want()
			w.wantFate("a", fateSettled)
		}},
		{"a prompt that could not be shown is shown when the daemon is back", func(w *sim) {
			w.toastErr, w.fail = errNoDaemon, unauthorized
			w.send("a")
			w.toastErr = nil
			w.tell(DaemonBack{})
			w.want("prompt sign_in")
		}},
		{"a system without a safe way for content shows that there is something", func(w *sim) {
			w.toastErr = errors.ErrUnsupported
			w.step(pushed{id: w.put("a").ID})
			for len(w.out) > 0 {
				if _, ok := w.out[0].(showPrompt); ok {
					w.toastErr = nil
				}
				w.perform(0)
			}
			w.want("show generic")
			w.wantFate("a", fateShown)
		}},
		{"five toasts a minute, then one digest that grows in place", func(w *sim) {
			for i := range 20 {
				w.send(fmt.Sprint(i))
			}
			w.want("show 0", "show 1", "show 2", "show 3", "show 4")
			w.pass(time.Second)
			w.want(`show digest "15 new notifications" ["Title 19" "Title 18" "Title 17"]`)
			w.send("x")
			w.pass(20 * time.Second)
			w.want(`show digest "16 new notifications" ["Title x" "Title 19" "Title 18"]`)
			w.pass(40 * time.Second)
			w.send("y")
			w.want("show y")
		}},
		{"a digest goes when its last member is read", func(w *sim) {
			for i := range 7 {
				w.send(fmt.Sprint(i))
			}
			w.pass(time.Second)
			w.log = nil
			w.read("5")
			w.push("5")
			w.want()
			w.read("6")
			w.push("6")
			w.want("withdraw digest")
		}},
		{"a digest that was closed begins to count anew", func(w *sim) {
			for i := range 7 {
				w.send(fmt.Sprint(i))
			}
			w.pass(time.Second)
			w.tell(ToastClosed{Tag: TagDigest})
			w.log = nil
			w.send("x")
			w.pass(20 * time.Second)
			w.want(`show digest "1 new notification" ["Title x"]`)
		}},
		{"what the person reads in the window loses its toast", func(w *sim) {
			w.send("a")
			w.send("b")
			w.tell(MarkedRead{IDs: []api.ID{id("a")}})
			w.want("show a", "show b", "withdraw a")
			w.tell(MarkedRead{All: true})
			w.want("withdraw b")
		}},
		{"what the person reads while it is fetched is not shown", func(w *sim) {
			w.slowFetch = true
			w.send("a")
			w.tell(MarkedRead{IDs: []api.ID{id("a")}})
			w.slowFetch = false
			w.settle()
			w.want()
			w.wantFate("a", fateSettled)
		}},
		{"what the person deletes loses its toast and its kept content", func(w *sim) {
			w.send("a")
			if _, ok := w.kept[id("a")]; !ok {
				w.t.Error("not kept")
			}
			w.tell(Deleted{IDs: []api.ID{id("a")}})
			w.want("show a", "withdraw a")
			if len(w.kept) != 0 {
				w.t.Error("kept still")
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}
