package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
	"securepush/ui/present/presenttest"
)

// german has chosen German.
func german(prepare func(*presenttest.Agent)) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		prepare(f)
		f.Choices.Language = "de"
	}
}

// sized has chosen another size of text.
func sized(percent int, prepare func(*presenttest.Agent)) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		prepare(f)
		f.Choices.TextSize = percent
	}
}

func sender(f *presenttest.Agent) {
	withItems(few()...)(f)
	f.Now.Account.Claims = []string{api.ClaimSend}
}

func trouble(f *presenttest.Agent) {
	withItems(few()...)(f)
	since := today.Add(-38 * time.Minute)
	f.Now.Link, f.Now.LinkSince = local.LinkOffline, &since
	f.Now.Conditions = []local.Condition{
		{Code: "offline", Severity: local.SeverityAttention, Title: "Offline since 14:02", Advice: "Catching up by itself.", Since: since},
		{Code: "journal", Severity: local.SeverityError, Title: "The journal cannot be written", Advice: "The disk is full."},
	}
}

func openFirst(s *stage)    { s.w.shell.Inbox.Select(id(1)); s.Settle() }
func openSettings(s *stage) { s.w.showSettings(); s.Settle() }
func writeOne(s *stage)     { s.write("Besprechung verlegt", "Wir treffen uns um 15:30 Uhr in Raum 4.") }

func signInWrongly(s *stage) {
	s.signInWith("")
}

// spoken are pages in German and with larger text, in the light variant: they hold that nothing is cut or moved out of sight.
func spoken() []screen {
	return []screen{
		{"german-inbox", wide, german(withItems(few()...)), openFirst},
		{"german-trouble", wide, german(trouble), watch},
		{"german-sign-in", wide, german(ended), signInWrongly},
		{"german-send", wide, german(sender), writeOne},
		{"german-settings", wide, german(withItems(few()...)), openSettings},
		{"german-settings-quiet", wide, german(quietHours), func(s *stage) { openSettings(s); s.scrollSettings(170) }},
		{"german-paused", wide, german(withItems(few()...)), pause},
		{"german-least-list", least, german(trouble), watch},
		{"german-least-detail", least, german(withItems(few()...)), openFirst},
		{"german-least-settings", least, german(withItems(few()...)), openSettings},
		{"text-150-inbox", wide, sized(150, withItems(few()...)), openFirst},
		{"text-150-settings", wide, sized(150, withItems(few()...)), openSettings},
		{"text-200-inbox", wide, sized(200, withItems(few()...)), watch},
		{"text-200-detail", wide, sized(200, german(withItems(few()...))), openFirst},
		{"text-200-sign-in", wide, sized(200, german(ended)), signInWrongly},
		{"text-200-send", wide, sized(200, german(sender)), writeOne},
		{"text-200-settings", wide, sized(200, german(withItems(few()...))), openSettings},
		{"text-200-least-settings-quiet", least, sized(200, german(quietHours)), func(s *stage) { openSettings(s); s.scrollSettings(900) }},
		{"text-200-least-list", least, sized(200, german(withItems(few()...))), watch},
		{"text-200-least-detail", least, sized(200, german(withItems(few()...))), openFirst},
		{"text-200-least-settings", least, sized(200, german(withItems(few()...))), openSettings},
	}
}

// variants are those in which a screen is held.
func variants(sc screen) []string {
	if strings.HasPrefix(sc.name, "german-") || strings.HasPrefix(sc.name, "text-") {
		return []string{"light"}
	}
	return []string{"light", "dark"}
}

// paintedLarge are drawn but not held, as the others of paintings.
func paintedLarge() []screen {
	return []screen{
		{"text-200-hostile", least, sized(200, withItems(hostile()...)), openFirst},
		{"text-200-right-to-left", least, sized(200, withItems(hostile()[5])), func(s *stage) { s.w.shell.Inbox.Select(id(6)); s.Settle() }},
		{"text-200-long-words", least, sized(200, withItems(hostile()...)), watch},
	}
}

// choose takes the option of a list that begins so, as a click does.
func (s *stage) choose(l *choice, begin string) {
	s.t.Helper()
	i := slices.IndexFunc(l.Options, func(o string) bool { return strings.HasPrefix(o, begin) })
	if i < 0 {
		s.t.Fatalf("no %s in %v", begin, l.Options)
	}
	s.w.win.Canvas().Focus(l)
	l.SetSelectedIndex(i)
	s.Settle()
}

func TestAnotherLanguageIsSpokenAtOnceAndNothingTypedIsLost(t *testing.T) {
	perform(t, wide, nothing, func(s *stage) {
		s.w.signIn.server.SetText("push.clinic.example")
		s.w.signIn.user.SetText("anna")
		s.w.signIn.password.SetText("secret")
		openSettings(s)
		s.choose(s.w.settings.language, "Deutsch")
		if got := s.agent.Choices.Language; got != "de" {
			t.Errorf("kept %q", got)
		}
		if s.w.win.Canvas().Focused() != s.w.settings.language {
			t.Error("the list of languages has lost the keyboard")
		}
		s.key(fyne.KeyEscape)
		s.w.goBack()
		s.Settle()
		v := s.w.signIn
		if v.submit.Text != "Anmelden" || v.server.Text != "push.clinic.example" || v.user.Text != "anna" || v.password.Text != "secret" {
			t.Errorf("%q: %q %q", v.submit.Text, v.server.Text, v.user.Text)
		}
		openSettings(s)
		s.choose(s.w.settings.language, "Wie das System: English")
		if got := s.w.signIn.submit.Text; got != "Sign in" {
			t.Errorf("back: %q", got)
		}
	})
}

func TestTheSystemsLanguageIsSpokenUntilAnotherIsChosen(t *testing.T) {
	perform(t, wide, german(withItems(few()...)), func(s *stage) {
		openSettings(s)
		if got := s.w.header.back.Text + ", " + s.w.settings.language.Selected; got != "Zurück, Deutsch" {
			t.Error(got)
		}
		s.agent.Do(func(f *presenttest.Agent) { f.Choices.Language = "" })
		s.agent.Tell(local.Change{Kind: local.ChangeSettings})
		s.Settle()
		if got := s.w.header.back.Text + ", " + s.w.settings.language.Selected; got != "Back, As the system: English" {
			t.Error(got)
		}
	})
}

func TestTextGrowsAtOnce(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		openSettings(s)
		s.choose(s.w.settings.textSize, "200")
		if s.agent.Choices.TextSize != 200 || theme.TextSize() != 26 || (listRow{}).height() != 148 {
			t.Errorf("kept %d, text %v, rows %v", s.agent.Choices.TextSize, theme.TextSize(), (listRow{}).height())
		}
		if s.w.win.Canvas().Focused() != s.w.settings.textSize {
			t.Error("the list of sizes has lost the keyboard")
		}
		if !s.w.narrow {
			t.Error("the panes do not fold")
		}
	})
}

func TestASizeOfTextChosenElsewhereIsShown(t *testing.T) {
	perform(t, wide, sized(130, withItems()), func(s *stage) {
		openSettings(s)
		if v := s.w.settings; v.textSize.Selected != "130 %" || len(v.textSize.Options) != 6 {
			t.Errorf("%q of %v", v.textSize.Selected, v.textSize.Options)
		}
		s.w.settings.theme.choose(2)
		s.Settle()
		if s.agent.Choices.TextSize != 130 || s.agent.Choices.Theme != "dark" {
			t.Errorf("kept %+v", s.agent.Choices)
		}
	})
}

// TestNothingIsCutInAnyLanguageAtAnySize looks at every control and every text of every page.
// slowUnderRace is why a test is left to a run of its own.
const slowUnderRace = "it draws hundreds of pages, one after the other: make test runs it without the race detector"

func TestNothingIsCutInAnyLanguageAtAnySize(t *testing.T) {
	if raceEnabled {
		t.Skip(slowUnderRace)
	}
	for _, l := range words.Languages() {
		for _, percent := range []int{100, 200} {
			for _, size := range []fyne.Size{wide, least} {
				for _, sc := range slices.Concat(spoken(), signingInSpoken(), sendingSpoken(), accountPages(), connectionSpoken()) {
					if strings.HasPrefix(sc.name, "german-least") || strings.HasPrefix(sc.name, "text-") {
						continue // the same pages
					}
					name := fmt.Sprintf("%s %s %d%% %.0f", sc.name, l.Tag, percent, size.Width)
					perform(t, size, func(f *presenttest.Agent) {
						sc.prepare(f)
						f.Choices.Language, f.Choices.TextSize = l.Tag, percent
					}, func(s *stage) {
						sc.act(s)
						s.w.win.Resize(size)
						s.Settle()
						if got := s.w.win.Canvas().Size(); got != size {
							t.Errorf("%s: the window is %v", name, got)
						}
						for _, o := range append(s.w.win.Canvas().Overlays().List(), s.w.win.Content()) {
							for _, what := range cut(o, fyne.NewPos(0, 0), size.Width) {
								t.Errorf("%s: %s", name, what)
							}
						}
					})
				}
			}
		}
	}
}

// cut names the controls that reach out of the window or have less room than they need.
func cut(o fyne.CanvasObject, at fyne.Position, width float32) (out []string) {
	if !o.Visible() {
		return nil
	}
	at = at.Add(o.Position())
	say := func(what string) {
		if at.X < 0 || at.X+o.Size().Width > width+0.5 || o.Size().Width+0.5 < o.MinSize().Width {
			out = append(out, fmt.Sprintf("%s at %v has %v and needs %v", what, at, o.Size(), o.MinSize()))
		}
	}
	switch o := o.(type) {
	case *button:
		say("button " + o.Text)
	case *barButton:
		say("button " + o.Text)
	case *choice:
		say("list " + o.Selected)
	case *segmented:
		say("choice of " + strings.Join(o.options, ", "))
		if o.whole() > o.Size().Width+0.5 && !o.stacked(o.Size().Width) {
			out = append(out, "the options do not fit: "+strings.Join(o.options, ", "))
		}
	case *entry:
		say("field " + o.PlaceHolder)
	case *line:
		say("line " + o.text)
	case *prose:
		say("text " + o.seg.Text)
	case *fyne.Container:
		for _, child := range o.Objects {
			out = append(out, cut(child, at, width)...)
		}
	case *container.Scroll:
		out = cut(o.Content, at, width)
	case wrapping:
		if inner := o.inner(); inner != nil {
			out = cut(inner, at, width)
		}
	}
	return out
}

func TestThePageHasTheKeyboardInWhateverLanguageItBegins(t *testing.T) {
	perform(t, wide, german(nothing), func(s *stage) {
		if s.w.win.Canvas().Focused() != s.w.signIn.server {
			t.Error("the first field does not have the keyboard")
		}
	})
	perform(t, wide, sized(150, withItems(few()...)), func(s *stage) {
		if s.w.win.Canvas().Focused() != s.w.list.list {
			t.Error("the list does not have the keyboard")
		}
	})
}
