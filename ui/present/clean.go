package present

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds on what is drawn at once. A text view wraps a paragraph in time that grows with the square of its length
// (64 KB in one paragraph took over a minute), so a paragraph is broken after paragraphRunes.
const (
	lineRunes      = 240
	titleRunes     = 400
	paragraphRunes = 1000
)

// Line makes one line of a text: controls and line breaks become single spaces, what reorders text is taken out, and
// what is longer than any row shows is cut.
func Line(s string) string { return line(s, lineRunes) }

func line(s string, limit int) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		switch {
		case hidden(r):
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = n > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
			n++
		}
		if n >= limit {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// Text makes a text that can be drawn: valid UTF-8, line feeds only, no controls, no run of text without an end.
func Text(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	inParagraph := 0
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			b.WriteByte('\n')
			inParagraph = 0
			continue
		case hidden(r) || (unicode.IsControl(r) && r != '\t'):
			continue
		}
		inParagraph++
		// At the next space past the bound, or a little later within a word that does not end.
		if inParagraph > paragraphRunes && (unicode.IsSpace(r) || inParagraph > paragraphRunes+100) {
			b.WriteByte('\n')
			inParagraph = 0
			if unicode.IsSpace(r) {
				continue
			}
		}
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), "\n\t ")
}

// hidden says whether a character only changes the order of others, or marks a text for machines. With those a sender's
// name could be made to read as another's.
func hidden(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
		return true
	case r == 0xFEFF, r == utf8.RuneError, r >= 0xE0000 && r <= 0xE007F:
		return true
	}
	return false
}

// firstLine is the first line of a text with something in it, and the rest.
func firstLine(s string) (first, rest string) {
	for s != "" {
		first, s, _ = strings.Cut(s, "\n")
		if first = Line(first); first != "" {
			return first, s
		}
	}
	return "", ""
}
