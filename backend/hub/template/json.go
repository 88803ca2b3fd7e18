package template

import (
	"encoding/json"
	"errors"
	"strings"
)

const jsonSpace = " \t\r\n"

// json finds the strings that are values, in objects and arrays at any depth. Keys are never expressions.
func (b *builder) json() error {
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(b.body), &whole); err != nil {
		var at int64
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = syntax.Offset
		}
		return refuse(int(at), "the template is not JSON")
	}
	if !strings.HasPrefix(strings.TrimLeft(b.body, jsonSpace), "{") {
		return refuse(0, "the template is not a JSON object")
	}
	depth := 0
	for i := 0; i < len(b.body); i++ {
		switch b.body[i] {
		case '{', '[':
			if depth++; depth > maxDepth {
				return refuse(i, "the template is nested too deeply")
			}
		case '}', ']':
			depth--
		case '"':
			end := endOfString(b.body, i)
			if err := b.jsonString(i, end); err != nil {
				return err
			}
			i = end - 1
		}
	}
	return nil
}

// endOfString returns where a JSON string that begins at i ends. The JSON has been checked.
func endOfString(body string, i int) int {
	for i++; body[i] != '"'; i++ {
		if body[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// jsonString takes the string at body[start:end], with its quotes.
func (b *builder) jsonString(start, end int) error {
	if c := b.body[start+1]; c != '\\' && !looksLikeExpression(b.body[start+1:end]) {
		return nil // as most: nothing to decode
	}
	if strings.HasPrefix(strings.TrimLeft(b.body[end:], jsonSpace), ":") {
		return nil // a key
	}
	var text string
	if err := json.Unmarshal([]byte(b.body[start:end]), &text); err != nil {
		return refuse(start, "the template is not JSON")
	}
	return b.value(start, end, text)
}

// putJSON writes a value, as a number if the template asks for one and it is one.
func putJSON(out *strings.Builder, e *Expression, value string) {
	if e.numeric && isNumber(value) {
		out.WriteString(value)
		return
	}
	out.WriteString(quote(value))
}

// isNumber says whether a text is a JSON number, and nothing beside it.
func isNumber(s string) bool {
	return s != "" && (s[0] == '-' || isDigit(s[0])) && isDigit(s[len(s)-1]) && json.Valid([]byte(s))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// quote writes a JSON string, without the escapes that only HTML needs.
func quote(s string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be encoded, and a builder written to
	return strings.TrimSuffix(out.String(), "\n")
}
