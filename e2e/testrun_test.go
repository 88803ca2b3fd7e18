//go:build linux

package e2e

import (
	"slices"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/cli/desktop"
)

func TestATestNotificationIsFollowedToItsToast(t *testing.T) {
	s := newStack(t, desktop.Options{})
	s.signedIn()
	var stages []local.TestStage
	if err := s.agent.TestRun(s.Context(), func(step local.TestStep) {
		stages = append(stages, step.Stage)
		if step.Result != local.TestOK || step.AfterMS < step.TookMS {
			s.Errorf("%+v", step)
		}
	}); err != nil {
		s.Fatal(err)
	}
	if !slices.Equal(stages, local.TestStages()) {
		s.Errorf("the steps were %q", stages)
	}
	h := decode[local.History](s, s.must("", "history", "--json"))
	if len(h.Pushes) != 1 || h.Pushes[0].Outcome != local.OutcomeShown || len(h.Latencies) != 1 {
		s.Errorf("the history is %+v", h)
	}
	if report := s.must("", "doctor", "--export"); !strings.Contains(report, "Last 1 pushes: map[shown:1]") || strings.Contains(report, user) {
		s.Errorf("the report:\n%s", report)
	}
}
