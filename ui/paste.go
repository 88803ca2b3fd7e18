package ui

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// mostPastes is how many of the largest pastes a field takes one after the other.
const mostPastes = 4

// mostWrapping bounds the work of wrapping a text, which grows with the square of a paragraph's length: one of 1,400 characters, or
// ten of 450. 16 KB in one paragraph take half a minute for each key.
const mostWrapping = 2_000_000

// bound keeps a field from taking so much at once that drawing it would hold the window up. What stands in it stays, and tooMuch
// says beside it that something was left out.
func (e *entry) bound(most int, tooMuch func(bytes int)) { e.most, e.tooMuch = most, tooMuch }

// wrapFor lets long paragraphs run out of the field, instead of wrapping them, where wrapping would hold the window up. It says
// whether the text is wrapped.
func (e *entry) wrapFor(text string) bool {
	if !e.wraps {
		return false
	}
	wrap := fyne.TextWrapOff
	if wrappable(text) {
		wrap = fyne.TextWrapWord
	}
	if e.Wrapping != wrap {
		e.Wrapping = wrap
		e.Refresh()
	}
	return wrap == fyne.TextWrapWord
}

func wrappable(text string) bool {
	work := 0
	for paragraph := range strings.SplitSeq(text, "\n") {
		if len(paragraph) > mostWrapping {
			return false
		}
		n := utf8.RuneCountInString(paragraph)
		if work += n * n; work > mostWrapping {
			return false
		}
	}
	return true
}

// held is a clipboard of which something else is pasted.
type held struct {
	fyne.Clipboard
	text string
}

// Content is part of fyne.Clipboard.
func (h held) Content() string { return h.text }

// pasteable is what a field takes of the clipboard: in one of a single line the ends of lines around it are not part of what was
// copied, and would stand there as spaces.
func pasteable(text string, lines bool) string {
	if lines {
		return strings.ReplaceAll(text, "\r\n", "\n")
	}
	return strings.Trim(text, "\r\n")
}
