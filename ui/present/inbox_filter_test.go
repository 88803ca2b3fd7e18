package present

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/assets/words"
	"securepush/ui/present/presenttest"
)

// mixed are n items of three senders and two priorities, all read.
func mixed(n int) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		with(n, 0)(f)
		for i := range f.Items {
			f.Items[i].Sender = []string{"Lab", "Payments", "Lab"}[i%3]
			if i%10 == 9 {
				f.Items[i].Priority = api.PriorityUrgent
			}
		}
	}
}

func TestTypingAnswersAtOnceFromWhatIsHereAndThenFromTheServer(t *testing.T) {
	perform(t, with(120, 0), func(s *stage) {
		b := s.shell.Inbox
		b.Search("TITLE 4")
		s.is("at once", len(b.Visible()), 11) // 4 and 40 to 49 of the first 50
		s.is("an answer", b.Loaded, false)
		b.Search("title 111")
		s.is("not here", len(b.Visible()), 0)
		b.Search("Title 111")
		s.Pass(time.Second)
		s.is("from the server", len(b.Visible()), 1)
		b.ClearSearch()
		s.is("back at once", len(b.Visible()), 50)
		s.Settle()
		b.LoadOlder()
		s.Settle()
		s.is("older pages go on where they were", len(b.Items), 100)
	})
}

func TestASearchThatTheServerDoesNotAnswerKeepsWhatIsHere(t *testing.T) {
	perform(t, with(30, 0), func(s *stage) {
		refuse("inbox ", api.CodeUnreachable, "It cannot be reached.")(s.agent)
		b := s.shell.Inbox
		b.Search("Title 2")
		s.Pass(time.Second)
		s.is("found here", len(b.Visible()), 11)
		s.is("words", b.Toast.Words, "It cannot be reached.")
	})
}

func TestWhatArrivesWhileSearchingIsFoundAndALaterMarkHoldsInTheList(t *testing.T) {
	perform(t, with(5, 5), func(s *stage) {
		b := s.shell.Inbox
		b.Search("Title 3")
		s.Pass(time.Second)
		b.SetRead(id(3), true)
		s.Settle()
		b.ClearSearch()
		s.is("read in the whole list", b.Items[3].Read, true)
		s.is("unread", b.Unread, 4)
	})
}

func TestSenderAndPriorityPickFromTheListTogether(t *testing.T) {
	perform(t, mixed(40), func(s *stage) {
		b := s.shell.Inbox
		s.is("senders", fmt.Sprint(b.Senders()), "[Lab Payments]")
		b.ShowSender("Payments")
		s.is("of the sender", len(b.Visible()), 13)
		b.ShowPriority(api.PriorityUrgent)
		s.is("urgent ones of the sender", fmt.Sprint(ids(b.Visible())), fmt.Sprint([]api.ID{id(19)}))
		b.ShowSender("")
		s.is("urgent ones", len(b.Visible()), 4)
		b.ShowPriority(api.PriorityNormal)
		s.is("without a word on it, it is normal", len(b.Visible()), 36)
		b.ShowAll()
		s.is("all", len(b.Visible()), 40)
	})
}

func TestAFilterThatFitsLittleLooksIntoOlderPagesWithinABound(t *testing.T) {
	perform(t, with(6000, 0), func(s *stage) {
		s.agent.Do(func(f *presenttest.Agent) { f.Items[700].Sender, f.Items[5900].Sender = "Rare", "Rare" })
		b := s.shell.Inbox
		b.ShowSender("Rare")
		s.is("looking", b.Looking(), true)
		s.Settle()
		s.is("found", len(b.Visible()), 1)
		s.is("looking", b.Looking(), false)
		s.is("more", b.More, true)
		b.LookFurther()
		s.Settle()
		s.is("found", len(b.Visible()), 2)
		s.is("more", b.More, false)
	})
}

func TestTheSameIsFoundWhateverTheCase(t *testing.T) {
	for _, c := range []struct {
		needle, text string
		in           bool
	}{
		{"", "", true},
		{"lab", "The LAB", true},
		{"LAB", "the lab", true},
		{"lab", "la", false},
		{"ä", "DIE ÄRZTIN", true},
		{"ab", "aab", true},
		{"\xff", "a", false},
		{"k", "№", false},
	} {
		if got := newNeedle(c.needle).in(c.text); got != c.in {
			t.Errorf("%q in %q: %v", c.needle, c.text, got)
		}
	}
}

func BenchmarkSearchTenThousandItems(b *testing.B) {
	items := make([]api.Notification, 10000)
	for i := range items {
		items[i] = api.Notification{ID: id(i), Sender: "Lab · Station 4", Title: fmt.Sprint("Result ", i), Payload: "One line of text that says what it is about, a little longer than the row."}
	}
	box := &Inbox{}
	for b.Loop() {
		box.among(items, Filter{Text: "result 99"})
	}
}

func TestWhatCannotBeSeenIsNotSearchedFor(t *testing.T) {
	for typed, want := range map[string]string{
		" K 4.1 ": "K 4.1", "a\x00b": "a b", "\u202eabc": "abc", "نتيجة": "نتيجة", "\n\t": "",
		strings.Repeat("é", 500): strings.Repeat("é", 128), strings.Repeat("x", 300): strings.Repeat("x", 256),
	} {
		if got := searchText(typed); got != want {
			t.Errorf("%.20q: %q", typed, got)
		}
	}
}

func TestTheWordsOfAServerAreCutAndMadeSafe(t *testing.T) {
	said := problemWords(&words.Words{}, api.NewProblem(api.CodeInternal, "a\u202eb\x00c\n"+strings.Repeat("W", 5000)))
	if !strings.HasPrefix(said, "ab c W") || len(said) > 700 {
		t.Errorf("%d bytes: %.20q", len(said), said)
	}
}
