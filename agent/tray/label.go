package tray

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLabel bounds a line of the menu, in runes.
const maxLabel = 64

// label writes plain text as a label of the menu, where one underline marks a key: valid, on one line, bounded, and without
// anything that reorders text beyond its own line.
func label(text string) string {
	var out strings.Builder
	n := 0
	for i, r := range text {
		if n == maxLabel || i > 16*maxLabel {
			out.WriteRune('…')
			break
		}
		switch {
		case unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp):
			r = ' '
		case r == utf8.RuneError, unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
			continue
		case r == '_':
			out.WriteByte('_')
		}
		out.WriteRune(r)
		n++
	}
	return out.String()
}
