package present

import "strings"

// mostSpans bounds the pieces of a text that are drawn with a look of their own; a text with more is shown as it is written.
const mostSpans = 300

// Span is a run of text with one look. Link is the address that it names, to be shown beside it.
type Span struct {
	Text               string
	Bold, Italic, Code bool
	Link               string
}

// Block is a paragraph, an item of a list (with its Marker) or lines of code.
type Block struct {
	Spans  []Span
	Marker string
	Code   bool
}

// Markup reads the few marks that people write in messages: **bold**, *italic*, `code`, fences, lists, headings and
// [links](https://…). Whatever else there is, images and HTML too, stays the text that it is. Nil means that the text has no
// marks, or too many, and is shown as written.
func Markup(text string) []Block {
	var m marks
	for line := range strings.Lines(text) {
		m.line(strings.TrimSuffix(line, "\n"))
	}
	m.end()
	if n := m.spans(); !m.any || n > mostSpans {
		return nil
	}
	return m.blocks
}

// bare is a line without its marks.
func bare(s string) string {
	blocks := Markup(s)
	if blocks == nil {
		return s
	}
	var b strings.Builder
	for _, block := range blocks {
		for _, span := range block.Spans {
			b.WriteString(span.Text)
		}
	}
	return b.String()
}

type marks struct {
	blocks []Block
	open   []string // lines of the paragraph or code that is being read
	code   bool
	any    bool
}

func (m *marks) spans() (n int) {
	for _, b := range m.blocks {
		n += max(len(b.Spans), 1)
	}
	return n
}

func (m *marks) line(s string) {
	if strings.HasPrefix(strings.TrimSpace(s), "```") {
		m.end()
		m.code = !m.code
		return
	}
	if m.code {
		m.open = append(m.open, s)
		return
	}
	marker, rest := listItem(s)
	heading := headingOf(s)
	switch {
	case strings.TrimSpace(s) == "":
		m.end()
	case marker != "":
		m.end()
		m.any = true
		m.blocks = append(m.blocks, Block{Marker: marker, Spans: m.inline(rest)})
	case heading != "":
		m.end()
		m.any = true
		m.blocks = append(m.blocks, Block{Spans: []Span{{Text: heading, Bold: true}}})
	default:
		m.open = append(m.open, s)
	}
}

// end closes what is being read.
func (m *marks) end() {
	text := strings.Join(m.open, "\n")
	m.open = nil
	switch {
	case text == "":
	case m.code:
		m.any = true
		m.blocks = append(m.blocks, Block{Code: true, Spans: []Span{{Text: text, Code: true}}})
	default:
		m.blocks = append(m.blocks, Block{Spans: m.inline(text)})
	}
}

// listItem takes the mark of a list off a line: "- ", "* ", "3. ".
func listItem(s string) (marker, rest string) {
	s = strings.TrimLeft(s, " \t")
	if r, ok := strings.CutPrefix(s, "- "); ok {
		return "•", r
	}
	if r, ok := strings.CutPrefix(s, "* "); ok {
		return "•", r
	}
	n := 0
	for n < len(s) && n < 3 && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	if r, ok := strings.CutPrefix(s[n:], ". "); ok && n > 0 {
		return s[:n] + ".", r
	}
	return "", s
}

func headingOf(s string) string {
	rest := strings.TrimLeft(s, "#")
	if n := len(s) - len(rest); n < 1 || n > 4 || !strings.HasPrefix(rest, " ") {
		return ""
	}
	return strings.TrimSpace(rest)
}

// inline reads the marks within a paragraph.
func (m *marks) inline(s string) (out []Span) {
	from := 0
	for i := 0; i < len(s) && len(out) <= mostSpans; {
		span, n := markAt(s, i)
		if n == 0 {
			i++
			continue
		}
		if from < i {
			out = append(out, Span{Text: s[from:i]})
		}
		out = append(out, span)
		m.any = true
		i += n
		from = i
	}
	if from < len(s) {
		out = append(out, Span{Text: s[from:]})
	}
	return out
}

// markLength bounds how far the end of a mark is looked for.
const markLength = 2000

// markAt reads a mark that begins at i and says how long it is; 0 for none.
func markAt(s string, i int) (Span, int) {
	rest := s[i:min(len(s), i+markLength)]
	wordBefore := i > 0 && (isWord(s[i-1]) || s[i-1] == '!')
	switch {
	case rest[0] == '`':
		text, n := between(rest, "`")
		return Span{Text: text, Code: true}, n
	case strings.HasPrefix(rest, "**"):
		text, n := between(rest, "**")
		return Span{Text: text, Bold: true}, n
	case (rest[0] == '*' || rest[0] == '_') && !wordBefore:
		text, n := between(rest, rest[:1])
		if n > 0 && n < len(rest) && isWord(rest[n]) {
			return Span{}, 0 // snake_case_names and 2*3*4
		}
		return Span{Text: text, Italic: true}, n
	case rest[0] == '[' && !wordBefore:
		return linkAt(rest)
	}
	return Span{}, 0
}

func isWord(c byte) bool {
	return c >= 0x80 || c == '*' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// between is what stands between a mark and the next one like it, on one line and without space at its edges.
func between(s, mark string) (text string, n int) {
	text, _, ok := strings.Cut(s[len(mark):], mark)
	if !ok || text == "" || strings.Contains(text, "\n") || strings.TrimSpace(text) != text {
		return "", 0
	}
	return text, len(text) + 2*len(mark)
}

// linkAt reads [text](address). Only web addresses are links.
func linkAt(s string) (Span, int) {
	text, rest, ok := strings.Cut(s[1:], "](")
	if !ok || text == "" || strings.ContainsAny(text, "[]\n") {
		return Span{}, 0
	}
	address, _, ok := strings.Cut(rest, ")")
	if !ok || strings.ContainsAny(address, " \t\n") || !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		return Span{}, 0
	}
	return Span{Text: text, Link: address}, len(text) + len(address) + len("[](") + 1
}
