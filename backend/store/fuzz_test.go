package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"securepush/api"
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

// FuzzSearch compares what SQLite finds with what Go finds.
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
	db, err := sql.Open("sqlite", filepath.Join(f.TempDir(), "x.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	match, err := db.Prepare(`SELECT ? GLOB ?`)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = match.Close() })
	f.Fuzz(func(t *testing.T, search, text string) {
		if !utf8.ValidString(search) || !utf8.ValidString(text) || strings.ContainsRune(search+text, 0) {
			t.Skip("the back end takes neither")
		}
		want := search
		if utf8.RuneCountInString(search) > textMax {
			want = string([]rune(search)[:textMax])
		}
		var found bool
		if err := match.QueryRowContext(t.Context(), text, globContaining(search)).Scan(&found); err != nil {
			t.Fatal(err)
		}
		if found != strings.Contains(folded(text), folded(want)) {
			t.Fatalf("%q in %q: SQLite says %v; the pattern is %q", search, text, found, globContaining(search))
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
