package agent

import (
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/pushlistener"
	"securepush/secure"
)

func TestEveryTroubleHasWords(t *testing.T) {
	now := time.Date(2026, 11, 21, 14, 2, 0, 0, time.UTC)
	trouble := pushlistener.Trouble{Code: "x", Since: now}
	for _, c := range []struct {
		name    string
		session secure.Status
		snap    pushlistener.Snapshot
		want    []string // codes, worst first
	}{
		{"nobody signed in is no trouble", secure.Status{}, pushlistener.Snapshot{}, nil},
		{"signed in and connected is none", secure.Status{State: secure.StateActive}, pushlistener.Snapshot{Link: pushlistener.LinkConnected}, nil},
		{"an ended sign-in", secure.Status{State: secure.StateEnded}, pushlistener.Snapshot{}, []string{"sign_in_needed"}},
		{"a locked keyring", secure.Status{State: secure.StateLocked}, pushlistener.Snapshot{}, []string{"keyring_locked"}},
		{"a keyring that hangs", secure.Status{State: secure.StateUnknown, Cause: errNotOurs}, pushlistener.Snapshot{}, []string{"keyring_unavailable"}},
		{"a keyring that was not asked yet is none", secure.Status{State: secure.StateUnknown}, pushlistener.Snapshot{}, nil},
		{"a sign-in that is not kept", secure.Status{State: secure.StateActive, MemoryOnly: true}, pushlistener.Snapshot{}, []string{"sign_in_not_kept"}},
		{
			"a connection that is away for a moment is none",
			secure.Status{State: secure.StateActive},
			pushlistener.Snapshot{Link: pushlistener.LinkOffline, LinkSince: now.Add(-time.Second)},
			nil,
		},
		{
			"a connection that stays away",
			secure.Status{State: secure.StateActive},
			pushlistener.Snapshot{Link: pushlistener.LinkOffline, LinkSince: now.Add(-time.Minute)},
			[]string{"offline"},
		},
		{
			"a connection that stays away while the server answers",
			secure.Status{State: secure.StateActive},
			pushlistener.Snapshot{Link: pushlistener.LinkOffline, LinkSince: now.Add(-time.Hour), Synced: now.Add(-time.Minute)},
			[]string{"polling"},
		},
		{
			"the worst comes first",
			secure.Status{State: secure.StateActive, MemoryOnly: true},
			pushlistener.Snapshot{Server: trouble, Toasts: trouble, Registration: trouble, Journal: trouble},
			[]string{"registration", "journal", "sign_in_not_kept", "server", "toasts"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := conditions(c.session, c.snap, now)
			if len(got) != len(c.want) {
				t.Fatalf("%+v", got)
			}
			for i, condition := range got {
				if condition.Code != c.want[i] || condition.Title == "" || condition.Advice == "" {
					t.Errorf("%+v", condition)
				}
			}
		})
	}
}

func TestASlowWatcherLearnsOfEveryAccount(t *testing.T) {
	var c changes
	slow := c.watch(false, nil)
	c.publish(local.Change{Kind: local.ChangeSettings})
	c.publish(local.Change{Kind: local.ChangeInbox, Account: "anna"})
	for range 10 * changeQueue {
		c.publish(local.Change{Kind: local.ChangeInbox, Account: "bob"})
		c.publish(local.Change{Kind: local.ChangeStatus})
	}
	told := map[local.Change]bool{}
	for len(slow.c) > 0 {
		told[<-slow.c] = true
	}
	of := func(account string) local.Change { return local.Change{Kind: local.ChangeInbox, Account: account} }
	for _, want := range []local.Change{{Kind: local.ChangeSettings}, {Kind: local.ChangeStatus}, of("anna"), of("bob")} {
		if !told[want] {
			t.Errorf("not told: %+v", want)
		}
	}
}

func TestASlowWatcherLosesOnlyTheOldest(t *testing.T) {
	var c changes
	slow := c.watch(false, nil)
	for range 10 * changeQueue {
		c.publish(local.Change{Kind: local.ChangeInbox})
	}
	c.publish(local.Change{Kind: local.ChangeSettings})
	var last local.Change
	for len(slow.c) > 0 {
		last = <-slow.c
	}
	if last.Kind != local.ChangeSettings {
		t.Errorf("the last is %+v", last)
	}
	c.drop(slow)
	if c.publish(local.Change{Kind: local.ChangeInbox}) != 0 {
		t.Error("still told")
	}
}
