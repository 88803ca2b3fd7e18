package template

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Expression is a value of a template, a template's header or an expiry: plain text, or something to be computed. It never
// changes; any number of goroutines may use it.
type Expression struct {
	terms   []term
	numeric bool // #(name) alone
}

// term is one operand of a concatenation.
type term struct {
	kind     byte // '$', '.', '%', '#', or 0: a literal
	text     string
	fallback string // when the property is missing; the text of a literal
	clip     int    // characters; negative: all
}

// looksLikeExpression decides by the first character, as the service does: what begins so must be an expression.
func looksLikeExpression(s string) bool { return s != "" && strings.IndexByte("$.%#{", s[0]) >= 0 }

// ParseExpression reads a whole value. One that does not begin like an expression stands for itself. The error is of type
// *Error.
func ParseExpression(s string) (*Expression, error) {
	if !looksLikeExpression(s) {
		return &Expression{terms: []term{{fallback: s}}}, nil
	}
	p := &reader{text: s}
	if s[0] != '{' {
		t, err := p.reference()
		if err != nil {
			return nil, err
		}
		if p.at != len(s) {
			return nil, refuse(p.at, "an expression must be the whole value; put {…} around a concatenation")
		}
		return &Expression{terms: []term{t}, numeric: t.kind == '#'}, nil
	}
	if len(s) < 2 || s[len(s)-1] != '}' {
		return nil, refuse(len(s), "the closing } is missing")
	}
	p.text, p.at = s[:len(s)-1], 1
	terms, err := p.sum()
	if err != nil {
		return nil, err
	}
	return &Expression{terms: terms}, nil
}

// Eval gives the expression's text, unescaped. A concatenation ends when it has become longer than any notification.
func (e *Expression) Eval(properties func(name string) (string, bool)) string {
	if len(e.terms) == 1 {
		return e.terms[0].eval(properties)
	}
	var out strings.Builder
	for _, t := range e.terms {
		out.WriteString(t.eval(properties))
		if out.Len() > MaxBody {
			break
		}
	}
	return out.String()
}

func (t term) eval(properties func(string) (string, bool)) string {
	if t.kind == 0 {
		return t.fallback
	}
	v, ok := properties(t.text)
	if !ok {
		v = t.fallback
	}
	switch {
	case t.kind == '%':
		return strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
	case t.clip < 0:
		return v
	case t.kind == '.':
		return ellipsis(v, t.clip)
	default:
		return clip(v, t.clip)
	}
}

func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// ellipsis clips so that with three dots there are n characters. Where the dots have no room, there are none.
func ellipsis(s string, n int) string {
	const dots = "..."
	if n < len(dots) || utf8.RuneCountInString(s) <= n {
		return clip(s, n)
	}
	return clip(s, n-len(dots)) + dots
}

// reader goes through an expression from left to right.
type reader struct {
	text string
	at   int
}

// sum reads "a + b + …" to the end.
func (p *reader) sum() ([]term, error) {
	var terms []term
	for {
		p.space()
		t, err := p.operand()
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		p.space()
		if p.at == len(p.text) {
			break
		}
		if !p.take('+') {
			return nil, refuse(p.at, "between the parts of a concatenation there must be a +")
		}
	}
	for _, t := range terms {
		if t.kind == '#' && len(terms) > 1 {
			return nil, refuse(0, "#(…) is a number and cannot be part of a concatenation")
		}
	}
	return terms, nil
}

func (p *reader) operand() (term, error) {
	if p.at < len(p.text) && (p.text[p.at] == '\'' || p.text[p.at] == '"') {
		return p.literal()
	}
	return p.reference()
}

// literal reads a text in quotes; a doubled quote stands for one.
func (p *reader) literal() (term, error) {
	begin, quote := p.at, p.text[p.at:p.at+1]
	for p.at++; ; {
		n := strings.Index(p.text[p.at:], quote)
		if n < 0 {
			return term{}, refuse(begin, "a literal's closing quote is missing")
		}
		p.at += n + 1
		if !p.take(quote[0]) {
			return term{fallback: strings.ReplaceAll(p.text[begin+1:p.at-1], quote+quote, quote)}, nil
		}
	}
}

// reference reads $(name), .(name, n), %(name) or #(name), each with a default value or without.
func (p *reader) reference() (term, error) {
	begin := p.at
	if p.at == len(p.text) || strings.IndexByte("$.%#", p.text[p.at]) < 0 {
		return term{}, refuse(p.at, "here must be $(…), .(…), %(…), #(…) or a literal in quotes")
	}
	t := term{kind: p.text[p.at], clip: -1}
	p.at++
	if rest := p.text[p.at:]; t.kind == '$' && len(rest) >= 4 && strings.EqualFold(rest[:4], "body") {
		return term{}, refuse(begin, "$body is not supported")
	}
	if !p.take('(') {
		return term{}, refuse(p.at, "the opening ( is missing")
	}
	if err := p.name(&t); err != nil {
		return term{}, err
	}
	if err := p.fallback(&t); err != nil {
		return term{}, err
	}
	if err := p.length(&t); err != nil {
		return term{}, err
	}
	if !p.take(')') {
		return term{}, refuse(p.at, "the closing ) is missing")
	}
	return t, nil
}

func (p *reader) name(t *term) error {
	p.space()
	begin := p.at
	for p.at < len(p.text) && isNameByte(p.text[p.at]) {
		p.at++
	}
	if p.at == begin || p.at-begin > maxNameSize {
		return refuse(begin, "a property's name has 1 to 120 letters, digits and underscores of ASCII")
	}
	t.text = strings.ToLower(p.text[begin:p.at])
	p.space()
	return nil
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// fallback reads a default value, ":{…}", within which a backslash keeps the next character from meaning anything.
func (p *reader) fallback(t *term) error {
	begin := p.at
	if !p.take(':') {
		return nil
	}
	if !p.take('{') {
		return refuse(p.at, "a default value stands within {…}")
	}
	var out strings.Builder
	for ; p.at < len(p.text) && p.text[p.at] != '}'; p.at++ {
		if p.text[p.at] == '\\' {
			p.at++
			if p.at == len(p.text) {
				break
			}
		}
		out.WriteByte(p.text[p.at])
	}
	if !p.take('}') {
		return refuse(begin, "a default value's closing } is missing")
	}
	t.fallback = out.String()
	p.space()
	return nil
}

// length reads ", n".
func (p *reader) length(t *term) error {
	if !p.take(',') {
		if t.kind == '.' {
			return refuse(p.at, ".(…) needs a number of characters")
		}
		return nil
	}
	if t.kind != '$' && t.kind != '.' {
		return refuse(p.at-1, "%(…) and #(…) take no number of characters")
	}
	p.space()
	begin := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	n, err := strconv.ParseInt(p.text[begin:p.at], 10, 32)
	if err != nil {
		return refuse(begin, "the number of characters is not a whole number from 0")
	}
	t.clip = int(n)
	p.space()
	return nil
}

func (p *reader) space() {
	p.at = len(p.text) - len(strings.TrimLeft(p.text[p.at:], " \t\r\n\u00a0"))
}

func (p *reader) take(c byte) bool {
	if p.at == len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}
