//go:build linux

package e2e

import (
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/cli/desktop"
)

func TestATestNotificationIsSentFromTheWindow(t *testing.T) {
	need(t, missingForKeys())
	s := newStack(t, desktop.Options{Screen: "1920x1080"})
	s.signedIn()
	k := s.keyboard()
	k.shows("Inbox – SecurePush")
	k.press("ctrl+i")
	k.shows("Connection – SecurePush")
	k.press("Tab", "Tab", "Tab", "Return") // by back and menu to the test
	s.until("its toast", func() bool { return strings.Contains(s.dunst(), "SecurePush") })
	s.until("the history has it", func() bool {
		h := decode[local.History](s, s.must("", "history", "--json"))
		return len(h.Pushes) == 1 && h.Pushes[0].Outcome == local.OutcomeShown
	})
	k.press("Escape")
	k.shows("(1) Inbox – SecurePush")
}
