package notify

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSanitise(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"ordinary text stays", "K 4.1 mmol/l, within range. Größe ≥ 3 – 日本語", "K 4.1 mmol/l, within range. Größe ≥ 3 – 日本語"},
		{"white space of all kinds becomes one space", " a\t\r\n\n b\u00a0\u2028\u3000c\v ", "a b c"},
		{"control characters go", "a\x00b\x1b[0m\u0085c\x7f", "ab[0m c"},
		{"text is not reordered", "\u202egnp.exe\u202c \u2067x\u2069\u061c", "gnp.exe x"},
		{"zero width goes", "p\u200bay\ufeffpal\u00ad", "paypal"},
		{"a family stays together", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"},
		{"a flag with a variation selector stays", "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f3f3\ufe0f\u200d\U0001f308"},
		{"a joiner that joins nothing goes", "\u200da\u200d \u200db\u200d\u200dc\u200d", "a b\u200dc"},
		{"marks are limited", "e\u0301\u0302\u0303\u0304\u0305\u0306x\u0301", "e\u0301\u0302\u0303\u0304x\u0301"},
		{
			"joiners do not renew the marks", "e" + strings.Repeat("\u0301\u200d", 9) + "x",
			"e\u0301\u200d\u0301\u200d\u0301\u200d\u0301\u200dx",
		},
		{"no mark at the start", "\u0301\u0302a", "a"},
		{"invalid bytes are replaced", "a\xffb", "a\ufffdb"},
		{"private and non-characters go", "a\ue000\ufffe\U000f0000\ufdd0b", "ab"},
		{"fillers do not make an empty line look full", "\u3164\u115f\uffa0\u034f", ""},
		{"an option is none any more", "--version", "\u2060--version"},
		{"a list is none any more", "[x", "\u2060[x"},
		{"a backslash at the start", "\\x", "\u2060\\x"},
		{"a dash inside stays", "a -b", "a -b"},
		{"space before a dash does not help", "  -b", "\u2060-b"},
		{"exactly the limit", "0123456789", "0123456789"},
		{"one over the limit", "0123456789a", "012345678…"},
		{"trailing space does not count", "0123456789   ", "0123456789"},
		{"no space before the ellipsis", "01234567 9 abc", "01234567…"},
		{"no joiner before the ellipsis", "01234567\u200d9\u200da", "01234567…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			limit := 100
			if strings.HasPrefix(c.in, "0123") {
				limit = 10
			}
			if got := Sanitise(c.in, limit); got != c.want {
				t.Errorf("Sanitise(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestComposeMakesTitleAndBody(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Toast
		want Content
	}{
		{"text and sender", Toast{Title: "T", Body: "a\nb", Sender: "S\nX"}, Content{"T", "a b\nS X"}},
		{"only a title", Toast{Title: "T"}, Content{"T", ""}},
		{"no text", Toast{Title: "T", Sender: "S"}, Content{"T", "S"}},
		{"no title: the sender stands in", Toast{Body: "b", Sender: "S"}, Content{"S", "b"}},
		{"the sender is not repeated", Toast{Title: "S", Body: "b", Sender: "S"}, Content{"S", "b"}},
		{"neither title nor sender", Toast{Title: "\u200b", Body: "b"}, Content{"New notification", "b"}},
		{"nothing at all", Toast{}, Content{"New notification", ""}},
		{"with only the sender", Toast{Hidden: true, Title: "T", Body: "b", Sender: "S\u202e"}, Content{"New notification", "S"}},
		{"with only a sender that there is not", Toast{Hidden: true, Title: "T", Body: "b"}, Content{"New notification", "Open SecurePush to read it."}},
		{"a digest has lines", Toast{Title: "7 new", Lines: []string{"a\n1", "", "-b", "c", "d"}}, Content{"7 new", "a 1\n\u2060-b\nc"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Compose(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSanitiseLooksAtABoundedPart(t *testing.T) {
	for in, want := range map[string]string{
		strings.Repeat("\x00", maxInput) + "x":                     "",
		strings.Repeat("\x00", maxInput-1) + "x":                   "x",
		strings.Repeat("\x00", maxInput-2) + "x€":                  "x", // not half of it
		strings.Repeat("\u0301", 1<<20) + "x":                      "",
		strings.Repeat("\x80", 1<<20):                              strings.Repeat("\ufffd", 9) + "…",
		strings.Repeat("a", 10) + strings.Repeat(" ", 1<<20) + "x": strings.Repeat("a", 10),
	} {
		if got := Sanitise(in, 10); got != want {
			t.Errorf("%d bytes of %.10q: %q, want %q", len(in), in, got, want)
		}
	}
}

// FuzzSanitise holds the seven invariants of toast text.
func FuzzSanitise(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a\x00b", "\xff\xfe", "<b>&amp;</b>", "]]>", "\u202ex", "e\u0301\u0301\u0301\u0301\u0301", "-x", "\u2060-x",
		"\U0001f468\u200d\U0001f469", "a\u200d\u0301\u200d\u0301", strings.Repeat("x ", 300), "\u3164", "\ufffe", "a\u200d b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, limit := range []int{maxTitle, maxText} {
			checkInvariants(t, in, Sanitise(in, limit), limit)
		}
		c := Compose(Toast{Title: in, Body: in, Sender: in, Lines: []string{in}})
		if c.Title == "" {
			t.Error("empty title")
		}
		roundTrip(t, c)
	})
}

func checkInvariants(t *testing.T, in, out string, limit int) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("1: %q gives invalid UTF-8 %q", in, out)
	}
	if n := utf8.RuneCountInString(strings.TrimPrefix(out, string(wordJoiner))); n > limit {
		t.Errorf("4: %q gives %d runes, over %d", in, n, limit)
	}
	if strings.IndexAny(out, "-@[({<\"\\") == 0 {
		t.Errorf("6: %q begins with an option character", out)
	}
	if again := Sanitise(out, limit); again != out {
		t.Errorf("not stable: %q, then %q", out, again)
	}
	marks := 0
	var before rune
	for i, r := range out {
		switch {
		case r == joiner:
			after, _ := utf8.DecodeRuneInString(out[i+len(string(joiner)):])
			if before == 0 || before == ' ' || after == ' ' || after == joiner || i+len(string(joiner)) == len(out) {
				t.Errorf("2: a joiner joins nothing in %q", out)
			}
		case r == wordJoiner:
			if i != 0 {
				t.Errorf("2: word joiner inside %q", out)
			}
		case unicode.Is(unicode.C, r) || unicode.Is(unicode.Noncharacter_Code_Point, r):
			t.Errorf("2: %U in %q", r, out)
		case unicode.Is(unicode.M, r):
			if marks++; marks > 4 || i == 0 {
				t.Errorf("3: marks in %q", out)
			}
		default:
			marks = 0
		}
		before = r
	}
}

// roundTrip checks 5 and 7: the markup form has no tag, and read as XML it is the plain form.
func roundTrip(t *testing.T, c Content) {
	t.Helper()
	m := c.Markup()
	if strings.ContainsAny(m, "<>") {
		t.Errorf("5: raw bracket in %q", m)
	}
	d := xml.NewDecoder(strings.NewReader("<t>" + m + "</t>"))
	var text strings.Builder
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("7: %q: %v", m, err)
		}
		if data, ok := tok.(xml.CharData); ok {
			text.Write(data)
		}
	}
	if text.String() != c.Body {
		t.Errorf("7: %q became %q", c.Body, text.String())
	}
}
