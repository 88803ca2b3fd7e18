package store

import (
	"strings"
	"unicode"
)

// folded is a text without case: every letter becomes the first of those that differ from it in case only (Unicode's
// simple folding), so that "ÄNNE" and "änne" are the same name.
func folded(text string) string { return strings.Map(foldRune, text) }

func foldRune(r rune) rune {
	if r <= unicode.MaxASCII { // quickly, as most are: A comes before a
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
	first := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		first = min(first, next)
	}
	return first
}

// holds says whether a text contains words, which are folded already, whatever its case. It takes time in proportion to
// the text; the patterns of SQLite take as much for each letter of the words, and whoever writes both chooses the worst.
func holds(text, words string) bool { return strings.Contains(folded(text), words) }
