package present

import (
	"fmt"
	"testing"
	"time"

	"securepush/api"
	"securepush/ui/present/presenttest"
)

func (s *stage) chosen() (n []int) {
	s.Helper()
	for i, item := range s.shell.Inbox.Items {
		if s.shell.Inbox.Chosen(item.ID) {
			n = append(n, i)
		}
	}
	return n
}

func TestSeveralAreChosenOneByOneAndAsARange(t *testing.T) {
	perform(t, with(9, 0), func(s *stage) {
		b := s.shell.Inbox
		list := func(what, want string) { s.Helper(); s.is(what, fmt.Sprint(s.chosen()), want) }
		b.Select(id(1))
		b.Choose(id(3))
		list("the open one comes along", "[1 3]")
		b.Choose(id(1))
		list("one less", "[3]")
		b.Choose(id(3))
		list("none", "[]")
		b.Select(id(4))
		b.ChooseTo(id(6))
		list("downwards", "[4 5 6]")
		b.ChooseTo(id(2))
		list("upwards from the same one", "[2 3 4]")
		s.is("end", b.ChooseStep(id(2), -1), id(1))
		list("one longer", "[1 2 3 4]")
		s.is("end", b.ChooseStep(id(0), -1), id(0))
		b.ChooseAll()
		s.is("all", b.ChosenCount(), 9)
		b.Select(id(5))
		list("opening one ends it", "[]")
	})
}

func TestWhatIsChosenIsMarkedInOneCallAndShownBackWhenRefused(t *testing.T) {
	perform(t, with(6, 3), func(s *stage) {
		b := s.shell.Inbox
		b.Choose(id(1))
		b.ChooseTo(id(4))
		b.ToggleRead()
		s.Settle()
		s.is("unread", b.Unread, 1)
		s.is("calls", s.agent.Called("mark-read"), 1)
		b.ToggleRead() // all are read now
		s.Settle()
		s.is("unread", b.Unread, 5)
		refuse("mark-read", api.CodeUnreachable, "It cannot be reached.")(s.agent)
		b.MarkChosen(true)
		s.is("at once", b.Unread, 1)
		s.Settle()
		s.is("shown back", b.Unread, 5)
		s.is("words", b.Toast.Words, "It cannot be reached.")
	})
}

func TestTheOpenOneIsMarkedWhenNoneIsChosen(t *testing.T) {
	perform(t, with(2, 0), func(s *stage) {
		b := s.shell.Inbox
		b.ToggleRead()
		s.is("nothing open", s.agent.Called("set-read"), 0)
		b.Select(id(0))
		b.ToggleRead()
		s.Settle()
		s.is("unread", b.Open.Read, false)
	})
}

func TestSeveralAreDeletedAndTakenBackTogether(t *testing.T) {
	perform(t, with(6, 6), func(s *stage) {
		b := s.shell.Inbox
		b.Choose(id(1))
		b.ChooseTo(id(3))
		b.DeleteChosen()
		s.is("left", len(b.Visible()), 3)
		s.is("unread", b.Unread, 3)
		s.is("words", b.Toast.Words, "3 deleted.")
		b.Toast.Undo()
		s.Pass(time.Minute)
		s.is("back", len(b.Visible()), 6)
		s.is("calls", s.agent.Called("delete"), 0)
		b.ChooseTo(id(1))
		b.ChooseTo(id(2))
		b.DeleteChosen()
		s.Pass(undoFor + time.Second)
		s.is("calls", s.agent.Called("delete"), 2)
	})
}

func TestThoseThatCouldNotBeDeletedComeBack(t *testing.T) {
	perform(t, with(6, 6), func(s *stage) {
		b := s.shell.Inbox
		refuse("delete", api.CodeForbidden, "You may not.")(s.agent)
		b.ChooseAll()
		b.DeleteChosen()
		s.Pass(undoFor + time.Second)
		s.is("back", len(b.Visible()), 6)
		s.is("unread", b.Unread, 6)
		s.is("words", b.Toast.Words, "You may not.")
	})
}

func TestMarkingAllIsTakenBackWhenAllAreKnown(t *testing.T) {
	perform(t, with(6, 3), func(s *stage) {
		b := s.shell.Inbox
		s.is("known", b.AllReadCanBeUndone(), true)
		b.MarkAllRead()
		s.Settle()
		s.is("unread", b.Unread, 0)
		b.Toast.Undo()
		s.Settle()
		s.is("unread", b.Unread, 3)
		s.is("on the server", s.agent.Items[2].Read, false)
		s.is("the fourth was read before", s.agent.Items[3].Read, true)
	})
}

func TestMarkingAllCannotBeTakenBackWhenSomeAreNotKnown(t *testing.T) {
	perform(t, with(200, 120), func(s *stage) {
		b := s.shell.Inbox
		s.is("known", b.AllReadCanBeUndone(), false)
		b.MarkAllRead()
		s.Settle()
		s.is("undo", b.Toast.Undo == nil, true)
		s.is("unread", b.Unread, 0)
	})
}

func TestWhatIsGoneIsNoLongerChosen(t *testing.T) {
	perform(t, with(4, 0), func(s *stage) {
		b := s.shell.Inbox
		b.ChooseAll()
		s.agent.Do(func(f *presenttest.Agent) { f.Items = f.Items[1:] })
		b.Reload()
		s.Settle()
		s.is("chosen", b.ChosenCount(), 3)
	})
}
