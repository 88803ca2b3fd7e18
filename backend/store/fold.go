package store

import (
	"strings"
	"unicode"
)

// folded is a text without case: every letter becomes the first of those that differ from it in case only (Unicode's
// simple folding), so that "ÄNNE" and "änne" are the same name.
func folded(text string) string { return strings.Map(foldRune, text) }

func foldRune(r rune) rune {
	first := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		first = min(first, next)
	}
	return first
}

// textMax is how many letters of a search count. SQLite refuses patterns over 50,000 bytes.
const textMax = 256

// globContaining is the SQLite GLOB pattern of what contains a text, whatever its case. LIKE would do so for ASCII
// only; here each letter becomes the set of its cases, and what GLOB takes for an operator a set of itself.
func globContaining(text string) string {
	var b strings.Builder
	b.WriteByte('*')
	n := 0
	for _, r := range text {
		if n++; n > textMax {
			break
		}
		next := unicode.SimpleFold(r)
		if next == r && r != '*' && r != '?' && r != '[' {
			b.WriteRune(r)
			continue
		}
		b.WriteByte('[')
		b.WriteRune(r)
		for ; next != r; next = unicode.SimpleFold(next) {
			b.WriteRune(next)
		}
		b.WriteByte(']')
	}
	b.WriteByte('*')
	return b.String()
}
