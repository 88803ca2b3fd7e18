package template

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of a template. The service does not state the size of a body; a rendered one is a notification, whose limit is known.
const (
	MaxBody     = 64 << 10 // bytes, before and after rendering, and of a notification's properties
	maxDepth    = 64       // objects, arrays or elements within each other
	maxNameSize = 120      // characters of a property's name
)

// Format is the notation of a body.
type Format int

// The two notations.
const (
	JSON Format = iota
	XML
)

// FormatOf tells by its first character which notation a body is in: XML begins with "<". It matters for platforms that take
// both.
func FormatOf(body string) Format {
	if strings.HasPrefix(strings.TrimSpace(body), "<") {
		return XML
	}
	return JSON
}

// Error says why a body, an expression or a notification's properties are refused.
type Error struct {
	Words  string // for the client
	Offset int    // in bytes, in what was read
}

// Error gives the words and the place.
func (e *Error) Error() string { return fmt.Sprintf("template: %s (at offset %d)", e.Words, e.Offset) }

func refuse(offset int, words string) error { return &Error{Words: words, Offset: offset} }

// Template is a body whose expressions are read. It never changes; any number of goroutines may use it.
type Template struct {
	format Format
	slots  []slot
	rest   string // behind the last slot
}

// slot is a place in the body that takes a value.
type slot struct {
	before     string // of the body, since the last slot
	expression *Expression
}

// Parse reads a body of at most MaxBody bytes. Expressions stand only as whole values: of strings in JSON, which must be an
// object, and of attributes and of elements without children in XML. Everything else is kept byte for byte. All errors are
// of type *Error.
func Parse(body string, f Format) (*Template, error) {
	if len(body) > MaxBody {
		return nil, refuse(MaxBody, "the template is larger than 64 KB")
	}
	if !utf8.ValidString(body) {
		return nil, refuse(0, "the template is not UTF-8")
	}
	b := &builder{body: body}
	read := b.json
	if f == XML {
		read = b.xml
	}
	if err := read(); err != nil {
		return nil, err
	}
	return &Template{format: f, slots: b.slots, rest: body[b.done:]}, nil
}

// builder collects the slots of a body from front to back.
type builder struct {
	body  string
	done  int // how much of the body is before the next slot's text
	slots []slot
}

// value takes a whole value of the body, which stands at body[start:end] and means text; it becomes a slot if it is an
// expression.
func (b *builder) value(start, end int, text string) error {
	if !looksLikeExpression(text) {
		return nil
	}
	e, err := ParseExpression(text)
	if inner := (*Error)(nil); errors.As(err, &inner) {
		return refuse(start, inner.Words) // its own offset is in the decoded text
	}
	b.slots = append(b.slots, slot{before: b.body[b.done:start], expression: e})
	b.done = end
	return nil
}

// Render puts values in for the expressions: properties gives a property's value by its name in lower case, and says whether
// there is such a property. Values are escaped, so that none changes the structure of the body. The error is of type *Error:
// the result would exceed MaxBody bytes.
func (t *Template) Render(properties func(name string) (string, bool)) (string, error) {
	put := putJSON
	if t.format == XML {
		put = putXML
	}
	var out strings.Builder
	for _, s := range t.slots {
		out.WriteString(s.before)
		put(&out, s.expression, s.expression.Eval(properties))
		if out.Len() > MaxBody {
			break
		}
	}
	out.WriteString(t.rest)
	if out.Len() > MaxBody {
		return "", refuse(MaxBody, "the notification made of the template is larger than 64 KB")
	}
	return out.String(), nil
}
