package present

import (
	"strings"
	"testing"
	"unicode/utf8"

	"securepush/api"
	"securepush/assets/words"
)

func TestARowHasATitleWhateverWasSent(t *testing.T) {
	for _, tt := range []struct {
		n           api.Notification
		title, line string
	}{
		{api.Notification{Title: "T", Payload: "a\nb"}, "T", "a"},
		{api.Notification{Payload: "\n\n first \nsecond"}, "first", "second"},
		{api.Notification{Title: "\x00\u202e", Payload: " \r\n\t"}, "No title", ""},
	} {
		r := RowOf(&words.Words{}, tt.n, today)
		if r.Title != tt.title || r.Line != tt.line {
			t.Errorf("%+v: %q, %q", tt.n, r.Title, r.Line)
		}
	}
}

func TestALinkIsOpenedOnlyWhenItIsOne(t *testing.T) {
	for _, tt := range []struct {
		s       string
		opens   bool
		warning string
	}{
		{"https://a.example/x", true, ""},
		{"http://a.example", true, "not encrypted"},
		{"https://bank.example@evil.example/", true, "The site is evil.example."},
		{"https://bаnk.example/", true, "look like others"},
		{"javascript:alert(1)", false, "cannot be opened"},
		{"file:///etc/passwd", false, "cannot be opened"},
		{"https://", false, "cannot be opened"},
		{"://", false, "cannot be opened"},
	} {
		l := LinkOf(&words.Words{}, tt.s)
		if l == nil || (l.URL != nil) != tt.opens || !strings.Contains(l.Warning, tt.warning) || tt.warning == "" && l.Warning != "" {
			t.Errorf("%q: %+v", tt.s, l)
		}
	}
	if LinkOf(&words.Words{}, " ") != nil {
		t.Error("a link of nothing")
	}
}

func FuzzTextsCanBeDrawn(f *testing.F) {
	for _, s := range []string{"", "a\r\nb", "\x00\x1b[31m", "\u202egnp.exe", "\xff\xfe", strings.Repeat("x", 5000), strings.Repeat("ab ", 3000), "👩‍⚕️", "\u2028", "שלום"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, one := Text(s), Line(s)
		if !utf8.ValidString(text) || !utf8.ValidString(one) {
			t.Fatal("not UTF-8")
		}
		for _, r := range text + one {
			if hidden(r) || r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
				t.Fatalf("%q is left", r)
			}
		}
		if strings.ContainsAny(one, "\n\t") || utf8.RuneCountInString(one) > lineRunes+2 {
			t.Fatalf("not one short line: %q", one)
		}
		for p := range strings.SplitSeq(text, "\n") {
			if utf8.RuneCountInString(p) > paragraphRunes+101 {
				t.Fatal("a paragraph without an end")
			}
		}
	})
}
