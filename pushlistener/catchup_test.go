package pushlistener

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"securepush/api"
)

func TestPrompts(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"a dismissed prompt does not come back in its episode", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.tell(ToastClosed{Tag: TagPrompt})
			w.send("b")
			w.want("prompt sign_in")
		}},
		{"a prompt comes again after a day, if something new came", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.pass(25 * time.Hour)
			w.want("prompt sign_in")
			w.send("b")
			w.want("prompt sign_in")
			w.send("c")
			w.want()
		}},
		{"a restart does not begin the episode anew", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.boot(Display{})
			w.settle()
			w.send("b")
			w.want("prompt sign_in", "listen true")
		}},
		{"after a restart the prompt is still taken away when the matter is settled", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.read("a")
			w.boot(Display{})
			w.settle()
			w.fail = nil
			w.tell(SignedIn{Account: "anna"})
			w.want("prompt sign_in", "listen true", "withdraw prompt")
			if w.disk.prompt != (promptRecord{}) {
				w.t.Error("the episode is still open on disk")
			}
		}},
		{"another cause replaces the prompt in place", func(w *sim) {
			w.fail = unreachable
			w.send("a")
			w.pass(3 * time.Second)
			w.fail = unauthorized
			w.pass(time.Minute)
			w.want("prompt unreachable", "prompt sign_in")
		}},
		{"the next episode has its own prompt", func(w *sim) {
			for _, name := range []string{"a", "b"} {
				w.fail = unauthorized
				w.send(name)
				w.fail = nil
				w.tell(SignedIn{Account: "anna"})
			}
			w.want("prompt sign_in", "show a for prompt", "prompt sign_in", "show b for prompt")
		}},
		{"nothing new makes no prompt, whatever the state", func(w *sim) {
			w.send("a")
			w.fail = unauthorized
			w.push("a")
			w.pass(48 * time.Hour)
			w.want("show a")
			if w.s.snapshot().Access != AccessEnded {
				w.t.Error("the ended sign-in is not visible")
			}
		}},
		{"a sign-in that ends elsewhere prompts with the next push", func(w *sim) {
			w.tell(SignInEnded{})
			w.want()
			w.send("a")
			w.want("prompt sign_in")
			if len(w.requests) != 0 {
				w.t.Errorf("asked %q", w.requests)
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}

func TestCatchUp(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"what was missed is shown at the next connection", func(w *sim) {
			w.put("a")
			w.put("b")
			w.tell(subscribed{})
			w.want("show a", "show b")
			if w.disk.cursor != "2" {
				w.t.Errorf("cursor %q", w.disk.cursor)
			}
		}},
		{"a server that asks to wait is asked for what was missed when it wants to be", func(w *sim) {
			p := api.NewProblem(api.CodeUnavailable, "")
			p.RetryAfter = 5 * time.Second
			w.fail = p
			w.put("a")
			w.tell(subscribed{})
			w.fail = nil
			w.pass(4 * time.Second)
			w.want()
			w.pass(2 * time.Second)
			w.want("show a")
		}},
		{"more than three make one digest, page after page, and the push of each shows nothing", func(w *sim) {
			for i := range 250 {
				w.put(fmt.Sprint(i))
			}
			w.tell(Woke{})
			w.want("wake edge", `show digest "250 new notifications" ["Title 249" "Title 248" "Title 247"]`)
			for i := range 250 {
				w.push(fmt.Sprint(i))
			}
			w.pass(time.Hour)
			w.want()
		}},
		{"pushes that come during the catch-up belong to it", func(w *sim) {
			for i := range 4 {
				w.put(fmt.Sprint(i))
			}
			w.step(subscribed{})
			for i := range 4 {
				w.step(pushed{id: id(fmt.Sprint(i))})
			}
			w.settle()
			w.want(`show digest "4 new notifications" ["Title 3" "Title 2" "Title 1"]`)
		}},
		{"a digest names the newest, in whatever order the content comes", func(w *sim) {
			for i := range 6 {
				w.put(fmt.Sprint(i))
				w.pass(time.Second)
			}
			w.step(subscribed{})
			for i := range 6 {
				w.step(pushed{id: id(fmt.Sprint(i))})
			}
			for len(w.out) > 0 {
				w.perform(len(w.out) - 1)
			}
			w.settle()
			w.want(`show digest "6 new notifications" ["Title 5" "Title 4" "Title 3"]`)
		}},
		{"the cursor stays behind what is still waiting", func(w *sim) {
			w.tell(Display{Locked: true})
			w.put("a")
			w.tell(subscribed{})
			if w.disk.cursor != "0" {
				w.t.Errorf("cursor %q", w.disk.cursor)
			}
			w.log = nil
			w.boot(Display{})
			w.settle()
			w.want("listen true", "show a for prompt")
			if w.disk.cursor != "1" {
				w.t.Errorf("cursor %q", w.disk.cursor)
			}
		}},
		{"a missed push is found by the regular look", func(w *sim) {
			w.put("a")
			w.pass(time.Hour)
			w.want("show a")
		}},
		{"without a link the look is more frequent", func(w *sim) {
			w.tell(linked{trouble: Trouble{Words: "down"}})
			w.put("a")
			w.pass(3 * time.Minute)
			w.want("show a")
		}},
		{"a standing toast that was read while nothing was connected goes", func(w *sim) {
			w.send("a")
			w.send("b")
			w.pass(time.Minute) // the cursor is behind both
			w.read("a")
			w.tell(subscribed{})
			w.want("show a", "show b", "withdraw a")
		}},
		{"a flood that could not be looked at is left to the cursor at once", func(w *sim) {
			w.put("a")
			w.tell(flooded{pushes: 7})
			w.want("show a")
			if c := w.s.seen.Counters; c.Overflowed != 7 || c.Pushes != 7 {
				w.t.Errorf("counters %+v", c)
			}
		}},
		{"what is missing in the answer for several is asked for by itself", func(w *sim) {
			for i := range 8 {
				w.send(fmt.Sprint(i))
			}
			w.pass(time.Minute)
			w.log, w.requests = nil, nil
			w.gone[id("3")] = api.NewProblem(api.CodeGone, "")
			w.tell(subscribed{})
			w.want("withdraw 3")
			if !slices.Contains(w.requests, "fetch 3") {
				w.t.Errorf("requests %q", w.requests)
			}
			w.wantFate("4", fateShown)
		}},
		{"a refusal of the answer for several settles none of them", func(w *sim) {
			for i := range 8 {
				w.send(fmt.Sprint(i))
			}
			w.pass(time.Minute)
			w.log, w.requests = nil, nil
			w.failing[id("3")] = api.NewProblem(api.CodeForbidden, "")
			w.tell(subscribed{})
			w.want("withdraw 3")
			w.wantFate("4", fateShown)
		}},
		{"a standing toast goes even after a restart", func(w *sim) {
			w.send("a")
			w.send("b")
			w.read("a")
			w.boot(Display{})
			w.settle()
			w.want("show a", "show b", "listen true", "withdraw a")
		}},
		{"a device without a cursor begins near the end of a long history", func(w *sim) {
			for i := range 1000 {
				w.put(fmt.Sprint(i)).Read = i < 998
			}
			w.disk.cursor = ""
			w.boot(Display{})
			w.settle()
			w.want("listen true", "show 998", "show 999")
			if w.disk.cursor != "1000" || len(w.requests) > 4 {
				w.t.Errorf("cursor %q after %q", w.disk.cursor, w.requests)
			}
		}},
		{"a cursor that the server does not know any more begins anew", func(w *sim) {
			w.put("a")
			w.disk.cursor = "lost"
			w.boot(Display{})
			w.settle()
			w.want("listen true", "show a")
		}},
		{"IDs beyond a thousand are left to the cursor and not lost", func(w *sim) {
			w.slowFetch = true
			for i := range 1500 {
				w.put(fmt.Sprint(i))
				w.step(pushed{id: id(fmt.Sprint(i))})
			}
			if len(w.s.items) > maxWaiting {
				w.t.Errorf("%d items", len(w.s.items))
			}
			w.slowFetch = false
			w.settle()
			w.pass(time.Hour)
			for i := range 1500 {
				if w.shown[id(fmt.Sprint(i))] != 1 {
					w.t.Fatalf("%d shown %d times", i, w.shown[id(fmt.Sprint(i))])
				}
			}
		}},
		{"more than a thousand on a locked screen are all shown at unlock", func(w *sim) {
			w.tell(Display{Locked: true})
			for i := range 1500 {
				w.put(fmt.Sprint(i))
			}
			w.tell(subscribed{})
			w.log = nil
			w.tell(Display{})
			w.pass(time.Minute)
			for i := range 1500 {
				if w.shown[id(fmt.Sprint(i))] != 1 {
					w.t.Fatalf("%d shown %d times", i, w.shown[id(fmt.Sprint(i))])
				}
			}
		}},
		{"many waiting IDs are asked for together", func(w *sim) {
			w.slowFetch = true
			for i := range 300 {
				w.put(fmt.Sprint(i))
				w.step(pushed{id: id(fmt.Sprint(i))})
			}
			w.slowFetch, w.requests = false, nil
			w.settle()
			if len(w.requests) > 10 {
				w.t.Errorf("%d requests", len(w.requests))
			}
		}},
		{"after a day in vain an ID is left to the cursor", func(w *sim) {
			w.fail = unreachable
			w.send("a")
			w.pass(25 * time.Hour)
			w.log = nil
			if n := len(w.s.items); n != 0 {
				w.t.Errorf("%d items", n)
			}
			w.fail = nil
			w.pass(10 * time.Minute)
			w.want("show a")
		}},
		{"an ID older than what the journal remembers shows nothing", func(w *sim) {
			w.put("old")
			w.s.scan.pos, w.s.scan.cursor = "1", "1"
			w.s.horizon = w.now.Add(time.Hour)
			w.push("old")
			w.pass(time.Hour)
			w.want()
			w.wantFate("old", fateNone)
		}},
		{"an expired one is not shown", func(w *sim) {
			past := w.now.Add(-time.Second)
			w.put("a").ExpiresAt = &past
			w.push("a")
			w.want()
			w.wantFate("a", fateSettled)
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}

func TestRegistration(t *testing.T) {
	channel := api.PushChannel{Endpoint: "https://push.example/2"}
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"a new channel is told to the back end, and what was missed meanwhile is caught up with", func(w *sim) {
			w.tell(subscribed{channel: channel})
			if i := slices.Index(w.requests, "register"); i < 0 || i == len(w.requests)-1 {
				w.t.Errorf("requests %q", w.requests)
			}
			w.requests = nil
			w.tell(subscribed{channel: channel})
			if slices.Contains(w.requests, "register") {
				w.t.Error("the same channel was told again")
			}
		}},
		{"a channel that is gone is given up for another, once", func(w *sim) {
			w.registr = api.NewProblem(api.CodeInstallationGone, "")
			w.tell(subscribed{channel: channel})
			w.want("resubscribe")
			channel.Endpoint += "2"
			w.tell(subscribed{channel: channel})
			w.pass(4 * time.Minute)
			w.want()
			if w.s.snapshot().Registration.Code != api.CodeInstallationGone {
				w.t.Error("not visible")
			}
			w.registr = nil
			w.pass(2 * time.Minute)
			if w.s.snapshot().Registration != (Trouble{}) {
				w.t.Error("still visible")
			}
		}},
		{"another channel is asked for again when the edge began anew before it had one", func(w *sim) {
			w.registr = api.NewProblem(api.CodeInstallationGone, "")
			w.tell(subscribed{channel: channel})
			w.want("resubscribe")
			w.tell(subscribed{channel: channel})
			w.want("resubscribe")
		}},
		{"a registration that fails is tried again", func(w *sim) {
			w.registr = unreachable
			w.tell(subscribed{channel: channel})
			w.registr, w.requests = nil, nil
			w.pass(2 * time.Second)
			if !slices.Contains(w.requests, "register") {
				w.t.Errorf("requests %q", w.requests)
			}
		}},
		{"a refused sign-in is noticed while registering", func(w *sim) {
			w.registr = unauthorized
			w.tell(subscribed{channel: channel})
			if w.s.snapshot().Access != AccessEnded {
				w.t.Error("not noticed")
			}
			w.registr, w.requests = nil, nil
			w.tell(SignedIn{Account: "anna"})
			if !slices.Contains(w.requests, "register") {
				w.t.Errorf("requests %q", w.requests)
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}

func TestSignOut(t *testing.T) {
	w := up(t)
	w.send("a")
	w.fail = unauthorized
	w.send("b")
	var done bool
	w.step(SignedOut{done: func(error) { done = true }})
	for i := 0; i < len(w.out); {
		if _, ok := w.out[i].(listen); ok {
			i++ // the edge takes its time
		} else {
			w.perform(i)
		}
	}
	if w.cleared != 0 {
		t.Error("the journal was cleared while the edge could still write to it")
	}
	w.settle()
	w.want("show a", "prompt sign_in", "listen false", "withdraw a", "withdraw prompt")
	if w.cleared != 1 || !done || len(w.records) != 0 || len(w.s.items) != 0 {
		t.Errorf("cleared %d, done %v, records %d, items %d", w.cleared, done, len(w.records), len(w.s.items))
	}
	w.fail, w.requests = nil, nil
	w.push("b")
	w.pass(24 * time.Hour)
	w.want()
	if len(w.requests) != 0 || w.s.snapshot().Link != LinkOff {
		t.Errorf("after the sign-out: %q", w.requests)
	}
}

func TestTheJournalRefuses(t *testing.T) {
	w := up(t)
	w.diskErr = errNoDaemon
	w.send("a")
	w.send("b")
	w.want("show a", "show b")
	if w.acked[id("a")] != 0 {
		t.Error("a push was acknowledged that is not on disk")
	}
	if w.s.snapshot().Journal.Words == "" {
		t.Error("not visible")
	}
	w.push("a")
	w.want()
	w.diskErr = nil
	w.pass(time.Minute)
	w.wantFate("a", fateShown)
	w.wantFate("b", fateShown)
	if len(w.s.items) != 0 || w.s.snapshot().Journal != (Trouble{}) {
		t.Errorf("%d items left, %+v", len(w.s.items), w.s.snapshot().Journal)
	}
}
