package agent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/agent/tray"
	"securepush/pushlistener"
	"securepush/secure"
)

func TestASignInThatEndsSoonIsSaidWithItsDay(t *testing.T) {
	now := time.Date(2026, 11, 21, 14, 2, 0, 0, time.Local)
	link := pushlistener.Snapshot{Link: pushlistener.LinkConnected}
	soon := conditions(secure.Status{State: secure.StateActive, Ends: now.Add(50 * time.Hour)}, link, now)
	if len(soon) != 1 || soon[0].Code != "sign_in_ends" || !strings.Contains(soon[0].Title, "on Monday at 16:02") || soon[0].Advice == "" {
		t.Errorf("conditions are %+v", soon)
	}
	if far := conditions(secure.Status{State: secure.StateActive}, link, now); len(far) != 0 {
		t.Errorf("conditions are %+v", far)
	}
	over := conditions(secure.Status{State: secure.StateEnded}, link, now)
	if slices.ContainsFunc(over, func(c local.Condition) bool { return c.Code == "sign_in_ends" }) {
		t.Errorf("conditions are %+v", over)
	}
	shown := trayState(local.Status{SignIn: local.SignInActive, Link: local.LinkConnected, Conditions: soon}, now)
	if shown.Mode != tray.Trouble || shown.Trouble.Code != "sign_in_ends" {
		t.Errorf("the tray shows %+v", shown)
	}
}
