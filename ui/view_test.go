package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

func (s *stage) key(names ...fyne.KeyName) {
	for _, name := range names {
		if f := s.w.win.Canvas().Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: name})
		} else if do := s.w.win.Canvas().OnTypedKey(); do != nil {
			do(&fyne.KeyEvent{Name: name})
		}
		s.Settle()
	}
}

func (s *stage) typed(text string) {
	s.t.Helper()
	f := s.w.win.Canvas().Focused()
	if f == nil {
		s.t.Fatalf("nothing has the keyboard for %q", text)
	}
	for _, r := range text {
		f.TypedRune(r)
	}
	s.Settle()
}

// next moves the focus as Tab does.
func (s *stage) next() {
	test.FocusNext(s.w.win.Canvas())
	s.Settle()
}

func (s *stage) shortcut(k fyne.KeyName) {
	sc := &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault}
	if f, ok := s.w.win.Canvas().Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(sc)
	} else if c, ok := s.w.win.Canvas().(fyne.Shortcutable); ok {
		c.TypedShortcut(sc)
	}
	s.Settle()
}

func TestSigningInByKeyboardOnly(t *testing.T) {
	perform(t, wide, nothing, func(s *stage) {
		s.typed("push.clinic.example")
		s.Pass(time.Second)
		s.next()
		s.typed("anna")
		s.next()
		s.typed("secret")
		s.key(fyne.KeyReturn)
		if s.w.shell.Page() != present.PageInbox {
			t.Fatal("not signed in")
		}
		if s.w.signIn.password.Text != "" {
			t.Error("the password is still in its field")
		}
		if s.w.win.Canvas().Focused() != s.w.list.list {
			t.Error("the list does not have the keyboard")
		}
	})
}

func TestAWrongPasswordLosesNothingTyped(t *testing.T) {
	perform(t, wide, func(f *presenttest.Agent) {
		f.Fail["sign-in"] = api.NewProblem(api.CodeInvalidGrant, "x")
	}, func(s *stage) {
		s.signInWith("wrong")
		v := s.w.signIn
		if v.server.Text != "push.clinic.example" || v.user.Text != "anna" || v.password.Text != "wrong" {
			t.Errorf("fields: %q %q", v.server.Text, v.user.Text)
		}
		if got := v.fields.password.hint.words.seg.Text; got != "That user name and password do not match." {
			t.Errorf("said %q", got)
		}
		if v.submit.Disabled() {
			t.Error("it cannot be tried again")
		}
	})
}

func TestReadingByKeyboardOnly(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.key(fyne.KeyDown, fyne.KeyDown)
		if got := s.w.shell.Inbox.Selected; got != id(2) {
			t.Fatalf("selected %s", got)
		}
		s.key(fyne.KeyDelete)
		if got := len(s.w.list.rows); got != 5+3 { // and the headings of three days
			t.Errorf("%d rows", got)
		}
		s.shortcut(fyne.KeyF)
		s.typed("Rota")
		s.Pass(time.Second)
		if got := len(s.w.shell.Inbox.Items); got != 1 {
			t.Errorf("%d found", got)
		}
		s.key(fyne.KeyEscape)
		if s.w.header.search.Text != "" || len(s.w.shell.Inbox.Items) != 6 {
			t.Error("the search was not cleared")
		}
	})
}

func TestSendingByKeyboardOnlyFromAnyField(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.w.win.Canvas().Focus(s.w.header.search)
		s.shortcut(fyne.KeyN)
		s.typed("Title")
		s.next()
		s.typed("Text")
		s.shortcut(fyne.KeyReturn)
		if r := s.agent.Requests; len(r) != 1 || r[0].Title != "Title" || r[0].Payload != "Text" {
			t.Errorf("sent %+v", r)
		}
		s.key(fyne.KeyEscape)
		if s.w.compose.content.Visible() {
			t.Error("the form is still open")
		}
	})
}

func TestALinkIsFollowedOnlyAfterItsAddressWasSeen(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.w.shell.Inbox.Select(id(1))
		s.Settle()
		s.tap(s.w.detail.link.button)
		s.key(fyne.KeyEscape)
		if len(s.opened) != 0 || s.w.win.Canvas().Overlays().Top() != nil {
			t.Fatal("opened without a yes")
		}
		s.tap(s.w.detail.link.button)
		s.next()
		s.key(fyne.KeyReturn)
		if len(s.opened) != 1 || s.opened[0] != few()[0].URL {
			t.Errorf("opened %v", s.opened)
		}
	})
}

func TestANarrowWindowShowsOnePaneAtATime(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.w.win.Resize(narrow)
		s.Settle()
		both := func() string { return fmt.Sprint(s.w.list.content.Visible(), s.w.detail.content.Visible()) }
		if both() != "true false" {
			t.Error("at first:", both())
		}
		s.key(fyne.KeyDown)
		if both() != "false true" {
			t.Error("reading:", both())
		}
		s.tap(s.w.detail.back)
		if both() != "true false" {
			t.Error("back:", both())
		}
		s.w.win.Resize(wide)
		s.Settle()
		if both() != "true true" {
			t.Error("wide again:", both())
		}
	})
}

func TestWhatIsReadStaysInItsPlaceWhenSomethingArrives(t *testing.T) {
	perform(t, wide, withItems(many()...), func(s *stage) {
		l := s.w.list
		l.list.ScrollTo(40)
		s.Settle()
		before, dy, _ := l.anchor()
		for i := range 3 {
			s.agent.Do(func(f *presenttest.Agent) {
				f.Items = append([]api.Notification{note(900+i, 0, "", "new", "", "", false)}, f.Items...)
			})
			s.agent.Tell(local.Change{Kind: local.ChangeInbox})
			s.Settle()
		}
		after, dy2, held := l.anchor()
		if !held || before != after || dy != dy2 {
			t.Errorf("moved from %s%+v to %s%+v", before, dy, after, dy2)
		}
		if !l.pill.Visible() || l.pill.Text != "3 new" {
			t.Errorf("pill %v %q", l.pill.Visible(), l.pill.Text)
		}
		s.tap(l.pill)
		if l.pill.Visible() || l.list.GetScrollOffset() != 0 {
			t.Error("the pill does not lead to the top")
		}
	})
}

func TestScrollingDownFetchesOlderOnes(t *testing.T) {
	perform(t, wide, withItems(many()...), func(s *stage) {
		if got := len(s.w.shell.Inbox.Items); got != 50 {
			t.Fatalf("%d at first", got)
		}
		s.w.list.list.ScrollToBottom()
		s.Settle()
		if got := len(s.w.shell.Inbox.Items); got <= 50 {
			t.Errorf("%d after scrolling", got)
		}
	})
}

func TestHostileContentBreaksNothing(t *testing.T) {
	for _, size := range []fyne.Size{wide, least} {
		perform(t, size, withItems(hostile()...), func(s *stage) {
			for i := range hostile() {
				s.w.shell.Inbox.Select(id(i + 1))
				s.Pass(2 * time.Second)
				s.w.win.Resize(size)
				if got := s.w.win.Canvas().Size(); got != size {
					t.Errorf("item %d blew the window up to %v", i+1, got)
				}
				if w := s.w.detail.column.MinSize().Width; w > size.Width {
					t.Errorf("item %d asks for a width of %v", i+1, w)
				}
			}
		})
	}
}

func TestALongTextIsNotWrappedAtTheWidthOfALetter(t *testing.T) {
	b := newBodyText()
	b.set(strings.Repeat("word ", 100), nil)
	b.Resize(fyne.NewSize(20, 100))
	if b.label.Text != "" {
		t.Error("wrapped before its width is known")
	}
	b.Resize(fyne.NewSize(400, 100))
	if b.label.Text == "" || b.MinSize().Height < 40 {
		t.Errorf("not shown: %v", b.MinSize())
	}
}

func TestTheThemeFollowsTheSettings(t *testing.T) {
	perform(t, wide, func(f *presenttest.Agent) { f.Choices.Theme = "dark" }, func(s *stage) {
		if l, ok := s.w.app.Settings().Theme().(*look); !ok || l.choice != "dark" {
			t.Errorf("theme %+v", s.w.app.Settings().Theme())
		}
	})
}

func TestEveryColourOfFyneIsInTheTheme(t *testing.T) {
	for _, choice := range []string{"light", "dark"} {
		th, err := newLook(choice, 0)
		if err != nil {
			t.Fatal(err)
		}
		test.AssertAllColorNamesDefined(t, th, choice)
	}
}

func TestTheListMakesRowsOnlyForWhatIsInSight(t *testing.T) {
	perform(t, wide, withItems(), func(s *stage) {
		made := 0
		create := s.w.list.list.CreateItem
		s.w.list.list.CreateItem = func() fyne.CanvasObject { made++; return create() }
		s.w.shell.Inbox.Items = tenThousand()
		s.w.render()
		s.w.list.list.ScrollToBottom()
		s.w.list.list.ScrollToTop()
		if made > 60 {
			t.Errorf("%d rows made", made)
		}
	})
}

func tenThousand() []api.Notification {
	items := make([]api.Notification, 10000)
	for i := range items {
		items[i] = note(i, time.Duration(i)*17*time.Minute, "Lab", "Title", "Text", "", i > 9)
	}
	return items
}

func TestRunNeedsAnAgentAndEndsWhenTheWindowIsClosed(t *testing.T) {
	app := test.NewTempApp(t)
	if err := Run(app, Deps{}); err == nil {
		t.Error("ran without an agent")
	}
}

func BenchmarkDrawTenThousandItems(b *testing.B) {
	app := test.NewTempApp(b)
	agent := presenttest.NewAgent()
	signedIn(&agent.Now)
	w, err := newWindow(app, Deps{Agent: agent, Post: func(f func()) {}})
	if err != nil {
		b.Fatal(err)
	}
	w.shell.Inbox.Items = tenThousand()
	w.shell.Inbox.Loaded = true
	setVisible(w.inbox, true)
	w.win.Resize(wide)
	for b.Loop() {
		w.list.render()
	}
}
