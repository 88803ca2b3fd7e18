package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"securepush/assets/words"
	"securepush/ui/present"
)

func TestTheTitleSaysWhatTheWindowShowsAndHowManyAreUnread(t *testing.T) {
	for want, c := range map[string]struct {
		page   present.Page
		pane   present.Pane
		unread int
	}{
		"SecurePush":                          {page: present.PageStarting},
		"Sign in – SecurePush":                {page: present.PageSignIn, unread: 3},
		"Your keyring is locked – SecurePush": {page: present.PageLocked},
		"Settings – SecurePush":               {page: present.PageSignIn, pane: present.PaneSettings},
		"Inbox – SecurePush":                  {page: present.PageInbox},
		"(3) Inbox – SecurePush":              {page: present.PageInbox, unread: 3},
		"(1) New notification – SecurePush":   {page: present.PageInbox, pane: present.PaneCompose, unread: 1},
		"(2) Settings – SecurePush":           {page: present.PageInbox, pane: present.PaneSettings, unread: 2},
		"Sent – SecurePush":                   {page: present.PageInbox, pane: present.PaneSent},
	} {
		if got := titleOf(&words.Words{}, c.page, c.pane, c.unread); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheTitleFollowsTheWindow(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		saw := func(want string) {
			t.Helper()
			if got := s.w.win.Title(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		saw("(2) Inbox – SecurePush")
		s.shortcut(fyne.KeyN)
		saw("(2) New notification – SecurePush")
		s.key(fyne.KeyEscape)
		s.key(fyne.KeyDown)
		s.Pass(2 * time.Second) // it counts as read
		saw("(1) Inbox – SecurePush")
	})
}

func TestEnterLeadsFromTheSearchToWhatItFound(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.shortcut(fyne.KeyF)
		s.typed("Rota")
		s.key(fyne.KeyReturn)
		if s.w.win.Canvas().Focused() != s.w.list.list {
			t.Fatal("the list does not have the keyboard")
		}
		s.key(fyne.KeyReturn)
		if got := s.w.shell.Inbox.Selected; got != id(4) {
			t.Errorf("opened %s", got)
		}
	})
}

func TestEnterStaysInASearchThatFoundNothing(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.shortcut(fyne.KeyF)
		s.typed("cholesterol")
		s.key(fyne.KeyReturn)
		if s.w.win.Canvas().Focused() != s.w.header.search {
			t.Error("the search has lost the keyboard")
		}
	})
}
