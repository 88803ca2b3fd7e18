package store

import (
	"strings"
	"testing"
	"unicode/utf8"

	"securepush/api"
	"securepush/backend/hub/record"
)

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "0", "1", "42", "-1", "+1", "007", "9223372036854775807", "9223372036854775808", "1e3", "0x10", "1_000", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seq, err := parseCursor(api.Cursor(text))
		if err == nil && (seq < 0 || string(cursorOf(seq)) != text) {
			t.Fatalf("%q became %d", text, seq)
		}
		if err != nil && err != ErrBadCursor { //nolint:errorlint // exactly this one
			t.Fatal(err)
		}
	})
}

// FuzzSearch compares what a search finds with a plain comparison at every place.
func FuzzSearch(f *testing.F) {
	for _, seed := range [][2]string{
		{"Potassium", "POTASSIUM result"},
		{"ärzte", "Notärzte"},
		{"*", "a*b"},
		{"?", "ab"},
		{"[a]", "a"},
		{"[", "["},
		{"]", "]"},
		{"^", "^"},
		{"[^a]", "b"},
		{"%", "100 %"},
		{"_", "x"},
		{`\`, `\`},
		{"ß", "SS"},
		{"ſ", "S"},
		{"K", "k"},
		{"ς", "Σ"},
		{"a-z", "b"},
		{"[a-z]", "b"},
		{"İ", "i"},
		{"", "x"},
		{strings.Repeat("k", 300), strings.Repeat("K", 300)},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, search, text string) {
		if !utf8.ValidString(search) || !utf8.ValidString(text) {
			t.Skip("the back end takes neither")
		}
		want, in, length := false, []rune(text), utf8.RuneCountInString(search)
		for i := 0; i+length <= len(in) && !want; i++ {
			want = strings.EqualFold(string(in[i:i+length]), search)
		}
		if found := holds(text, record.Fold(search)); found != want {
			t.Fatalf("%q in %q: %v", search, text, found)
		}
	})
}

func FuzzRefreshToken(f *testing.F) {
	f.Add("")
	f.Add(refreshPrefix)
	f.Add(newRefresh(newSelector()))
	f.Fuzz(func(t *testing.T, text string) {
		selector, ok := selectorOf(text)
		if ok && (len(selector) != selectorText || !strings.HasPrefix(text, refreshPrefix+selector)) {
			t.Fatalf("%q has selector %q", text, selector)
		}
	})
}
