package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is shown.
const (
	maxTitle = 64  // runes
	maxText  = 240 // runes
	maxLines = 4
	maxMarks = 4        // combining marks in a row
	maxInput = 64 << 10 // bytes that are looked at: far more than can be shown, unless the text is made to waste time
)

// Runes with a part of their own.
const (
	joiner     = '\u200d' // zero-width joiner: holds emoji and some scripts together
	wordJoiner = '\u2060' // invisible; stands before a first character that some tool would take for an option or a list
	ellipsis   = '…'
)

// Content is the text of a toast, safe for every sender. It is plain text: where a server may read markup, see
// [Content.Markup].
type Content struct {
	Title string // one line, never empty
	Body  string // lines separated by '\n'
}

// Markup is the body for a server that may read markup: dunst does even when it does not say so.
func (c Content) Markup() string { return escape(c.Body) }

// Compose makes the text of a toast: the title, and a body of the text, the lines and the sender.
func Compose(t Toast) Content {
	if t.Hidden {
		t.Title, t.Body = PromptHidden.Words()
		if Sanitise(t.Sender, maxTitle) != "" {
			t.Body = "" // that it can be opened goes without saying; a narrow toast shows one line
		}
	}
	title, from := Sanitise(t.Title, maxTitle), Sanitise(t.Sender, maxTitle)
	if title == "" {
		title = from
	}
	if title == from {
		from = ""
	}
	if title == "" {
		title, _ = PromptHidden.Words()
	}
	lines := []string{Sanitise(t.Body, maxText)}
	for _, l := range t.Lines[:min(len(t.Lines), maxLines)] {
		lines = append(lines, Sanitise(l, maxTitle))
	}
	lines = append(lines, from)
	var body strings.Builder
	for _, l := range lines {
		if l == "" {
			continue
		}
		if body.Len() > 0 {
			body.WriteByte('\n')
		}
		body.WriteString(l)
	}
	return Content{Title: title, Body: body.String()}
}

// Sanitise makes one line of at most limit runes from any bytes, for display by whatever program comes next.
//
// It keeps visible text. It drops control and format characters (with them everything that reorders text), private and
// non-characters, joiners that join nothing, and combining marks beyond four in a row; it turns every run of white space
// into one space, and puts one invisible rune before a first character that a tool might take for an option. It looks at
// the first 64 KiB only, so that its cost is bounded.
func Sanitise(s string, limit int) string {
	s = head(s)
	out := make([]rune, 0, min(len(s), limit)+1)
	marks := 0
	space, join := false, false
	for _, r := range s {
		mark := unicode.Is(unicode.M, r)
		switch {
		case blank(r):
			space = true
			continue
		case r == joiner:
			join = true
			continue
		case invisible(r), mark && (len(out) == 0 || marks == maxMarks):
			continue
		}
		space, join = space && len(out) > 0, join && !space && len(out) > 0
		if len(out)+count(space, join, true) > limit {
			out = append(trimRight(out[:min(len(out), max(limit-1, 0))]), ellipsis)
			break
		}
		if space {
			out = append(out, ' ')
		}
		if join {
			out = append(out, joiner)
		}
		out = append(out, r)
		if !mark {
			marks = 0
		} else {
			marks++
		}
		space, join = false, false
	}
	if len(out) > 0 && strings.ContainsRune("-@[({<\"\\", out[0]) {
		return string(wordJoiner) + string(out)
	}
	return string(out)
}

// head is the part of s that is looked at, cut between runes.
func head(s string) string {
	if len(s) <= maxInput {
		return s
	}
	end := maxInput
	for end > maxInput-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}

// blank says whether r shows as space.
func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u2800' }

// invisible says whether r shows as nothing, or as nothing good.
func invisible(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Noncharacter_Code_Point, unicode.Other_Default_Ignorable_Code_Point)
}

func trimRight(out []rune) []rune {
	for len(out) > 0 && (out[len(out)-1] == ' ' || out[len(out)-1] == joiner) {
		out = out[:len(out)-1]
	}
	return out
}

// escape writes plain text as XML text.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
