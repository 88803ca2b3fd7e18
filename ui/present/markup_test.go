package present

import (
	"fmt"
	"strings"
	"testing"
)

// written writes blocks so that a test can read them: <b>, <i>, <c>, <a>, one block on a line.
func written(blocks []Block) string {
	var out []string
	for _, b := range blocks {
		line := b.Marker
		if b.Code {
			line = "code:"
		}
		for _, s := range b.Spans {
			switch {
			case s.Bold:
				line += "<b " + s.Text + ">"
			case s.Italic:
				line += "<i " + s.Text + ">"
			case s.Code:
				line += "<c " + s.Text + ">"
			case s.Link != "":
				line += "<a " + s.Text + " " + s.Link + ">"
			default:
				line += s.Text
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "|")
}

func TestTheMarksThatPeopleWriteAreReadAndNothingElseIs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", ""},
		{"a **bold** word", "a <b bold> word"},
		{"*it* and _it_", "<i it> and <i it>"},
		{"`x := 1`", "<c x := 1>"},
		{"- one\n* two\n12. three", "•one|•two|12.three"},
		{"# Title\ntext", "<b Title>|text"},
		{"```go\nif a {\n\n}\n```\nafter", "code:<c if a {\n\n}>|after"},
		{"```\nwithout an end **b**", "code:<c without an end **b**>"},
		{"see [the site](https://a.example/x)", "see <a the site https://a.example/x>"},
		{"**b**\n\nsecond\nline", "<b b>|second\nline"},
		{"![image](https://a.example/x.png)", ""},
		{"[x](javascript:alert(1)) [y](file:///etc/passwd)", ""},
		{"<b>html</b> &amp; <img src=x>", ""},
		{"snake_case_name 2*3*4 a * b * c", ""},
		{"**open", ""},
		{"2026. a year", ""},
		{"** spaced **", ""},
	} {
		if got := written(Markup(c.text)); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestTheLineOfARowHasNoMarks(t *testing.T) {
	for text, want := range map[string]string{"# Title": "Title", "- a **b** c": "a b c", "see [it](https://a.example)": "see it", "2 * 3": "2 * 3"} {
		if got := bare(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestATextWithTooManyMarksIsShownAsWritten(t *testing.T) {
	for _, s := range []string{strings.Repeat("*a* ", 5000), strings.Repeat("- a\n", 5000), strings.Repeat("[a](https://", 5000)} {
		if got := len(Markup(s)); got != 0 {
			t.Errorf("%d blocks of %.20q", got, s)
		}
	}
}

func FuzzMarkupLosesNoLetterAndMakesNoOtherLink(f *testing.F) {
	for _, s := range []string{"**a** *b*", "- `x`\n```\n*", "[a](https://b)", "\xff*\x00*", "1. [![x](http://y)](https://z)"} {
		f.Add(s)
	}
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' {
				return r
			}
			return -1
		}, s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown := ""
		for _, b := range Markup(s) {
			for _, span := range b.Spans {
				shown += span.Text + span.Link
				if span.Link != "" && !strings.HasPrefix(span.Link, "http") {
					t.Errorf("a link to %q", span.Link)
				}
			}
		}
		if shown != "" && !strings.Contains(s, "```") && letters(shown) != letters(s) {
			t.Errorf("%q became %q", s, fmt.Sprint(shown))
		}
	})
}
