package template

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode"
)

// element is one whose end has not come yet.
type element struct {
	children bool
	texts    int // how many pieces of text it has
	text     string
	from, to int // where the first piece stands
}

// xmlReader goes through a document. The standard library checks the syntax; what it lets pass is looked for here: several
// roots, text outside, attributes twice or without space between, declarations of document types.
type xmlReader struct {
	*builder
	open []*element
	root bool // has begun
}

// xml finds the values of attributes, and the texts of elements that have no children.
func (b *builder) xml() error {
	if i := strings.IndexFunc(b.body, func(r rune) bool { return !inXML(r) }); i >= 0 {
		return refuse(i, "the template has a character that XML does not allow")
	}
	x := &xmlReader{builder: b}
	d := xml.NewDecoder(strings.NewReader(b.body))
	for {
		from := int(d.InputOffset())
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		to := int(d.InputOffset())
		if err != nil {
			return refuse(to, "the template is not well-formed XML in UTF-8")
		}
		if err := x.token(token, from, to); err != nil {
			return err
		}
	}
	if !x.root {
		return refuse(0, "the template has no XML element")
	}
	return nil
}

// inXML says whether XML 1.0 has a character (section 2.2).
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r != 0xFFFE && r != 0xFFFF
}

// token takes what stands at body[from:to].
func (x *xmlReader) token(token xml.Token, from, to int) error {
	switch t := token.(type) {
	case xml.StartElement:
		return x.start(t, from, to)
	case xml.EndElement:
		return x.end()
	case xml.CharData:
		return x.chars(string(t), from, to)
	case xml.ProcInst:
		if strings.EqualFold(t.Target, "xml") && from != 0 {
			return refuse(from, "an XML declaration stands at the very beginning")
		}
	case xml.Directive:
		return refuse(from, "a template has no document type")
	}
	return nil
}

func (x *xmlReader) start(t xml.StartElement, from, to int) error {
	switch {
	case len(x.open) > 0:
		x.open[len(x.open)-1].children = true
	case x.root:
		return refuse(from, "the template has more than one root element")
	}
	x.root = true
	if x.open = append(x.open, &element{}); len(x.open) > maxDepth {
		return refuse(from, "the template is nested too deeply")
	}
	seen := make(map[string]bool, len(t.Attr))
	at := from + 1 + len(nameOf(x.body[from+1:to]))
	for _, a := range t.Attr {
		name, begin, end := attribute(x.body, at)
		if name == "" || seen[name] {
			return refuse(at, "an element has an attribute twice, or no space before one")
		}
		seen[name], at = true, end+1
		if (name == "xmlns" || strings.HasPrefix(name, "xmlns:")) && looksLikeExpression(a.Value) {
			return refuse(begin, "a namespace cannot be an expression")
		}
		if err := x.value(begin, end, a.Value); err != nil {
			return err
		}
	}
	return nil
}

const xmlSpace = " \t\r\n"

func nameOf(s string) string { return s[:strings.IndexAny(s, xmlSpace+"=/>")] }

// attribute finds the name of the attribute behind body[at:], and where its value begins and ends within the quotes. The
// name is empty when there is no space before it. The syntax has been checked.
func attribute(body string, at int) (name string, begin, end int) {
	rest := strings.TrimLeft(body[at:], xmlSpace)
	if len(rest) == len(body[at:]) {
		return "", 0, 0
	}
	name = nameOf(rest)
	begin = len(body) - len(rest) + len(name)
	begin += strings.IndexAny(body[begin:], `"'`) + 1
	return name, begin, begin + strings.IndexByte(body[begin:], body[begin-1])
}

func (x *xmlReader) chars(text string, from, to int) error {
	if len(x.open) == 0 {
		if strings.Trim(text, xmlSpace) != "" {
			return refuse(from, "the template has text outside its root element")
		}
		return nil
	}
	if e := x.open[len(x.open)-1]; text != "" {
		if e.texts++; e.texts == 1 {
			e.text, e.from, e.to = text, from, to
		}
	}
	return nil
}

func (x *xmlReader) end() error {
	e := x.open[len(x.open)-1]
	x.open = x.open[:len(x.open)-1]
	if e.children || !looksLikeExpression(e.text) {
		return nil
	}
	if e.texts > 1 {
		return refuse(e.from, "an expression must be the whole value of its element")
	}
	return x.value(e.from, e.to, e.text)
}

// putXML writes a value so that it means itself in attributes and in elements alike. It stands in for a whole CDATA section
// too.
func putXML(out *strings.Builder, _ *Expression, value string) {
	_ = xml.EscapeText(out, []byte(strings.ToValidUTF8(value, string(unicode.ReplacementChar)))) // a builder takes everything
}
