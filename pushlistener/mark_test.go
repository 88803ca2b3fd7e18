package pushlistener

import (
	"errors"
	"slices"
	"testing"
	"time"

	"securepush/api"
)

// steps are those of an ID so far; of pushes without one for "".
func (w *sim) steps(name string) (out []Step) {
	for _, m := range w.s.marks {
		if m.ID == api.ID("") && name == "" || name != "" && m.ID == id(name) {
			out = append(out, m.Step)
		}
	}
	return out
}

func TestTheWayOfAPushIsMarked(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*sim)
		want []Step // of a
	}{
		{"what is unread is shown", func(w *sim) { w.send("a") }, []Step{StepPushed, StepFetched, StepShown}},
		{"what was read already is not", func(w *sim) {
			w.put("a")
			w.read("a")
			w.push("a")
		}, []Step{StepPushed, StepFetched, StepRead}},
		{"what is pushed again brings nothing new", func(w *sim) {
			w.send("a")
			w.push("a")
		}, []Step{StepPushed, StepFetched, StepShown, StepPushed, StepFetched, StepKnown}},
		{"what came in a quiet time is shown afterwards", func(w *sim) {
			w.tell(Display{Quiet: true})
			w.send("a")
			w.tell(Display{})
		}, []Step{StepPushed, StepFetched, StepQuiet, StepFetched, StepShown}},
		{"what came to a locked screen is shown afterwards", func(w *sim) {
			w.tell(Display{Locked: true})
			w.send("a")
			w.tell(Display{})
		}, []Step{StepPushed, StepFetched, StepLocked, StepFetched, StepShown}},
		{"a toast without content", func(w *sim) {
			w.tell(Display{Generic: true})
			w.send("a")
		}, []Step{StepPushed, StepFetched, StepGeneric}},
		{"what the server does not have", func(w *sim) { w.push("a") }, []Step{StepPushed, StepGone}},
		{"what the server refuses", func(w *sim) {
			w.fail = api.NewProblem(api.CodeForbidden, "")
			w.send("a")
		}, []Step{StepPushed, StepRefused}},
		{"what the sign-in is missing for waits", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
		}, []Step{StepPushed}},
		{"what is read here while it waits", func(w *sim) {
			w.fail = unauthorized
			w.send("a")
			w.tell(MarkedRead{IDs: []api.ID{id("a")}})
		}, []Step{StepPushed, StepDismissed}},
		{"what expired on the way", func(w *sim) {
			past := w.now.Add(-time.Second)
			w.put("a").ExpiresAt = &past
			w.push("a")
		}, []Step{StepPushed, StepFetched, StepExpired}},
		{"what nobody pushed is found", func(w *sim) {
			w.put("a")
			w.tell(Refresh{})
		}, []Step{StepFound, StepShown}},
		{"what comes while nobody is signed in", func(w *sim) {
			w.tell(SignedOut{})
			w.push("a")
		}, []Step{StepPushed, StepNobody}},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := up(t)
			w.s.traced = true
			row.do(w)
			if got := w.steps("a"); !slices.Equal(got, row.want) {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestADigestMarksEachOfItsMembers(t *testing.T) {
	w := up(t)
	w.s.traced = true
	for _, name := range []string{"a", "b", "c", "d"} {
		w.put(name)
	}
	w.tell(Woke{})
	for _, name := range []string{"a", "b", "c", "d"} {
		if got := w.steps(name); !slices.Equal(got, []Step{StepFound, StepDigest}) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAToastThatTheDesktopDoesNotTakeIsMarked(t *testing.T) {
	w := up(t)
	w.s.traced = true
	w.toastErr = errors.New("no daemon")
	w.send("a")
	if got := w.steps("a"); !slices.Equal(got, []Step{StepPushed, StepFetched, StepUnshown}) {
		t.Errorf("%q", got)
	}
}

func TestWhatIsNoIDIsMarkedWithoutOne(t *testing.T) {
	w := up(t)
	w.s.traced = true
	w.tell(dropped{})
	w.tell(undecryptable{})
	if got := w.steps(""); !slices.Equal(got, []Step{StepNotAnID, StepUndecryptable}) {
		t.Errorf("%q", got)
	}
}

func TestWhereNobodyTracesNothingIsMarked(t *testing.T) {
	w := up(t)
	w.send("a")
	if len(w.s.marks) != 0 {
		t.Errorf("%v", w.s.marks)
	}
}
