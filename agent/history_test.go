package agent

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
	"securepush/pushlistener"
)

const testID = api.ID("7Jb0m3Zl3oWm4m0x0n9L9w")

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// marked is a history after marks of testID, ten milliseconds apart.
func marked(steps ...pushlistener.Step) *history {
	h := &history{}
	for i, s := range steps {
		h.take(pushlistener.Mark{ID: testID, Step: s, At: noon.Add(time.Duration(i) * 10 * time.Millisecond)})
	}
	return h
}

func TestTheHistorySaysWhatCame(t *testing.T) {
	const pushed, found, fetched, shown = pushlistener.StepPushed, pushlistener.StepFound, pushlistener.StepFetched, pushlistener.StepShown
	for _, row := range []struct {
		name    string
		steps   []pushlistener.Step
		snap    pushlistener.Snapshot
		want    local.Outcome // of the newest
		latency int64
	}{
		{"a toast, and how long it took", []pushlistener.Step{pushed, fetched, shown}, pushlistener.Snapshot{}, local.OutcomeShown, 20},
		{"one of a digest", []pushlistener.Step{pushed, fetched, pushlistener.StepDigest}, pushlistener.Snapshot{}, local.OutcomeDigest, 20},
		{"what was held back has no latency", []pushlistener.Step{pushed, fetched, pushlistener.StepQuiet, fetched, shown}, pushlistener.Snapshot{}, local.OutcomeShown, 0},
		{"what was found has none", []pushlistener.Step{found, shown}, pushlistener.Snapshot{}, local.OutcomeShown, 0},
		{"what is shown again at unlock was shown before", []pushlistener.Step{pushed, fetched, shown, pushlistener.StepLocked, shown}, pushlistener.Snapshot{}, local.OutcomeShown, 20},
		{"held back while it is quiet", []pushlistener.Step{pushed, fetched, pushlistener.StepQuiet}, pushlistener.Snapshot{}, local.OutcomeQuiet, 0},
		{"a desktop without toasts", []pushlistener.Step{pushed, fetched, pushlistener.StepUnshown}, pushlistener.Snapshot{}, local.OutcomeWaitingDesktop, 0},
		{"on its way", []pushlistener.Step{pushed}, pushlistener.Snapshot{}, local.OutcomeArriving, 0},
		{"waits for the sign-in", []pushlistener.Step{pushed}, pushlistener.Snapshot{Access: pushlistener.AccessEnded}, local.OutcomeWaitingSignIn, 0},
		{"waits for the keyring", []pushlistener.Step{pushed}, pushlistener.Snapshot{Access: pushlistener.AccessLocked}, local.OutcomeWaitingKeyring, 0},
		{
			"waits for the server",
			[]pushlistener.Step{pushed},
			pushlistener.Snapshot{Server: pushlistener.Trouble{Code: api.CodeUnreachable}},
			local.OutcomeWaitingServer, 0,
		},
		{"a push that brings nothing new is one of its own", []pushlistener.Step{pushed, fetched, shown, pushed, fetched, pushlistener.StepKnown}, pushlistener.Snapshot{}, local.OutcomeKnown, 0},
		{"found and pushed as well is one", []pushlistener.Step{found, pushed, shown}, pushlistener.Snapshot{}, local.OutcomeShown, 0},
		{"pushed again while it is on its way is one", []pushlistener.Step{pushed, fetched, pushed, shown}, pushlistener.Snapshot{}, local.OutcomeShown, 30},
		{"pushed again while it is held back is one", []pushlistener.Step{pushed, pushlistener.StepUnshown, pushed, fetched, shown}, pushlistener.Snapshot{}, local.OutcomeShown, 0},
		{"read elsewhere", []pushlistener.Step{pushed, fetched, pushlistener.StepRead}, pushlistener.Snapshot{}, local.OutcomeRead, 0},
		{"refused", []pushlistener.Step{pushed, pushlistener.StepRefused}, pushlistener.Snapshot{}, local.OutcomeRefused, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := tellHistory(marked(row.steps...).recent(), row.snap).Pushes
			if len(got) == 0 || got[0].Outcome != row.want || got[0].LatencyMS != row.latency || got[0].ID != "7Jb0m3" {
				t.Errorf("%+v", got)
			}
			for _, p := range got {
				if len(got) > 1 && p.Outcome == local.OutcomeArriving {
					t.Errorf("a line never ends: %+v", got)
				}
			}
			if one := strings.HasSuffix(row.name, " is one"); one && len(got) != 1 {
				t.Errorf("%d lines: %+v", len(got), got)
			}
		})
	}
}

func TestTheHistoryIsBounded(t *testing.T) {
	h := &history{}
	for i := range 500 {
		id := api.ID(fmt.Sprintf("id-%04d", i))
		h.take(pushlistener.Mark{ID: id, Step: pushlistener.StepPushed, At: noon})
		h.take(pushlistener.Mark{ID: id, Step: pushlistener.StepShown, At: noon.Add(time.Duration(i) * time.Millisecond)})
		h.take(pushlistener.Mark{Step: pushlistener.StepUndecryptable, At: noon})
	}
	got := tellHistory(h.recent(), pushlistener.Snapshot{})
	if len(got.Pushes) != historyPushes || cap(h.pushes) > 2*historyPushes {
		t.Errorf("%d pushes in %d places", len(got.Pushes), cap(h.pushes))
	}
	if want := []int64{499, 498, 497, 496, 495, 494, 493, 492, 491, 490}; !slices.Equal(got.Latencies, want) {
		t.Errorf("latencies %v", got.Latencies)
	}
	if h.clear(); len(h.recent()) != 0 {
		t.Error("it is not cleared")
	}
}

func TestEveryOutcomeAndStepHasWords(t *testing.T) {
	for _, tag := range []string{"en", "de"} {
		say := words.New(tag)
		for _, o := range []local.Outcome{
			local.OutcomeArriving, local.OutcomeWaitingServer, local.OutcomeWaitingSignIn, local.OutcomeWaitingKeyring, local.OutcomeWaitingDesktop,
			local.OutcomeQuiet, local.OutcomeLocked, local.OutcomeLater, local.OutcomeShown, local.OutcomeDigest, local.OutcomeGeneric,
			local.OutcomeRead, local.OutcomeDismissed, local.OutcomeExpired, local.OutcomeGone, local.OutcomeRefused, local.OutcomeKnown,
			local.OutcomeNobody, local.OutcomeNotAnID, local.OutcomeUndecryptable,
		} {
			if text, ok := say.Outcome(string(o)); !ok || text == "" {
				t.Errorf("%s: no words for %s", tag, o)
			}
		}
		for _, s := range local.TestStages() {
			if text, ok := say.Step(string(s)); !ok || text == "" {
				t.Errorf("%s: no words for %s", tag, s)
			}
		}
	}
}

func TestEveryEndIsAnOutcome(t *testing.T) {
	say := words.New("en")
	for _, s := range []pushlistener.Step{
		pushlistener.StepShown, pushlistener.StepDigest, pushlistener.StepGeneric, pushlistener.StepQuiet, pushlistener.StepLocked,
		pushlistener.StepUnshown, pushlistener.StepRead, pushlistener.StepDismissed, pushlistener.StepExpired, pushlistener.StepGone,
		pushlistener.StepRefused, pushlistener.StepKnown, pushlistener.StepLater, pushlistener.StepNobody, pushlistener.StepNotAnID,
		pushlistener.StepUndecryptable,
	} {
		o, ended := outcomeOf(s)
		if _, known := say.Outcome(string(o)); !ended || !known {
			t.Errorf("%s is %q", s, o)
		}
	}
}

// ran lists the steps of a run, such as "arrived ok".
func ran(steps []local.TestStep) (out []string) {
	for _, s := range steps {
		out = append(out, fmt.Sprintf("%s %s", s.Stage, s.Result))
	}
	return out
}

func TestATestRunTellsEachStep(t *testing.T) {
	const pushed, fetched, shown = pushlistener.StepPushed, pushlistener.StepFetched, pushlistener.StepShown
	for _, row := range []struct {
		name  string
		steps []pushlistener.Step
		want  string
		words string // of the last
	}{
		{"a toast", []pushlistener.Step{pushed, fetched, shown}, "arrived ok, fetched ok, shown ok", ""},
		{"a quiet time", []pushlistener.Step{pushed, fetched, pushlistener.StepQuiet}, "arrived ok, fetched ok, shown held", "quiet"},
		{"a locked screen", []pushlistener.Step{pushed, fetched, pushlistener.StepLocked}, "arrived ok, fetched ok, shown held", "locked"},
		{"a desktop without toasts", []pushlistener.Step{pushed, fetched, pushlistener.StepUnshown}, "arrived ok, fetched ok, shown failed", "desktop"},
		{"no push", []pushlistener.Step{pushlistener.StepFound, shown}, "arrived failed", "No push came"},
		{"content that is refused", []pushlistener.Step{pushed, pushlistener.StepRefused}, "arrived ok, fetched failed", "account"},
		{"a push that comes twice", []pushlistener.Step{pushed, pushed, fetched, shown}, "arrived ok, fetched ok, shown ok", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []local.TestStep
			run := &testRunning{id: testID, begin: noon, last: noon.Add(time.Second), done: 2, report: func(s local.TestStep) { got = append(got, s) }}
			run.take(pushlistener.Mark{ID: "another", Step: shown, At: noon})
			for i, s := range row.steps {
				run.take(pushlistener.Mark{ID: testID, Step: s, At: noon.Add(time.Duration(980+20*i) * time.Millisecond)})
			}
			if strings.Join(ran(got), ", ") != row.want || !run.ended {
				t.Errorf("%q, ended %v", ran(got), run.ended)
			}
			last := got[len(got)-1]
			if !strings.Contains(last.Words, row.words) || (last.Words == "") != (row.words == "") || last.Result == local.TestFailed && last.Advice == "" {
				t.Errorf("%+v", last)
			}
			if got[0].TookMS != 0 || got[0].AfterMS != 1000 {
				t.Errorf("a push that is faster than the answer: %+v", got[0])
			}
		})
	}
}

func TestATestRunThatIsTooLateSaysWhereItHangs(t *testing.T) {
	for _, row := range []struct {
		name string
		done int
		snap pushlistener.Snapshot
		want string
	}{
		{"no connection", 2, pushlistener.Snapshot{LinkTrouble: pushlistener.Trouble{Words: "It is away."}}, "It is away."},
		{"a connection, and no push", 2, pushlistener.Snapshot{Link: pushlistener.LinkConnected}, "No push came within 20 seconds."},
		{"no content", 3, pushlistener.Snapshot{Server: pushlistener.Trouble{Words: "It cannot be reached."}}, "It cannot be reached."},
		{"no toast", 4, pushlistener.Snapshot{}, "The desktop did not take the toast."},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []local.TestStep
			run := &testRunning{id: testID, begin: noon, last: noon, done: row.done, report: func(s local.TestStep) { got = append(got, s) }}
			run.tooLate(row.snap, noon.Add(testPatience))
			if len(got) != 1 || got[0].Result != local.TestFailed || got[0].Words != row.want || got[0].Advice == "" || !run.ended || got[0].AfterMS != 20_000 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDevicesComeInOrder(t *testing.T) {
	at := func(h int) *time.Time { t := noon.Add(time.Duration(h) * time.Hour); return &t }
	got := listDevices([]api.Installation{
		{InstallationID: "never"}, {InstallationID: "old", LastUpdate: at(1)}, {InstallationID: "this", LastUpdate: at(0)}, {InstallationID: "new", LastUpdate: at(2)},
	}, "this")
	ids := make([]string, len(got))
	for i, d := range got {
		ids[i] = d.ID
	}
	if !slices.Equal(ids, []string{"this", "new", "old", "never"}) || !got[0].This || got[1].This {
		t.Errorf("%+v", got)
	}
}
