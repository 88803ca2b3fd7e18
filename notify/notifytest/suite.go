package notifytest

import (
	"context"
	"slices"
	"testing"
	"time"

	"securepush/api"
	"securepush/notify"
)

// Port is what is tested, and what a consumer of package notify may ask for.
type Port interface {
	Show(ctx context.Context, t notify.Toast) error
	ShowPrompt(ctx context.Context, tag string, p notify.Prompt) error
	Withdraw(ctx context.Context, tag string) error
	SetSounds(s notify.Sounds)
	Events() <-chan notify.Event
}

// Screen is the other side: what a person sees and does.
type Screen interface {
	// Standing lists the toasts that stand, in any order.
	Standing() []Standing
	// Changed receives after Standing changed.
	Changed() <-chan struct{}
	// Heard says whether the toast with this title asked to be heard when it came up.
	Heard(title string) bool
	// Do does to the toast with this title what leads to an event of kind k; false: this screen cannot.
	Do(title string, k notify.EventKind) bool
	// Restart replaces the daemon by one that knows nothing; false: this screen cannot.
	Restart() bool
}

// patience is how long something may take that has to happen, on a machine that has other things to do.
const patience = time.Minute

// Suite holds a port to its contract. open makes a fresh port and screen.
func Suite(t *testing.T, open func(t *testing.T) (Port, Screen)) {
	t.Run("a toast shows title, text and sender", func(t *testing.T) {
		p, s := open(t)
		show(t, p, notify.Toast{Tag: "a", Title: "Potassium result", Body: "K 4.1\nmmol/l", Sender: "Lab"})
		AwaitStanding(t, s, Standing{"Potassium result", "K 4.1 mmol/l\nLab"})
	})
	t.Run("the same tag replaces and another does not", func(t *testing.T) {
		p, s := open(t)
		show(t, p, notify.Toast{Tag: "a", Title: "one"})
		show(t, p, notify.Toast{Tag: "b", Title: "two"})
		show(t, p, notify.Toast{Tag: "a", Title: "three"})
		AwaitStanding(t, s, Standing{Title: "two"}, Standing{Title: "three"})
	})
	t.Run("a prompt is replaced in place by the content", func(t *testing.T) {
		p, s := open(t)
		for _, prompt := range notify.Prompts() {
			if err := p.ShowPrompt(t.Context(), "a", prompt); err != nil {
				t.Fatal(err)
			}
			title, body := prompt.Words()
			AwaitStanding(t, s, Standing{title, body})
		}
		show(t, p, notify.Toast{Tag: "a", Title: "content", Body: "text"})
		AwaitStanding(t, s, Standing{"content", "text"})
	})
	t.Run("a toast takes the place of another that it names", func(t *testing.T) {
		p, s := open(t)
		if err := p.ShowPrompt(t.Context(), "prompt", notify.PromptSignIn); err != nil {
			t.Fatal(err)
		}
		show(t, p, notify.Toast{Tag: "a", Replaces: "prompt", Title: "content"})
		AwaitStanding(t, s, Standing{Title: "content"})
		if err := p.Withdraw(t.Context(), "prompt"); err != nil { // it is not there any more
			t.Fatal(err)
		}
		show(t, p, notify.Toast{Tag: "b", Replaces: "prompt", Title: "other"})
		AwaitStanding(t, s, Standing{Title: "content"}, Standing{Title: "other"})
	})
	t.Run("a toast can be withdrawn, and one that is not there is no error", func(t *testing.T) {
		p, s := open(t)
		show(t, p, notify.Toast{Tag: "a", Title: "one"})
		show(t, p, notify.Toast{Tag: "b", Title: "two"})
		for _, tag := range []string{"a", "a", "never shown"} {
			if err := p.Withdraw(t.Context(), tag); err != nil {
				t.Fatal(err)
			}
		}
		AwaitStanding(t, s, Standing{Title: "two"})
		show(t, p, notify.Toast{Tag: "a", Title: "again"})
		AwaitStanding(t, s, Standing{Title: "two"}, Standing{Title: "again"})
	})
	t.Run("any priority and any tag are shown", func(t *testing.T) { anyPriorityAndTag(t, open) })
	t.Run("hostile text is shown as text", func(t *testing.T) {
		p, s := open(t)
		for _, h := range Hostile() {
			toast := notify.Toast{Tag: "a", Title: "t" + h, Body: h, Sender: h, Lines: []string{h}}
			show(t, p, toast)
			AwaitStanding(t, s, Standing(notify.Compose(toast)))
		}
	})
	t.Run("what is not to be heard is silent", func(t *testing.T) { heard(t, open) })
	for _, k := range []notify.EventKind{notify.Opened, notify.MarkedRead, notify.Dismissed} {
		t.Run("the person's act is told once: "+k.String(), func(t *testing.T) { personActs(t, open, k) })
	}
	t.Run("after a restart of the daemon nothing of before is touched", func(t *testing.T) { restarted(t, open) })
}

func anyPriorityAndTag(t *testing.T, open func(t *testing.T) (Port, Screen)) {
	p, s := open(t)
	tags := []string{"x", "7Jb0m3Zl3oWm4m0x0n9L9w", "prompt:6f1c", "with space & <tag>", "bad\xff\x00utf8"}
	for i, priority := range []api.Priority{"", api.PriorityLow, api.PriorityNormal, api.PriorityHigh, api.PriorityUrgent} {
		show(t, p, notify.Toast{Tag: tags[i], Title: "toast", Priority: priority, Actions: i%2 == 0, Sticky: i == 1})
		AwaitStanding(t, s, Standing{Title: "toast"})
		if err := p.Withdraw(t.Context(), tags[i]); err != nil {
			t.Fatal(err)
		}
		AwaitStanding(t, s)
	}
}

func heard(t *testing.T, open func(t *testing.T) (Port, Screen)) {
	p, s := open(t)
	for _, c := range []struct {
		sounds                      notify.Sounds
		low, normal, urgent, prompt bool
	}{
		{notify.SoundsOn, false, true, true, true},
		{notify.SoundsUrgent, false, false, true, false},
		{notify.SoundsOff, false, false, false, false},
		{notify.SoundsOn, false, true, true, true}, // and back
	} {
		p.SetSounds(c.sounds)
		for priority, want := range map[api.Priority]bool{api.PriorityLow: c.low, "": c.normal, api.PriorityHigh: c.normal, api.PriorityUrgent: c.urgent} {
			show(t, p, notify.Toast{Tag: "a", Title: "one", Priority: priority})
			AwaitStanding(t, s, Standing{Title: "one"})
			if got := s.Heard("one"); got != want {
				t.Errorf("sounds %d, priority %q: heard %v, want %v", c.sounds, priority, got, want)
			}
			if err := p.Withdraw(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			AwaitStanding(t, s)
		}
		if err := p.ShowPrompt(t.Context(), "a", notify.PromptHidden); err != nil {
			t.Fatal(err)
		}
		title, body := notify.PromptHidden.Words()
		AwaitStanding(t, s, Standing{title, body})
		if got := s.Heard(title); got != c.prompt {
			t.Errorf("sounds %d: a prompt is heard: %v, want %v", c.sounds, got, c.prompt)
		}
		if err := p.Withdraw(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		AwaitStanding(t, s)
	}
}

func personActs(t *testing.T, open func(t *testing.T) (Port, Screen), k notify.EventKind) {
	p, s := open(t)
	show(t, p, notify.Toast{Tag: "a", Title: "one", Actions: true, Sticky: true})
	AwaitStanding(t, s, Standing{Title: "one"})
	if !s.Do("one", k) {
		t.Skip("this screen has no way to do that")
	}
	if e := NextEvent(t, p); e.Kind != k || e.Tag != "a" {
		t.Fatalf("event %+v, want %v of a", e, k)
	}
	AwaitStanding(t, s) // whether the daemon closes what was acted on, or not
	if err := p.Withdraw(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	// What is withdrawn was not dismissed by the person: the next event is the one of the next toast.
	show(t, p, notify.Toast{Tag: "b", Title: "two", Sticky: true})
	if err := p.Withdraw(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	show(t, p, notify.Toast{Tag: "c", Title: "three", Actions: true, Sticky: true})
	AwaitStanding(t, s, Standing{Title: "three"})
	s.Do("three", k)
	if e := NextEvent(t, p); e.Kind != k || e.Tag != "c" {
		t.Fatalf("event %+v, want %v of c", e, k)
	}
}

func restarted(t *testing.T, open func(t *testing.T) (Port, Screen)) {
	p, s := open(t)
	show(t, p, notify.Toast{Tag: "a", Title: "one"})
	if !s.Restart() {
		t.Skip("this screen cannot restart")
	}
	if e := NextEvent(t, p); e != (notify.Event{Kind: notify.DaemonRestarted}) {
		t.Fatalf("event %+v, want DaemonRestarted", e)
	}
	show(t, p, notify.Toast{Tag: "b", Title: "other"}) // takes the id that one had
	if err := p.Withdraw(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	show(t, p, notify.Toast{Tag: "a", Title: "one again"})
	AwaitStanding(t, s, Standing{Title: "other"}, Standing{Title: "one again"})
}

func show(t *testing.T, p Port, toast notify.Toast) {
	t.Helper()
	if err := p.Show(t.Context(), toast); err != nil {
		t.Fatalf("show %q: %v", toast.Tag, err)
	}
}

// AwaitStanding waits until exactly these toasts stand, in any order.
func AwaitStanding(t testing.TB, s Screen, want ...Standing) {
	t.Helper()
	deadline := time.After(patience)
	for {
		got := s.Standing()
		if sameSet(got, want) {
			return
		}
		select {
		case <-s.Changed():
		case <-deadline:
			t.Fatalf("on the screen: %q\nwant: %q", got, want)
		}
	}
}

func sameSet(a, b []Standing) bool {
	order := func(x, y Standing) int { return slices.Compare([]string{x.Title, x.Body}, []string{y.Title, y.Body}) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), order), slices.SortedFunc(slices.Values(b), order))
}

// NextEvent waits for an event.
func NextEvent(t testing.TB, p interface{ Events() <-chan notify.Event }) notify.Event {
	t.Helper()
	select {
	case e := <-p.Events():
		return e
	case <-time.After(patience):
		t.Fatal("no event came")
		return notify.Event{}
	}
}
