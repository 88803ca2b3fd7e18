package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
)

// testPatience is how long a test run waits for its toast.
const testPatience = 20 * time.Second

// testRun sends a test notification to this device and reports each step as it ends.
func (st *seat) testRun(ctx context.Context, report func(local.TestStep)) error {
	c, err := st.connected(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, testPatience)
	defer cancel()
	marks, stop := st.history.watch() // before it is sent: the push may be faster than the answer
	defer stop()
	run := &testRunning{begin: st.a.now(), report: report}
	run.last = run.begin

	_, err = c.WellKnown(ctx)
	if !run.asked(local.TestServer, st.a.now(), err, "Check the network and the address, or ask whoever runs the server.") {
		return nil
	}
	sent, err := c.Test(ctx, st.readProfile().Installation)
	err = st.judge(err)
	if err == nil && len(sent.IDs) != 1 {
		err = api.NewProblem(api.CodeInternal, "The server has a problem.")
	}
	if !run.asked(local.TestAccepted, st.a.now(), err, "More: securepush doctor.") {
		return nil
	}
	if l := st.present(); l == nil {
		run.fail("The listener is not running, so notifications do not arrive.", "Start it: securepush listen.", st.a.now())
		return nil
	}
	run.id = sent.IDs[0]
	if sent.Devices == 0 {
		run.fail("The server does not know where to send pushes for this device.", "Restart the listener: securepush service restart.", st.a.now())
		return nil
	}
	for !run.ended {
		select {
		case m := <-marks:
			run.take(m)
		case <-st.a.stopping:
			return nil
		case <-ctx.Done():
			run.tooLate(st.whereItHangs(), st.a.now())
		}
	}
	return nil
}

// whereItHangs is the listener's state, if it runs.
func (st *seat) whereItHangs() pushlistener.Snapshot {
	if l := st.present(); l != nil {
		return l.listener.Snapshot()
	}
	return pushlistener.Snapshot{}
}

// testRunning is a test run: which steps have ended, and when. It is not safe for concurrent use.
type testRunning struct {
	id          api.ID
	begin, last time.Time
	done        int // steps that have ended
	ended       bool
	report      func(local.TestStep)
}

// next is the step that is to end now.
func (t *testRunning) next() local.TestStage { return local.TestStages()[t.done] }

// end reports the next step.
func (t *testRunning) end(r local.TestResult, words, advice string, at time.Time) {
	if at.Before(t.last) {
		at = t.last // the push was faster than the answer
	}
	t.report(local.TestStep{
		Stage: t.next(), Result: r, Words: words, Advice: advice,
		TookMS: at.Sub(t.last).Milliseconds(), AfterMS: at.Sub(t.begin).Milliseconds(),
	})
	t.last = at
	t.done++
	t.ended = r == local.TestFailed || t.done == len(local.TestStages())
}

func (t *testRunning) fail(words, advice string, at time.Time) {
	t.end(local.TestFailed, words, advice, at)
}

// asked ends a step that is a call of the server.
func (t *testRunning) asked(stage local.TestStage, at time.Time, err error, advice string) bool {
	if err != nil {
		t.fail(api.Words(err), advice, at)
		return false
	}
	t.reach(stage, at)
	return true
}

// reach ends the steps up to this one. What comes out of order ends those before, too: content that is here has arrived.
func (t *testRunning) reach(stage local.TestStage, at time.Time) {
	for !t.ended {
		this := t.next()
		t.end(local.TestOK, "", "", at)
		if this == stage {
			return
		}
	}
}

// take looks at what the listener marks.
func (t *testRunning) take(m pushlistener.Mark) {
	if m.ID != t.id || t.ended {
		return
	}
	before := func(s local.TestStage) bool { return t.next() == s }
	switch m.Step {
	case pushlistener.StepPushed:
		if before(local.TestArrived) {
			t.reach(local.TestArrived, m.At)
		}
	case pushlistener.StepFound:
		if before(local.TestArrived) {
			t.fail("No push came. The notification was found when catching up.",
				"Pushes do not get through to this device. See whether a proxy holds WebSockets back, and: securepush doctor.", m.At)
		}
	case pushlistener.StepFetched:
		if before(local.TestFetched) {
			t.reach(local.TestFetched, m.At)
		}
	case pushlistener.StepShown, pushlistener.StepDigest, pushlistener.StepGeneric:
		t.reach(local.TestShown, m.At)
	default:
		if why, held := heldWords(m.Step); held {
			t.end(local.TestHeld, why, "", m.At)
			t.ended = true
		} else if why, advice := lostWords(m.Step); why != "" {
			t.fail(why, advice, m.At)
		}
	}
}

// heldWords say why a toast waits, as the person wants it.
func heldWords(s pushlistener.Step) (string, bool) {
	switch s {
	case pushlistener.StepQuiet:
		return "It is quiet now, so the toast is shown later.", true
	case pushlistener.StepLocked:
		return "The screen is locked, so the toast is shown when it is unlocked.", true
	}
	return "", false
}

// lostWords say why there will be no toast.
func lostWords(s pushlistener.Step) (words, advice string) {
	switch s {
	case pushlistener.StepUnshown:
		return "Notifications cannot be shown on this desktop right now.",
			"Start a notification daemon, such as dunst or your desktop's own."
	case pushlistener.StepRead, pushlistener.StepDismissed, pushlistener.StepExpired, pushlistener.StepGone:
		return "The test was read or removed before it could be shown.", "Try again."
	case pushlistener.StepRefused:
		return "The server does not give the content to this account.", "Sign in again."
	case pushlistener.StepLater:
		return "Too much came at once.", "Try again in a minute."
	}
	return "", ""
}

// tooLate ends a run whose time is over, with what is known of why.
func (t *testRunning) tooLate(s pushlistener.Snapshot, at time.Time) {
	switch t.next() {
	case local.TestArrived:
		if s.Link != pushlistener.LinkConnected {
			t.fail(cmp.Or(s.LinkTrouble.Words, "There is no connection to the push service."),
				"It tries again by itself. Check the network, and whether a proxy lets WebSockets pass.", at)
			return
		}
		t.fail("No push came within 20 seconds.", "Ask whoever runs the server whether it reaches its push service. More: securepush doctor.", at)
	case local.TestFetched:
		t.fail(cmp.Or(s.Server.Words, s.Keyring.Words, "The content could not be fetched."), "It tries again by itself. More: securepush doctor.", at)
	default:
		t.fail(cmp.Or(s.Toasts.Words, "The desktop did not take the toast."), "Start a notification daemon, such as dunst or your desktop's own.", at)
	}
}

// streamTestRun writes the steps as lines of JSON as they end.
func (a *Agent) streamTestRun(w http.ResponseWriter, r *http.Request) {
	st, err := a.addressed(r)
	if err != nil {
		writeProblem(w, err)
		return
	}
	encode := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	err = st.testRun(r.Context(), func(s local.TestStep) {
		w.Header().Set("Content-Type", "application/x-ndjson") // with the first step: until then it may be a problem
		if encode.Encode(s) == nil {
			_ = flush.Flush() // a transport within the process has none, and gives all of it at the end
		}
	})
	if err != nil {
		writeProblem(w, err)
	}
}
