package present

import (
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/assets/words"
	"securepush/notify"
	"securepush/ui/present/presenttest"
)

func sendsToOthers(f *presenttest.Agent) {
	signedIn(f)
	f.Now.Account.Claims = []string{api.ClaimSend}
}

const controlWords = "This holds a character that cannot be seen and cannot be sent. Remove it, or type the line again."

func TestBadInputIsSaidBesideItsFieldAndStays(t *testing.T) {
	mega := strings.Repeat("x", 1<<20)
	for name, tt := range map[string]struct {
		draft Draft
		want  ComposeBad
	}{
		"NUL in every field": {
			Draft{To: "a\x00", Title: "b\x00", Text: "c\x00", Link: "https://d\x00"},
			ComposeBad{To: controlWords, Title: controlWords, Text: controlWords, Link: controlWords},
		},
		"a megabyte in every field": {
			Draft{To: mega, Title: mega, Text: mega, Link: "https://" + mega},
			ComposeBad{
				To: "Too long: 1024 KB. There is room for 64 KB.", Title: "Too long: 1024 KB. There is room for 256 bytes.",
				Text: "Too long: 1024 KB. There is room for 16 KB.", Link: "Too long: 1024 KB. There is room for 2 KB.",
			},
		},
		"emoji, right to left and markup are text": {
			Draft{Title: "🧑‍🚀 نتيجة", Text: "<script>alert(1)</script>\n\tנכון\r\n$(rm -rf)", To: "🎉"}, ComposeBad{},
		},
		"two lines in the title":  {Draft{Title: "a\nb", Text: "x"}, ComposeBad{Title: controlWords}},
		"emoji count by bytes":    {Draft{Title: strings.Repeat("🎉", 65), Text: "x"}, ComposeBad{Title: "Too long: 260 bytes. There is room for 256 bytes."}},
		"too many people":         {Draft{To: many(1001), Text: "x"}, ComposeBad{To: "At the most 1000 people."}},
		"a link without https":    {Draft{Text: "x", Link: "http://a.example"}, ComposeBad{Link: "A link begins with https://."}},
		"a link that is a script": {Draft{Text: "x", Link: "javascript:alert(1)"}, ComposeBad{Link: "A link begins with https://."}},
		"a link of nothing":       {Draft{Text: "x", Link: "https:///path"}, ComposeBad{Link: "This is not an address. It looks like https://www.example.org/page."}},
		"a link with a blank":     {Draft{Text: "x", Link: "https://a b"}, ComposeBad{Link: "This is not an address. It looks like https://www.example.org/page."}},
		"a link with a user":      {Draft{Text: "x", Link: "https://bank@evil.example"}, ComposeBad{Link: "An address with a user name in it is not sent."}},
		"a link half typed":       {Draft{Text: "x", Link: "htt"}, ComposeBad{}},
		"a day that is none":      {Draft{Text: "x", Expiry: ExpiryDay, Until: "the day after tomorrow"}, ComposeBad{Until: "Write the day as 2026-12-24 or 24.12.2026."}},
		"a day half typed":        {Draft{Text: "x", Expiry: ExpiryDay, Until: "24.12"}, ComposeBad{}},
		"a day that is over":      {Draft{Text: "x", Expiry: ExpiryDay, Until: "20.11.2026"}, ComposeBad{Until: "This day is over."}},
		"a day too far away":      {Draft{Text: "x", Expiry: ExpiryDay, Until: "2036-11-22"}, ComposeBad{Until: "At the most ten years from now."}},
	} {
		t.Run(name, func(t *testing.T) {
			perform(t, sendsToOthers, func(s *stage) {
				c := s.shell.Compose
				c.Edit(tt.draft)
				s.is("typed", c.Draft, tt.draft)
				s.is("bad", c.Bad, tt.want)
				if tt.want == (ComposeBad{}) {
					return
				}
				c.Send()
				s.Settle()
				s.is("still typed", c.Draft, tt.draft)
				s.is("still bad", c.Bad.To+c.Bad.Title+c.Bad.Link+c.Bad.Until != "" || c.Bad.Text != "", true)
				s.is("calls", s.agent.Called("send"), 0)
			})
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" u")
		b.WriteString(strings.Repeat("x", i%7))
		b.WriteString(string(id(i)))
	}
	return b.String()
}

func TestWhatIsNotFinishedIsWrongOnlyWhenItIsSent(t *testing.T) {
	perform(t, sendsToOthers, func(s *stage) {
		c := s.shell.Compose
		d := Draft{Title: "T", Link: "https:/", Expiry: ExpiryDay, Until: "24."}
		c.Edit(d)
		s.is("while typing", c.Bad, ComposeBad{})
		c.Send()
		s.Settle()
		s.is("sent", c.Bad, ComposeBad{
			Text: "Write what you want to say.", Link: "A link begins with https://.", Until: "Write the day as 2026-12-24 or 24.12.2026.",
		})
		d.Text = "x"
		c.Edit(d)
		s.is("only its own goes", c.Bad.Text == "" && c.Bad.Link != "", true)
	})
}

func TestARepeatAfterAnUnclearFailureIsTheSameRequest(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		signedIn(f)
		refuse("send", api.CodeUnreachable, "It cannot be reached.")(f)
	}, func(s *stage) {
		c := s.shell.Compose
		d := Draft{Text: "x", Priority: api.PriorityNormal, Expiry: ExpiryWeek}
		c.Edit(d)
		c.Send()
		s.Settle()
		s.is("unclear", c.Unclear, true)
		s.Pass(time.Minute) // a week from now is another moment then
		s.agent.Do(func(f *presenttest.Agent) { clear(f.Fail) })
		c.Send()
		s.Settle()
		keys, sent := s.agent.Keys, s.agent.Requests
		s.is("asked twice with one key", len(keys) == 2 && keys[0] == keys[1] && keys[0] != "", true)
		s.is("sent once", len(sent), 1)
		s.is("done", c.Sent, true)

		d.Text = "another"
		c.Edit(d)
		c.Send()
		s.Settle()
		s.is("another draft has another key", s.agent.Keys[2] != keys[0], true)
	})
}

func TestADraftThatIsChangedOrWasRefusedGoesOutAsANewOne(t *testing.T) {
	for name, tt := range map[string]struct {
		code   api.Code
		change bool
	}{
		"changed":          {api.CodeUnreachable, true},
		"refused":          {api.CodeTooManyRequests, false},
		"refused for good": {api.CodeForbidden, false},
	} {
		t.Run(name, func(t *testing.T) {
			perform(t, func(f *presenttest.Agent) { signedIn(f); refuse("send", tt.code, "No.")(f) }, func(s *stage) {
				c := s.shell.Compose
				c.Edit(Draft{Text: "x"})
				c.Send()
				s.Settle()
				if tt.change {
					c.Edit(Draft{Text: "y"})
					c.Edit(Draft{Text: "x"})
				}
				c.Send()
				s.Settle()
				s.is("keys", s.agent.Keys[0] != s.agent.Keys[1], true)
			})
		})
	}
}

func TestWhatIsTypedWhileItIsSentStays(t *testing.T) {
	perform(t, signedIn, func(s *stage) {
		c := s.shell.Compose
		c.Edit(Draft{Text: "first"})
		c.Send()
		c.Edit(Draft{Text: "second"})
		s.Settle()
		s.is("draft", c.Draft.Text, "second")
		s.is("said", c.Sent, true)
	})
}

func TestTheExpiryIsSentAsAMoment(t *testing.T) {
	for _, tt := range []struct {
		expiry Expiry
		until  string
		want   string // "" for none
	}{
		{ExpiryNever, "2026-12-24", ""},
		{ExpiryToday, "", "2026-11-22T00:00:00Z"},
		{ExpiryWeek, "", "2026-11-28T14:40:00Z"},
		{ExpiryDay, "24.12.2026", "2026-12-25T00:00:00Z"},
		{ExpiryDay, " 2026-12-24 ", "2026-12-25T00:00:00Z"},
	} {
		perform(t, signedIn, func(s *stage) {
			c := s.shell.Compose
			c.Edit(Draft{Text: "x", Expiry: tt.expiry, Until: tt.until})
			c.Send()
			s.Settle()
			got := ""
			if at := s.agent.Requests[0].ExpiresAt; at != nil {
				got = at.UTC().Format(time.RFC3339)
			}
			s.is("expires", got, tt.want)
		})
	}
}

func TestToWhomItGoesIsSaidInWords(t *testing.T) {
	for to, want := range map[string]string{
		"":                            "To your own devices.",
		"bernd":                       "To bernd.",
		"bernd; Bernd, clara":         "To bernd, clara.",
		"a b c d e f":                 "To 6 people.",
		"ward:7 && !role:student":     "To everybody whose tags fit: ward:7 and not role:student.",
		"(ward:7||ward:8)&&role:lead": "To everybody whose tags fit: (ward:7 or ward:8) and role:lead.",
	} {
		perform(t, sendsToOthers, func(s *stage) {
			s.shell.Compose.Edit(Draft{To: to})
			s.is(to, s.shell.Compose.Means(), want)
		})
	}
}

func TestThePreviewIsWhatTheToastShows(t *testing.T) {
	for _, d := range []Draft{
		{Title: "Title", Text: "Text"},
		{Title: "Title", Text: "Line one\n\n\tline two\x00 \u202e end"},
		{Text: "Only a text"},
		{Title: "anna", Text: "Text"},
		{Title: strings.Repeat("wort ", 40), Text: strings.Repeat("wort ", 400)},
		{Title: "🎉", Text: strings.Repeat("🎉", 300)},
		{Title: "<b>Markup</b> stays", Text: "ضمن النطاق"},
	} {
		perform(t, signedIn, func(s *stage) {
			s.shell.Compose.Edit(d)
			p := s.shell.Compose.Preview()
			body := slices.DeleteFunc([]string{p.Text, p.Sender}, func(l string) bool { return l == "" })
			want := notify.Compose(notify.Toast{Title: d.Title, Body: d.Text, Sender: "anna"})
			s.is("title", p.Title, strings.TrimPrefix(want.Title, "\u2060"))
			s.is("body", strings.Join(body, "\n"), want.Body)
		})
	}
}

func TestSizesAreSaidAsPeopleReadThem(t *testing.T) {
	for n, want := range map[int]string{12: "12 Byte", 1 << 10: "1 kB", 1600: "1,5 kB", 16 << 10: "16 kB", 1<<20 + 5: "1024 kB"} {
		if got := kilobytes(words.New("de"), n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
