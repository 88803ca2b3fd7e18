package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"securepush/api"
	"securepush/ui/present/presenttest"
)

func chooseTwo(s *stage) {
	s.w.shell.Inbox.Choose(id(1))
	s.w.shell.Inbox.Choose(id(3))
	s.Settle()
}

func onlyLab(s *stage) {
	s.w.shell.Inbox.ShowSender("Lab · Station 4")
	s.w.shell.Inbox.ShowPriority(api.PriorityNormal)
	s.Settle()
}

func help(s *stage) { s.w.showHelp(); s.Settle() }

func openFilter(s *stage) { s.w.list.bar.openMenu(); s.Settle() }

// marked is a text with every mark that is drawn, and some that are not.
func marked() api.Notification {
	return note(1, 8*time.Minute, "IT", "Maintenance on Sunday", "# What happens\nThe archive is **read-only** between *4:00* and *6:00*.\n\n- Save your work\n- Close `viewer`\n"+
		"3. Look at [the plan](https://plan.clinic.example/sunday)\n\n```\nstatus: planned\n  by: it\n```\n![No picture](https://plan.clinic.example/a.png) and <b>no HTML</b>.", api.PriorityNormal, false)
}

// inboxScreens are the states of the list beyond the usual ones.
func inboxScreens() []screen {
	return []screen{
		{"several", wide, withItems(few()...), chooseTwo},
		{"several-narrow", least, withItems(few()...), chooseTwo},
		{"filter-menu", wide, withItems(few()...), openFilter},
		{"filtered", wide, withItems(many()...), onlyLab},
		{"filtered-none", wide, withItems(few()...), func(s *stage) {
			s.w.shell.Inbox.ShowSender("IT")
			s.w.shell.Inbox.ShowPriority(api.PriorityUrgent)
			s.Settle()
		}},
		{"all-read-ask", wide, func(f *presenttest.Agent) {
			withItems(many()...)(f)
			for i := range f.Items {
				f.Items[i].Read = false
			}
		}, func(s *stage) { s.w.askAllRead(); s.Settle() }},
		{"markup", wide, withItems(marked()), openFirst},
		{"text-200-markup", least, sized(200, german(withItems(marked()))), openFirst},
		{"keys", wide, withItems(few()...), help},
		{"german-several", wide, german(withItems(few()...)), chooseTwo},
		{"german-filtered", least, german(withItems(many()...)), onlyLab},
		{"german-filter-menu", least, german(withItems(few()...)), openFilter},
		{"german-keys", least, german(withItems(few()...)), help},
		{"text-200-several", least, sized(200, german(withItems(few()...))), chooseTwo},
		{"text-200-filtered", wide, sized(200, german(withItems(few()...))), onlyLab},
		{"text-200-keys", least, sized(200, german(withItems(few()...))), help},
	}
}

func (s *stage) hold(m fyne.KeyModifier, names ...fyne.KeyName) {
	s.w.list.act.modifiers = func() fyne.KeyModifier { return m }
	s.key(names...)
	s.w.list.act.modifiers = s.w.heldModifiers
}

func (s *stage) chosen() (n []int) {
	for i, item := range s.w.shell.Inbox.Items {
		if s.w.shell.Inbox.Chosen(item.ID) {
			n = append(n, i)
		}
	}
	return n
}

func TestSeveralAreChosenAndDeletedByKeyboardOnly(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.key(fyne.KeyDown, fyne.KeyDown)
		s.hold(fyne.KeyModifierShift, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp)
		if got := fmt.Sprint(s.chosen()); got != "[1 2]" {
			t.Errorf("chosen %s", got)
		}
		s.key(fyne.KeyEscape)
		if got := len(s.chosen()); got != 0 {
			t.Errorf("%d after Escape", got)
		}
		s.typed("x")
		s.key(fyne.KeyDelete)
		if got := len(s.w.shell.Inbox.Visible()); got != 5 {
			t.Errorf("%d left", got)
		}
		if c, ok := s.w.win.Canvas().(fyne.Shortcutable); ok {
			c.TypedShortcut(&fyne.ShortcutSelectAll{})
		}
		if got := s.w.shell.Inbox.ChosenCount(); got != 5 {
			t.Errorf("%d of all", got)
		}
	})
}

func TestAClickWithAKeyHeldChoosesMore(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		l := s.w.list
		click := func(m fyne.KeyModifier, n int) {
			l.act.modifiers = func() fyne.KeyModifier { return m }
			l.tapped(id(n))
			s.Settle()
		}
		click(0, 1)
		click(fyne.KeyModifierShortcutDefault, 3)
		if got := fmt.Sprint(s.chosen()); got != "[0 2]" {
			t.Error("one more:", got)
		}
		click(fyne.KeyModifierShift, 5)
		if got := fmt.Sprint(s.chosen()); got != "[2 3 4]" {
			t.Error("a range:", got)
		}
		click(0, 2)
		if got := fmt.Sprint(s.chosen(), s.w.shell.Inbox.Selected == id(2)); got != "[] true" {
			t.Error("a plain click:", got)
		}
	})
}

func TestTheKeysOfTheListDoWhatTheListOfKeysSays(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		b := s.w.shell.Inbox
		s.key(fyne.KeyDown)
		s.typed("u")
		if !b.Items[0].Read {
			t.Error("u does not mark as read")
		}
		s.typed("u")
		if b.Items[0].Read {
			t.Error("u does not mark as unread")
		}
		s.typed("U")
		if !b.Filter.Unread {
			t.Error("U does not show the unread ones")
		}
		s.typed("U")
		s.key(fyne.KeyEnd)
		if b.Selected != id(6) {
			t.Error("End:", b.Selected)
		}
		s.key(fyne.KeyHome)
		if b.Selected != id(1) {
			t.Error("Home:", b.Selected)
		}
		for _, r := range "l?" {
			s.typed(string(r))
			if s.w.win.Canvas().Overlays().Top() == nil {
				t.Errorf("%c opens nothing", r)
			}
			s.key(fyne.KeyEscape)
			if s.w.win.Canvas().Overlays().Top() != nil {
				t.Fatalf("%c: Escape does not close it", r)
			}
			s.w.win.Canvas().Focus(s.w.list.list)
		}
		s.typed("/")
		if s.w.win.Canvas().Focused() != s.w.header.search {
			t.Error("/ does not lead to the search")
		}
	})
}

func TestAFilterIsChosenByKeyboardOnly(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.typed("f")
		s.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
		if got := s.w.shell.Inbox.Filter.Priority; got != api.PriorityUrgent {
			t.Fatalf("priority %q", got)
		}
		if got := s.w.list.bar.only.Text; got != "Only Urgent" || !s.w.list.bar.onlyRow.Visible() {
			t.Errorf("said %q", got)
		}
		s.tap(s.w.list.bar.only)
		if got := len(s.w.shell.Inbox.Visible()); got != 6 || s.w.list.bar.onlyRow.Visible() {
			t.Errorf("%d after the filter was taken away", got)
		}
	})
}

func TestTheFocusIsSeenWhereTheKeyboardComesTo(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		if s.w.list.list.ring {
			t.Error("a ring that nobody asked for")
		}
		c := s.w.win.Canvas()
		test.FocusNext(c)
		test.FocusPrevious(c)
		if c.Focused() != s.w.list.list || !s.w.list.list.ring {
			t.Error("no ring after Tab")
		}
	})
}

func TestEveryKeyHasAName(t *testing.T) {
	perform(t, wide, nothing, func(s *stage) {
		seen := map[string]bool{}
		for _, k := range keyWords(s.w.shell.Words()) {
			if k.keys == "" {
				continue
			}
			if seen[k.keys] || strings.TrimSpace(k.words) == "" {
				t.Errorf("%q is there twice, or says nothing", k.keys)
			}
			seen[k.keys] = true
		}
	})
}

func BenchmarkTypeInSearchAtTenThousandItems(b *testing.B) {
	app := test.NewTempApp(b)
	agent := presenttest.NewAgent()
	signedIn(&agent.Now)
	w, err := newWindow(app, Deps{Agent: agent, Post: func(func()) {}, Now: func() time.Time { return today }})
	if err != nil {
		b.Fatal(err)
	}
	w.shell.Inbox.Items = tenThousand()
	w.shell.Inbox.Loaded = true
	setVisible(w.inbox, true)
	w.win.Resize(wide)
	w.list.render()
	texts := []string{"t", "ti", "tit", "titl", "title", "titlex"}
	for i := 0; b.Loop(); i++ {
		w.shell.Inbox.Search(texts[i%len(texts)])
		w.list.render()
	}
}

func TestALinkInTheTextAsksTooAndTheTextCanBeShownAsWritten(t *testing.T) {
	perform(t, wide, withItems(marked()), func(s *stage) {
		openFirst(s)
		v := s.w.detail
		if !v.body.rich.Visible() || v.body.label.Visible() {
			t.Fatal("the marks are not drawn")
		}
		v.body.follow("https://plan.clinic.example/sunday")
		if len(s.opened) != 0 || s.w.win.Canvas().Overlays().Top() == nil {
			t.Error("it does not ask")
		}
		s.tap(v.asText)
		if got := v.body.label.Text; got != marked().Payload || !v.body.label.Visible() {
			t.Errorf("as written: %q", got)
		}
		s.tap(v.asText)
		if !v.body.rich.Visible() {
			t.Error("no way back")
		}
	})
}
