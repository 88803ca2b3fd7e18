package agent

import (
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/agent/tray"
	"securepush/api"
	"securepush/pushlistener"
)

func TestTheTrayShowsTheWorstThatIsToBeSaid(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	since, later := now.Add(-time.Hour), now.Add(time.Hour)
	condition := func(code string) []local.Condition { return []local.Condition{{Code: code, Title: "In words"}} }
	quiet := func(link local.Link, reason local.QuietReason) local.Status {
		return local.Status{SignIn: local.SignInActive, Link: link, Quiet: &local.Quiet{Reason: reason, Until: &later}}
	}
	for _, c := range []struct {
		name   string
		status local.Status
		want   tray.State
	}{
		{"connected", local.Status{SignIn: local.SignInActive, Link: local.LinkConnected, Unread: 3}, tray.State{Mode: tray.Connected, Unread: 3}},
		{"connecting", local.Status{SignIn: local.SignInActive, Link: local.LinkConnecting}, tray.State{Mode: tray.Connecting}},
		{"not begun yet", local.Status{SignIn: local.SignInActive, Link: local.LinkOff}, tray.State{Mode: tray.Connecting}},
		{"offline", local.Status{SignIn: local.SignInActive, Link: local.LinkOffline, LinkSince: &since}, tray.State{Mode: tray.Offline, Since: since}},
		{
			"offline is worse than a server that cannot be asked",
			local.Status{SignIn: local.SignInActive, Link: local.LinkOffline, Conditions: condition("server")},
			tray.State{Mode: tray.Offline},
		},
		{
			"something on the way is broken",
			local.Status{SignIn: local.SignInActive, Link: local.LinkConnected, Conditions: condition("toasts")},
			tray.State{Mode: tray.Trouble, Trouble: tray.Problem{Code: "toasts", Title: "In words"}},
		},
		{
			"a condition that keeps nothing away",
			local.Status{SignIn: local.SignInActive, Link: local.LinkConnected, Conditions: condition("sign_in_not_kept")},
			tray.State{Mode: tray.Connected},
		},
		{"paused", quiet(local.LinkConnected, local.QuietPause), tray.State{Mode: tray.Paused, Quiet: tray.Quiet{Reason: tray.QuietPause, Until: later}}},
		{"quiet hours", quiet(local.LinkConnected, local.QuietHoursOn), tray.State{Mode: tray.Paused, Quiet: tray.Quiet{Reason: tray.QuietHours, Until: later}}},
		{"the desktop's", quiet(local.LinkConnected, local.QuietDesktop), tray.State{Mode: tray.Paused, Quiet: tray.Quiet{Reason: tray.QuietDesktop, Until: later}}},
		{"paused and offline", quiet(local.LinkOffline, local.QuietPause), tray.State{Mode: tray.Offline, Quiet: tray.Quiet{Reason: tray.QuietPause, Until: later}}},
		{"nobody signed in", local.Status{SignIn: local.SignInNever, Link: local.LinkOff}, tray.State{Mode: tray.SignedOut}},
		{"the sign-in has ended", local.Status{SignIn: local.SignInEnded, Link: local.LinkConnected}, tray.State{Mode: tray.SignInEnded}},
		{"the keyring is locked", local.Status{SignIn: local.SignInLocked}, tray.State{Mode: tray.KeyringLocked}},
		{"the keyring was not asked yet", local.Status{SignIn: local.SignInUnknown}, tray.State{Mode: tray.Connecting}},
		{
			"the keyring does not answer",
			local.Status{SignIn: local.SignInUnknown, Conditions: condition(string(api.CodeKeyringUnavailable))},
			tray.State{Mode: tray.KeyringSilent},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := trayState(c.status, now)
			c.want.Now = now
			if got.Mode != c.want.Mode || got.Since != c.want.Since || got.Trouble != c.want.Trouble || got.Quiet != c.want.Quiet || got.Unread != c.want.Unread {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestTheTrayNamesWhatAToastMayShow(t *testing.T) {
	for _, c := range []struct {
		name string
		n    api.Notification
		d    pushlistener.Display
		want string
	}{
		{"sender and title", api.Notification{Sender: "Lab", Title: "Potassium", Payload: "4.1"}, pushlistener.Display{}, "Lab: Potassium"},
		{"no title", api.Notification{Sender: "Lab", Payload: "K 4.1\nwithin range"}, pushlistener.Display{}, "Lab: K 4.1 within range"},
		{"no sender", api.Notification{Title: "Potassium"}, pushlistener.Display{}, "Potassium"},
		{"the same twice", api.Notification{Sender: "Lab", Title: "Lab"}, pushlistener.Display{}, "Lab"},
		{"the sender only", api.Notification{Sender: "Lab", Title: "Potassium"}, pushlistener.Display{Sender: true}, "Lab"},
		{"the sender only, who is not told", api.Notification{Title: "Potassium"}, pushlistener.Display{Sender: true}, ""},
		{"text that hides its order", api.Notification{Title: "a\u202eb\x00c"}, pushlistener.Display{}, "abc"},
	} {
		if got := trayLine(c.n, c.d); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
