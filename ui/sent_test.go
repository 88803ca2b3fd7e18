package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"securepush/api"
	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

// ago is a moment before today.
func ago(d time.Duration) *time.Time {
	t := today.Add(-d)
	return &t
}

// sentOnes has sent in every stage.
func sentOnes(f *presenttest.Agent) {
	sender(f)
	own := []api.DeviceDelivery{
		{Name: "Desk-12", Delivered: ago(4*time.Minute - time.Second), Shown: ago(4*time.Minute - 2*time.Second)},
		{Name: "Laptop", Delivered: ago(4*time.Minute - time.Second)},
		{},
	}
	f.Out = []api.Delivery{
		{ID: id(71), To: "bernd", Title: "Meeting moved", CreatedAt: *ago(time.Minute), State: api.StageSent},
		{
			ID: id(72), To: "anna", Title: "Potassium result", CreatedAt: *ago(4 * time.Minute), State: api.StageShown, DeliveredTo: 2, ShownOn: 1,
			Delivered: own[0].Delivered, Shown: own[0].Shown, Devices: own,
		},
		{
			ID: id(73), To: "clara", Title: "Cold store 2 above 8 °C", CreatedAt: *ago(50 * time.Minute), State: api.StageDelivered, DeliveredTo: 1,
			Delivered: ago(49 * time.Minute),
		},
		{
			ID: id(74), To: "dora", Title: "Rota for December", CreatedAt: *ago(30 * time.Hour), State: api.StageRead, DeliveredTo: 3, ShownOn: 3,
			Delivered: ago(30*time.Hour - time.Second), Shown: ago(29 * time.Hour), Read: ago(5 * time.Hour),
		},
		{ID: id(75), To: "emil", CreatedAt: *ago(80 * time.Hour), State: api.StageRead, Gone: true},
	}
}

func openSent(s *stage) { s.w.showSent(); s.Settle() }

func openSentOne(s *stage) {
	openSent(s)
	s.w.shell.Sent.Select(id(72))
	s.Settle()
}

// compose writes a whole notification.
func (s *stage) composeAll(to, title, text, link string) {
	s.write(title, text)
	s.w.compose.to.SetText(to)
	s.w.compose.link.SetText(link)
	s.Settle()
}

// sending are the states of the form and of what was sent.
func sending() []screen {
	return []screen{
		{"send-bad", wide, sender, func(s *stage) {
			s.composeAll("ward:7 && !role:student", strings.Repeat("Besprechung ", 30), " ", "http://intern.example")
			s.w.compose.expiry.choose(3)
			s.w.compose.until.SetText("30.2.2026")
			s.Settle()
			s.w.compose.trySend()
			s.Settle()
		}},
		{"send-expiry", wide, sender, func(s *stage) {
			s.composeAll("bernd", "Meeting moved", "We meet at 15:30 in room 4 instead.", "https://rooms.clinic.example/4")
			s.w.compose.priority.choose(3)
			s.w.compose.expiry.choose(3)
			s.w.compose.until.SetText("24.12.2026")
			s.Settle()
			s.w.compose.scroll.ScrollToBottom()
		}},
		{"send-unclear", wide, func(f *presenttest.Agent) {
			sender(f)
			f.Fail["send"] = api.NewProblem(api.CodeUnreachable, "The server cannot be reached.")
		}, func(s *stage) {
			s.composeAll("bernd, clara", "Meeting moved", "We meet at 15:30 in room 4 instead.", "")
			s.tap(s.w.compose.send)
		}},
		{"send-discard", wide, sender, func(s *stage) { s.write("Meeting moved", ""); s.key(fyne.KeyEscape) }},
		{"sent-list", wide, sentOnes, openSent},
		{"sent-none", wide, sender, openSent},
		{"sent-one", wide, sentOnes, openSentOne},
		{"narrow-sent-list", least, sentOnes, openSent},
		{"narrow-sent-one", least, sentOnes, openSentOne},
	}
}

func sendInGerman(s *stage) {
	s.composeAll("bernd, clara", "Besprechung verlegt", "Wir treffen uns um 15:30 Uhr in Raum 4.", "http://intern.example")
	s.w.compose.expiry.choose(1)
	s.Settle()
}

// sendingSpoken are those in German and with larger text.
func sendingSpoken() []screen {
	return []screen{
		{"german-send-all", wide, german(sender), sendInGerman},
		{"german-sent-list", wide, german(sentOnes), openSent},
		{"german-sent-one", wide, german(sentOnes), openSentOne},
		{"text-200-send-least", least, sized(200, german(sender)), sendInGerman},
		{"text-200-sent-list", least, sized(200, german(sentOnes)), openSent},
		{"text-200-sent-one", least, sized(200, german(sentOnes)), openSentOne},
	}
}

func TestTheSentOnesAreReadByKeyboardOnly(t *testing.T) {
	perform(t, wide, sentOnes, func(s *stage) {
		openSent(s)
		s.key(fyne.KeyDown)
		s.key(fyne.KeyReturn)
		if got := s.w.shell.Sent.Selected; got != id(72) {
			t.Fatalf("open is %q", got)
		}
		s.key(fyne.KeyEscape)
		if s.w.shell.Sent.Selected != "" || s.w.shell.Pane != present.PaneSent || s.w.win.Canvas().Focused() != s.w.sent.list {
			t.Error("Escape does not lead back to the list")
		}
		s.key(fyne.KeyEscape)
		if s.w.shell.Pane != present.PaneRead {
			t.Error("Escape does not close the list")
		}
	})
}

func TestEscapeAsksBeforeWhatIsTypedIsGone(t *testing.T) {
	perform(t, wide, sender, func(s *stage) {
		s.write("Title", "Text")
		s.w.win.Canvas().Focus(s.w.compose.text)
		s.key(fyne.KeyEscape)
		if s.w.win.Canvas().Overlays().Top() == nil || s.w.shell.Pane != present.PaneCompose {
			t.Fatal("nothing is asked")
		}
		s.key(fyne.KeyEscape)
		if s.w.win.Canvas().Overlays().Top() != nil || s.w.compose.title.Text != "Title" {
			t.Fatal("Escape does not lead back to the form")
		}
		s.w.win.Canvas().Focus(s.w.compose.priority)
		s.key(fyne.KeyEscape)
		s.next()
		s.key(fyne.KeyReturn)
		if s.w.shell.Pane != present.PaneRead || s.w.shell.Compose.Dirty() {
			t.Error("it was not discarded")
		}
	})
}

func TestTabLeadsThroughTheFormFromTopToBottom(t *testing.T) {
	perform(t, wide, sender, func(s *stage) {
		s.w.showCompose()
		s.Settle()
		v := s.w.compose
		v.expiry.choose(3)
		s.w.win.Canvas().Focus(v.to)
		for i, want := range []fyne.Focusable{v.title, v.text, v.priority, v.link, v.expiry, v.until, v.send} {
			s.next()
			if got := s.w.win.Canvas().Focused(); got != want {
				t.Fatalf("stop %d is %T", i, got)
			}
		}
		if v.text.AcceptsTab() {
			t.Error("the text keeps Tab for itself")
		}
	})
}

func TestWhatIsFarTooLongIsNotPastedAndTheWordsStandBesideTheField(t *testing.T) {
	for name, field := range map[string]func(*composeView) (*entry, *field){
		"to":    func(v *composeView) (*entry, *field) { return v.to, v.fields.to },
		"title": func(v *composeView) (*entry, *field) { return v.title, v.fields.title },
		"text":  func(v *composeView) (*entry, *field) { return v.text, v.fields.text },
		"link":  func(v *composeView) (*entry, *field) { return v.link, v.fields.link },
	} {
		perform(t, wide, sender, func(s *stage) {
			s.write("", "")
			e, f := field(s.w.compose)
			e.SetText("kept")
			clip := test.NewClipboard()
			clip.SetContent(strings.Repeat("W", 1<<20))
			e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
			s.Settle()
			if got := f.hint.words.seg.Text; e.Text != "kept" || !f.hint.Visible() || got != "What you pasted is too long (1024 KB) and was left out." {
				t.Errorf("%s: %d bytes, %q", name, len(e.Text), got)
			}
			clip.SetContent(" and more")
			e.CursorColumn = 4
			e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
			if e.Text != "kept and more" {
				t.Errorf("%s: %q", name, e.Text)
			}
		})
	}
}
