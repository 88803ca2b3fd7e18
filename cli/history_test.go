package cli

import (
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
)

func TestTheHistorySaysWhatCameOfEachPush(t *testing.T) {
	at := time.Date(2026, 11, 21, 14, 32, 8, 0, time.Local)
	var out strings.Builder
	err := writeHistory(&out, local.History{Latencies: []int64{14}, Pushes: []local.Push{
		{ID: "7Jb0m3", At: at, Outcome: local.OutcomeShown, LatencyMS: 14},
		{At: at, Outcome: local.OutcomeUndecryptable},
		{ID: "8Jb0m3", At: at, Outcome: local.OutcomeDigest, Found: true},
		{ID: "9Jb0m3", At: at, Outcome: "of_tomorrow"},
	}})
	want := "2026-11-21 14:32:08  7Jb0m3  Shown after 14 ms\n" +
		"2026-11-21 14:32:08          Could not be decrypted\n" +
		"2026-11-21 14:32:08  8Jb0m3  Shown together with others, found when catching up\n" +
		"2026-11-21 14:32:08  9Jb0m3  of_tomorrow\n" +
		"From push to toast, in ms, newest first: 14\n"
	if err != nil || out.String() != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, out.String(), want)
	}
}

func TestAnAgentThatIsNotThereHasNoHistory(t *testing.T) {
	a, _, getenv := alone(t)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-start(t.Context(), getenv, "history"); got.code != ExitDone || !strings.Contains(got.out, "No push has come") {
		t.Errorf("%+v", got)
	}
	if got := <-start(t.Context(), getenv, "doctor", "--export"); got.code != ExitDone || !strings.HasPrefix(got.out, "SecurePush ") {
		t.Errorf("%+v", got)
	}
}
