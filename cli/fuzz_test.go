package cli

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzTerminal holds that no text from elsewhere moves the cursor, changes colours or reorders what stands beside it.
func FuzzTerminal(f *testing.F) {
	f.Add("a\x1b[31mred\x07\nb", 20)
	f.Add("exe.\u202egnp.txt \u009bcsi \xff", 3)
	f.Add("", 1)
	f.Fuzz(func(t *testing.T, text string, n int) {
		steers := func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		}
		if got := clean(text); !utf8.ValidString(got) || strings.ContainsFunc(got, steers) {
			t.Errorf("%q becomes %q", text, got)
		}
		n = n&63 + 1
		line := oneLine(text, n)
		if strings.ContainsAny(line, "\n\t") || utf8.RuneCountInString(line) > n {
			t.Errorf("%q becomes a line of %d: %q", text, n, line)
		}
	})
}
