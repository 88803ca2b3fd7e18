package present

import (
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func ids(items []api.Notification) (out []api.ID) {
	for _, n := range items {
		out = append(out, n.ID)
	}
	return out
}

func TestOpeningAnItemMarksItAsReadAfterItWasShown(t *testing.T) {
	perform(t, with(3, 3), func(s *stage) {
		b := s.shell.Inbox
		b.Select(id(1))
		s.Pass(readAfter / 2)
		s.is("read at once", b.Open.Read, false)
		s.Pass(readAfter)
		s.is("read later", b.Open.Read, true)
		s.is("unread", b.Unread, 2)
		s.is("calls", s.agent.Called("set-read"), 1)
		b.SetRead(id(1), false)
		s.Pass(time.Minute)
		s.is("marked unread by hand", b.Open.Read, false)
	})
}

func TestAnItemLeftBeforeItWasShownStaysUnread(t *testing.T) {
	perform(t, with(3, 3), func(s *stage) {
		s.shell.Inbox.Select(id(0))
		s.Pass(readAfter / 2)
		s.shell.Inbox.Select("")
		s.Pass(time.Minute)
		s.is("calls", s.agent.Called("set-read"), 0)
	})
}

func TestARefusedMarkIsShownBack(t *testing.T) {
	perform(t, with(2, 2), func(s *stage) {
		refuse("set-read", api.CodeUnreachable, "It cannot be reached.")(s.agent)
		b := s.shell.Inbox
		b.SetRead(id(0), true)
		s.is("unread at once", b.Unread, 1)
		s.Settle()
		s.is("unread after", b.Unread, 2)
		s.is("item", b.Items[0].Read, false)
		s.is("words", b.Toast.Words, "It cannot be reached.")
		s.Pass(undoFor + time.Second)
		s.is("toast gone", b.Toast == nil, true)
	})
}

func TestADeletionCanBeTakenBackUntilItIsDone(t *testing.T) {
	perform(t, with(3, 3), func(s *stage) {
		b := s.shell.Inbox
		b.Select(id(1))
		b.Delete(id(1))
		s.is("left", len(b.Visible()), 2)
		s.is("unread", b.Unread, 2)
		s.is("selected", b.Selected, api.ID(""))
		s.is("words", b.Toast.Words, "Deleted.")
		b.Toast.Undo()
		s.Pass(time.Minute)
		s.is("calls", s.agent.Called("delete"), 0)
		s.is("back", len(b.Visible()), 3)
		s.is("selected", b.Selected, id(1))

		b.Delete(id(1))
		undo := b.Toast.Undo
		s.Pass(undoFor + time.Second)
		s.is("calls", s.agent.Called("delete"), 1)
		undo()
		s.is("too late", len(b.Visible()), 2)
	})
}

func TestTheNextDeletionAndClosingFinishTheLast(t *testing.T) {
	var agent *presenttest.Agent
	perform(t, with(5, 0), func(s *stage) {
		agent = s.agent
		s.shell.Inbox.Delete(id(0))
		s.shell.Inbox.Delete(id(1))
		s.Settle()
		s.is("calls", s.agent.Called("delete"), 1)
	})
	if n := agent.Called("delete"); n != 2 || len(agent.Items) != 3 {
		t.Errorf("after closing: %d calls, %d items", n, len(agent.Items))
	}
}

func TestClosingDoesNotWaitForAnAgentThatHangs(t *testing.T) {
	began := time.Time{}
	perform(t, with(2, 0), func(s *stage) {
		s.agent.Do(func(f *presenttest.Agent) { f.Block["delete"] = true })
		s.shell.Inbox.Delete(id(0))
		began = time.Now()
		s.shell.Close()
		if d := time.Since(began); d > closeTimeout {
			s.Errorf("closing took %v", d)
		}
	})
}

func TestARefusedDeletionComesBack(t *testing.T) {
	perform(t, with(2, 1), func(s *stage) {
		refuse("delete", api.CodeForbidden, "You may not.")(s.agent)
		b := s.shell.Inbox
		b.Delete(id(0))
		s.Pass(undoFor + time.Second)
		s.is("items", len(b.Visible()), 2)
		s.is("unread", b.Unread, 1)
		s.is("words", b.Toast.Words, "You may not.")
	})
}

func TestOlderPagesAreFetchedOneAfterTheOtherAndOnce(t *testing.T) {
	perform(t, with(120, 0), func(s *stage) {
		b := s.shell.Inbox
		s.is("first page", len(b.Items), pageItems)
		b.LoadOlder()
		b.LoadOlder()
		b.LoadOlderSoon()
		s.Settle()
		b.LoadOlder()
		s.Settle()
		s.is("all", len(b.Items), 120)
		s.is("more", b.More, false)
		seen := map[api.ID]bool{}
		for _, i := range ids(b.Items) {
			if seen[i] {
				s.Errorf("%s is there twice", i)
			}
			seen[i] = true
		}
	})
}

func TestWhatArrivesComesOnTopAndOlderPagesStay(t *testing.T) {
	perform(t, with(400, 0), func(s *stage) {
		b := s.shell.Inbox
		for range 6 {
			b.LoadOlder()
			s.Settle()
		}
		b.Select(id(3))
		s.agent.Do(func(f *presenttest.Agent) {
			f.Items = append([]api.Notification{{ID: id(999), Title: "new", CreatedAt: today}}, f.Items...)
		})
		s.agent.Tell(local.Change{Kind: local.ChangeInbox})
		s.Settle()
		s.is("first", b.Items[0].ID, id(999))
		s.is("count", len(b.Items), 351)
		s.is("selected", b.Selected, id(3))
		s.is("open", b.Open.ID, id(3))
		b.LoadOlder()
		s.Settle()
		s.is("next page", len(b.Items), 401)
	})
}

func TestAChangeDuringALoadIsLoadedAgain(t *testing.T) {
	perform(t, with(1, 0), func(s *stage) {
		before := s.agent.Called("inbox")
		s.shell.Inbox.Reload()
		s.shell.Inbox.Reload()
		s.shell.Inbox.Reload()
		s.Settle()
		s.is("loads", s.agent.Called("inbox")-before, 2)
	})
}

func TestWhatIsReadStaysAmongTheUnreadWhileItIsOpen(t *testing.T) {
	perform(t, with(4, 3), func(s *stage) {
		b := s.shell.Inbox
		b.ShowUnread(true)
		s.Settle()
		s.is("unread only", len(b.Items), 3)
		b.Select(id(1))
		s.Pass(2 * readAfter)
		s.agent.Tell(local.Change{Kind: local.ChangeInbox})
		s.Settle()
		if got := ids(b.Items); len(got) != 3 || got[1] != id(1) {
			s.Errorf("items %v", got)
		}
		b.Select("")
		b.Reload()
		s.Settle()
		s.is("after closing it", len(b.Items), 2)
	})
}

func TestSearchWaitsForAPauseAndClears(t *testing.T) {
	perform(t, with(12, 0), func(s *stage) {
		b := s.shell.Inbox
		before := s.agent.Called("inbox")
		for _, text := range []string{"T", "Ti", "Title 11"} {
			b.Search(text)
			s.Pass(searchAfter / 3)
		}
		s.is("typed", b.Typed, "Title 11")
		s.Pass(time.Second)
		s.is("asked", s.agent.Called("inbox")-before, 1)
		s.is("found", len(b.Items), 1)
		b.ClearSearch()
		s.Settle()
		s.is("all", len(b.Items), 12)
		s.is("typed", b.Typed, "")
	})
}

func TestAnAnswerToAnEarlierQuestionIsDropped(t *testing.T) {
	perform(t, with(12, 4), func(s *stage) {
		b := s.shell.Inbox
		b.Reload()
		b.ShowUnread(true)
		s.Settle()
		s.is("items", len(b.Items), 4)
	})
}

func TestTheArrowsGoThroughTheList(t *testing.T) {
	perform(t, with(5, 0), func(s *stage) {
		b := s.shell.Inbox
		b.Step(1)
		s.is("first", b.Selected, id(0))
		b.Step(1)
		b.Step(1)
		s.is("third", b.Selected, id(2))
		b.Delete(id(2))
		b.Step(1)
		s.is("in the place of the deleted", b.Selected, id(3))
		b.Step(9)
		s.is("last", b.Selected, id(4))
		b.Step(-9)
		s.is("top", b.Selected, id(0))
	})
}

func TestAnItemThatIsGoneSaysSo(t *testing.T) {
	perform(t, with(1, 0), func(s *stage) {
		s.shell.OpenItem(id(77))
		s.Settle()
		s.is("words", s.shell.Inbox.OpenBad, "This notification is no longer there.")
	})
}

func TestAnItemOpenedWhileTheListLoadsIsMarkedAsReadToo(t *testing.T) {
	perform(t, func(f *presenttest.Agent) { with(3, 3)(f); f.Block["notification"] = true }, func(s *stage) {
		b := s.shell.Inbox
		b.Reset()
		b.Reload()
		b.Select(id(1)) // not in the list yet, and the list answers first
		s.Pass(2 * readAfter)
		s.is("open", b.Open != nil && b.Open.ID == id(1), true)
		s.is("calls", s.agent.Called("set-read"), 1)
	})
}

func TestMarkAllReadComesBackWhenRefused(t *testing.T) {
	perform(t, with(3, 2), func(s *stage) {
		b := s.shell.Inbox
		refuse("all-read", api.CodeUnreachable, "It cannot be reached.")(s.agent)
		b.MarkAllRead()
		s.is("at once", b.Unread, 0)
		s.Settle()
		s.is("after", b.Unread, 2)
		s.is("words", b.Toast.Words, "It cannot be reached.")
	})
}

func TestAnInboxThatCannotBeLoadedSaysWhyAndTriesAgain(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		with(2, 0)(f)
		refuse("inbox ", api.CodeUnreachable, "push.clinic.example cannot be reached.")(f)
	}, func(s *stage) {
		b := s.shell.Inbox
		s.is("trouble", b.Trouble, "push.clinic.example cannot be reached.")
		s.agent.Do(func(f *presenttest.Agent) { delete(f.Fail, "inbox ") })
		b.Reload()
		s.Settle()
		s.is("trouble", b.Trouble, "")
		s.is("items", len(b.Items), 2)
	})
}
