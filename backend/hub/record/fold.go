package record

import (
	"strings"
	"unicode"
)

// Fold returns a text without case: every letter becomes the first of those that differ from it in case only (Unicode's
// simple folding), so that "ÄNNE" and "änne" are the same name.
func Fold(text string) string { return strings.Map(foldRune, text) }

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
