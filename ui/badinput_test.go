package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"securepush/api"
	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

// odd is what people, programs and clipboards put into fields.
var odd = map[string]string{
	"nonsense":   "ht!tp:///::::@@??##",
	"emoji":      "🧑‍🚀🎉",
	"rtl":        "مختبر المحطة",
	"override":   "abc\u202egnp.exe",
	"script":     "<script>alert('x')</script>",
	"shell":      "$(touch /tmp/x); `id` && -rf --",
	"nul":        "a\x00b",
	"escape":     "a\x1b[31mb\x07",
	"not text":   "a\xff\xfe\xed\xa0\x80b",
	"zero width": "a\u200b\ufeffb",
	"two lines":  "one\ntwo",
}

// input is a field of the window with what stands beside it.
type input struct {
	prepare func(*presenttest.Agent)
	open    func(*stage)
	field   func(*stage) *entry
	words   func(*stage) string
	leave   func(*stage) // what makes the window look at it
	told    []string     // which of odd are said to be wrong; the others are taken
}

func hintOf(h *hint) string {
	if !h.Visible() {
		return ""
	}
	return h.words.seg.Text
}

var everything = []string{"nonsense", "emoji", "rtl", "override", "script", "shell", "nul", "escape", "not text", "zero width", "two lines"}

func inputs() map[string]input {
	signIn := func(field func(*signInView) *entry, f func(*signInView) *field, told ...string) input {
		return input{
			nothing, watch, func(s *stage) *entry { return field(s.w.signIn) }, func(s *stage) string { return hintOf(f(s.w.signIn).hint) },
			func(s *stage) { s.tap(s.w.signIn.submit) }, told,
		}
	}
	compose := func(field func(*composeView) *entry, f func(*composeView) *field, told ...string) input {
		return input{
			func(f *presenttest.Agent) {
				sender(f)
				f.Fail["send"] = api.NewProblem(api.CodeUnreachable, "It cannot be reached.")
			}, func(s *stage) { s.write("", "") }, func(s *stage) *entry { return field(s.w.compose) },
			func(s *stage) string {
				bad := s.w.compose.badOf(f(s.w.compose))
				if bad != "" && hintOf(f(s.w.compose).hint) != bad {
					return "not beside the field: " + bad
				}
				return bad
			}, func(s *stage) { s.w.compose.trySend(); s.Settle() }, told,
		}
	}
	time := func(field func(*hoursRow) *entry, f func(*hoursRow) *field) input {
		row := func(s *stage) *hoursRow { return s.w.settings.quiet.rows[0] }
		return input{
			quietHours, openSettings, func(s *stage) *entry { return field(row(s)) },
			func(s *stage) string { return hintOf(f(row(s)).hint) }, func(s *stage) { row(s).apply(); s.Settle() }, everything,
		}
	}
	day := compose(func(v *composeView) *entry { return v.until }, func(v *composeView) *field { return v.fields.expiry }, everything...)
	day.open = func(s *stage) {
		s.write("", "")
		s.w.compose.expiry.choose(int(present.ExpiryDay))
		s.Settle()
	}
	return map[string]input{
		"server": signIn(func(v *signInView) *entry { return v.server }, func(v *signInView) *field { return v.fields.server },
			everything...),
		"user": signIn(func(v *signInView) *entry { return v.user }, func(v *signInView) *field { return v.fields.user },
			"override", "nul", "escape", "not text", "zero width"),
		"password": signIn(func(v *signInView) *entry { return v.password }, func(v *signInView) *field { return v.fields.password }),
		"to": compose(func(v *composeView) *entry { return v.to }, func(v *composeView) *field { return v.fields.to },
			"override", "nul", "escape", "not text", "zero width"),
		"title":  compose(func(v *composeView) *entry { return v.title }, func(v *composeView) *field { return v.fields.title }, "nul", "escape"),
		"text":   compose(func(v *composeView) *entry { return v.text }, func(v *composeView) *field { return v.fields.text }, "nul", "escape"),
		"link":   compose(func(v *composeView) *entry { return v.link }, func(v *composeView) *field { return v.fields.link }, everything...),
		"expiry": day,
		"search": {
			withItems(few()...), watch, func(s *stage) *entry { return s.w.header.search }, func(s *stage) string {
				if toast := s.w.shell.Inbox.Toast; toast != nil {
					return toast.Words
				}
				return ""
			}, func(s *stage) { s.Settle() }, nil,
		},
		"certificate file": {
			nothing, openSettings, func(s *stage) *entry { return s.w.settings.ca },
			func(s *stage) string { return hintOf(s.w.settings.caField.hint) }, func(s *stage) { s.w.settings.apply(); s.Settle() }, nil,
		},
		"from":               time(func(r *hoursRow) *entry { return r.from }, func(r *hoursRow) *field { return r.fromBad }),
		"to, of quiet hours": time(func(r *hoursRow) *entry { return r.to }, func(r *hoursRow) *field { return r.toBad }),
	}
}

func paste(e *entry, text string) {
	clip := test.NewClipboard()
	clip.SetContent(text)
	e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
}

func TestWhateverIsPutIntoAFieldStaysAndWhatIsWrongIsSaidBesideIt(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			perform(t, narrow, in.prepare, func(s *stage) {
				in.open(s)
				for kind, text := range odd {
					tryOdd(s, in, kind, text)
				}
			})
		})
	}
}

func tryOdd(s *stage, in input, kind, text string) {
	e := in.field(s)
	e.SetText("")
	s.Settle()
	s.agent.Do(func(f *presenttest.Agent) { f.Requests = nil })
	signIns := s.agent.Called("sign-in")
	s.w.win.Canvas().Focus(e)
	paste(e, text)
	s.Settle()
	want := string([]rune(text)) // a field holds characters: bytes that are none have their sign
	if !e.MultiLine {
		want = strings.ReplaceAll(want, "\n", " ")
	}
	if e.Text != want {
		s.t.Errorf("%s: the field holds %q", kind, e.Text)
	}
	in.leave(s)
	if e := in.field(s); e.Text != want {
		s.t.Errorf("%s: afterwards it holds %q", kind, e.Text)
	}
	told := slices.Contains(in.told, kind)
	if said := in.words(s); (said != "") != told || strings.HasPrefix(said, "not beside") {
		s.t.Errorf("%s: said %q", kind, said)
	}
	if n := s.agent.Called("sign-in") - signIns + len(s.agent.Requests); n > 0 && told {
		s.t.Errorf("%s: it was sent all the same", kind)
	}
}

func TestAMegabyteIsLeftOutWithWordsAndWhatStoodThereStays(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			perform(t, narrow, in.prepare, func(s *stage) {
				in.open(s)
				for _, text := range []string{strings.Repeat("W", 1<<20), strings.Repeat("word\n", 1<<18), string(make([]byte, 1<<20))} {
					tryTooMuch(s, in, text)
				}
			})
		})
	}
}

func tryTooMuch(s *stage, in input, text string) {
	e := in.field(s)
	s.w.win.Canvas().Focus(e)
	e.SetText("kept")
	s.Settle()
	paste(e, text)
	s.Settle()
	if e := in.field(s); e.Text != "kept" {
		s.t.Errorf("the field holds %d bytes", len(e.Text))
	}
	if said := in.words(s); !strings.HasPrefix(said, "What you pasted is too long (") {
		s.t.Errorf("said %q", said)
	}
	paste(e, "x")
	s.Settle()
	if e := in.field(s); len(e.Text) != len("kept")+1 {
		s.t.Errorf("afterwards it takes no more: %q", e.Text)
	}
}

func TestPastingAgainAndAgainComesToAnEnd(t *testing.T) {
	perform(t, wide, nothing, func(s *stage) {
		v := s.w.signIn
		for range 3 * mostPastes {
			paste(v.user, strings.Repeat("W", mostUserBytes))
		}
		s.Settle()
		if n := len(v.user.Text); n > mostPastes*mostUserBytes || hintOf(v.fields.user.hint) == "" {
			t.Errorf("%d bytes, said %q", n, hintOf(v.fields.user.hint))
		}
	})
}

func TestTheEndOfALineThatIsCopiedAlongIsNotPartOfAPassword(t *testing.T) {
	perform(t, wide, nothing, func(s *stage) {
		v := s.w.signIn
		paste(v.password, "correct horse\r\n")
		paste(v.server, "\npush.clinic.example\n")
		if v.password.Text != "correct horse" || v.server.Text != "push.clinic.example" {
			t.Errorf("%q, %q", v.password.Text, v.server.Text)
		}
	})
}

func TestALongParagraphIsNotWrappedAndShortOnesAre(t *testing.T) {
	perform(t, wide, sender, func(s *stage) {
		s.write("", "")
		v := s.w.compose
		for _, tt := range []struct {
			name, text string
			wraps      bool
		}{
			{"nothing", "", true},
			{"a paragraph as people write", strings.Repeat("word ", 200), true},
			{"many of them", strings.Repeat(strings.Repeat("word ", 20)+"\n", 150), true},
			{"all in one", strings.Repeat("word ", 3200), false},
			{"letters without a space", strings.Repeat("W", present.MaxTextBytes), false},
			{"short again", "word", true},
		} {
			v.text.show("")
			paste(v.text, tt.text)
			v.edited()
			s.Settle()
			if got := v.text.Wrapping == fyne.TextWrapWord; got != tt.wraps || v.text.Text != tt.text {
				t.Errorf("%s: wraps %v", tt.name, got)
			}
			if said := hintOf(v.fields.text.hint); strings.Contains(said, "not wrapped") == tt.wraps {
				t.Errorf("%s: said %q", tt.name, said)
			}
		}
		v.text.SetText(strings.Repeat("w", 1410))
		for range 10 { // typed, not pasted
			v.text.TypedRune('w')
		}
		s.Settle()
		if v.text.Wrapping != fyne.TextWrapOff {
			t.Error("what is typed is wrapped at any length")
		}
	})
}
