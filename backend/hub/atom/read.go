package atom

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is read. The longest known document, a template with many headers, is far below them; the caller bounds
// its bytes.
const (
	maxDepth    = 32
	maxElements = 4096
	maxValue    = 4096 // bytes of a value that is one line: the longest known handles are of 4 KB
)

const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

const xmlSpace = " \t\r\n"

// element is an element as it was read. Namespaces do not tell elements apart: no two share a name.
type element struct {
	name     string
	variant  string // its i:type, without a prefix
	absent   bool   // i:nil: as good as not there
	text     string // all of its own text
	children []element
}

// parser makes elements of a document.
type parser struct {
	decoder  *xml.Decoder
	elements int
}

// parse reads a document in UTF-8: one root element, no document type and therefore no entities but XML's own.
func parse(body []byte) (element, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return element{}, refuse("The body is not a text in UTF-8")
	}
	p := parser{decoder: xml.NewDecoder(bytes.NewReader(body))}
	var root *element
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) && root != nil {
			return *root, nil
		}
		if errors.Is(err, io.EOF) {
			return element{}, refuse("The body holds no element")
		}
		if err != nil {
			return element{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root != nil {
				return element{}, refuse("The body has more than one root element")
			}
			e, err := p.element(t, 1)
			if err != nil {
				return element{}, err
			}
			root = &e
		case xml.CharData:
			if len(bytes.Trim(t, xmlSpace)) > 0 {
				return element{}, refuse("The body has text outside its root element")
			}
		}
	}
}

// next returns the next token that is of interest, or io.EOF.
func (p *parser) next() (xml.Token, error) {
	for {
		from := p.decoder.InputOffset()
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil { // its words may quote any amount of the body
			line, _ := p.decoder.InputPos()
			return nil, refuse(fmt.Sprintf("The body is not well-formed XML 1.0 in UTF-8: line %d", line))
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, refuse("The body has a document type declaration")
		case xml.ProcInst:
			if t.Target != "xml" || from != 0 {
				return nil, refuse("The body has a processing instruction")
			}
		case xml.Comment:
		default:
			return token, nil
		}
	}
}

// element reads the rest of an element that has begun.
func (p *parser) element(start xml.StartElement, depth int) (element, error) {
	if p.elements++; depth > maxDepth || p.elements > maxElements {
		return element{}, refuse("The body has too many elements, or too many within each other")
	}
	e := element{name: start.Name.Local}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space != schemaInstance:
		case a.Name.Local == "nil":
			e.absent = a.Value == "true" || a.Value == "1"
		case a.Name.Local == "type":
			e.variant = a.Value[strings.LastIndexByte(a.Value, ':')+1:]
		}
	}
	var text []byte
	for {
		token, err := p.next()
		if err != nil {
			return element{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := p.element(t, depth+1)
			if err != nil {
				return element{}, err
			}
			e.children = append(e.children, child)
		case xml.CharData:
			text = append(text, t...)
		case xml.EndElement:
			e.text = string(text)
			return e, nil
		}
	}
}

// content returns the one element that an Atom entry holds.
func content(root element) (element, error) {
	if root.name != "entry" {
		return element{}, refuse("The body is not an Atom entry")
	}
	f := fields{of: root}
	c := f.child("content")
	if f.err != nil {
		return element{}, f.err
	}
	if c == nil || len(c.children) != 1 {
		return element{}, refuse("The Atom entry has no content with one description")
	}
	return c.children[0], nil
}

// fields takes values out of an element. The first error stays; what is returned after it is of no use.
type fields struct {
	of  element
	err error
}

func (f *fields) fail(words string) {
	if f.err == nil {
		f.err = refuse(words)
	}
}

// child returns the child of a name; nil if there is none.
func (f *fields) child(name string) *element {
	var found *element
	for i := range f.of.children {
		if c := &f.of.children[i]; c.name == name && !c.absent {
			if found != nil {
				f.fail("The element " + name + " is there twice")
			}
			found = c
		}
	}
	return found
}

// text returns the text of a child without the white space around it; empty if there is none. Ends of lines become line feeds
// even if they are written as references, so that the text survives being written and read again.
func (f *fields) text(name string) string {
	c := f.child(name)
	if c == nil {
		return ""
	}
	if len(c.children) > 0 {
		f.fail("The element " + name + " holds elements instead of text")
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(c.text, "\r\n", "\n"), "\r", "\n"))
}

// line returns a text that is one line of bounded length.
func (f *fields) line(name string) string {
	s := f.text(name)
	if len(s) > maxValue || strings.ContainsFunc(s, unicode.IsControl) {
		f.fail("The element " + name + " is too long or has control characters")
	}
	return s
}

// required returns a line that must be there.
func (f *fields) required(name string) string {
	s := f.line(name)
	if s == "" {
		f.fail("The element " + name + " is missing or blank")
	}
	return s
}
