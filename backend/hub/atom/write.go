package atom

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Formats of times, in UTC. Fractions have at most the seven digits of .NET.
const (
	seconds = "2006-01-02T15:04:05Z"
	precise = "2006-01-02T15:04:05.9999999Z"
)

const (
	xmlnsAtom        = ` xmlns="http://www.w3.org/2005/Atom"`
	xmlnsMetadata    = ` xmlns:a="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"`
	xmlnsDescription = ` xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
	xmlnsArrays      = ` xmlns:d3p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays"`
)

// notXML says whether XML 1.0 cannot hold a character (section 2.2).
func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0xD800 && r < 0xE000 || r == 0xFFFE || r == 0xFFFF || r > utf8.MaxRune
}

// escaping says what to write instead of the character r, which stands at s[i]; empty: itself.
type escaping func(s string, i int, r rune) string

// appendText adds character data. Quotes stay as they are, as the service has them; so do ends of lines, of which readers make
// line feeds, since js does not understand references by number.
func appendText(b []byte, s string) []byte { return appendEscaped(b, s, escapeText) }

// appendAttribute adds what stands between double quotes.
func appendAttribute(b []byte, s string) []byte { return appendEscaped(b, s, escapeAttribute) }

func escapeText(_ string, _ int, r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	}
	return ""
}

func escapeAttribute(s string, i int, r rune) string {
	switch r {
	case '"':
		return "&quot;"
	case '\t':
		return "&#x9;"
	case '\n':
		return "&#xA;"
	case '\r':
		return "&#xD;"
	}
	return escapeText(s, i, r)
}

// appendCDATA adds a text as character data that needs no escapes. With oneLine, ends of lines are written as references.
func appendCDATA(b []byte, s string, oneLine bool) []byte {
	escape := escapeCDATA
	if oneLine {
		escape = escapeLine
	}
	return append(appendEscaped(append(b, "<![CDATA["...), s, escape), "]]>"...)
}

func escapeCDATA(s string, i int, r rune) string {
	if r == '>' && strings.HasSuffix(s[:i], "]]") {
		return "]]><![CDATA[>"
	}
	return ""
}

func escapeLine(s string, i int, r rune) string {
	switch r {
	case '\n':
		return "]]>&#xA;<![CDATA["
	case '\r':
		return "]]>&#xD;<![CDATA["
	}
	return escapeCDATA(s, i, r)
}

// appendEscaped adds a text with the escapes that are due; what XML cannot hold becomes U+FFFD.
func appendEscaped(b []byte, s string, escape escaping) []byte {
	done := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r > '>' && r < utf8.RuneSelf { // most characters
			i++
			continue
		}
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		escaped := escape(s, i, r)
		if notXML(r) || r == utf8.RuneError && size == 1 {
			escaped = string(utf8.RuneError)
		}
		if escaped != "" {
			b = append(append(b, s[done:i]...), escaped...)
			done = i + size
		}
		i += size
	}
	return append(b, s[done:]...)
}

// flatten makes one line of XML whose texts have no ends of lines that matter.
func flatten(b []byte) {
	for i, c := range b {
		if c == '\n' || c == '\r' {
			b[i] = ' '
		}
	}
}

func appendElement(b []byte, name, text string) []byte {
	b = appendText(appendStart(b, name), text)
	return appendEnd(b, name)
}

// appendFilled adds an element unless it would be empty.
func appendFilled(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	return appendElement(b, name, text)
}

func appendStart(b []byte, name string) []byte {
	return append(append(append(b, '<'), name...), '>')
}

func appendEnd(b []byte, name string) []byte {
	return append(append(append(b, "</"...), name...), '>')
}

func appendTime(b []byte, name string, at time.Time, format string) []byte {
	b = at.UTC().AppendFormat(appendStart(b, name), format)
	return appendEnd(b, name)
}
