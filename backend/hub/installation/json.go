package installation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

func refuse(format string, a ...any) error { return &Error{Words: fmt.Sprintf(format, a...)} }

// within names a member of a map in words to the client. Whatever the client has sent, it stays short.
func within(place, name string) string { return fmt.Sprintf("%s[%.60q]", place, name) }

// members calls each for the members of a JSON object, in their order. A null counts as absent. No name may come twice, as
// readers differ in which of the two they believe. place says what the object is, for the error, which is of type *Error.
// The standard library bounds how deep the JSON may go.
func members(raw []byte, place string, each func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return refuse("%s must be a JSON object", place)
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return refuse("%s is not valid JSON", place)
		}
		name, _ := t.(string) // the decoder lets nothing else be a name
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return refuse("%s is not valid JSON", place)
		}
		switch {
		case seen[name]:
			return refuse("%s has the property %.60q twice", place, name)
		case !clean(name):
			return refuse("%s has a name with a character that is not allowed", place)
		}
		seen[name] = true
		if string(value) == "null" {
			continue
		}
		if err := each(name, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return refuse("%s is not valid JSON", place)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse("%s has something behind its end", place)
	}
	return nil
}

// fields says where the properties of a JSON object go. The names are in lower case, as the case does not matter: the
// documentation itself writes both userID and userId.
type fields map[string]func(value json.RawMessage) error

// read reads an object with these properties and ignores others.
func (f fields) read(raw []byte, place string) error {
	seen := map[string]bool{}
	return members(raw, place, func(name string, value json.RawMessage) error {
		name = strings.ToLower(name)
		set, known := f[name]
		if !known {
			return nil
		}
		if seen[name] {
			return refuse("%s has the property %s twice", place, name)
		}
		seen[name] = true
		return set(value)
	})
}

// into returns what reads a text.
func into(target *string, place string) func(json.RawMessage) error {
	return func(raw json.RawMessage) (err error) {
		*target, err = text(raw, place)
		return err
	}
}

// text reads a JSON string.
func text(raw json.RawMessage, place string) (string, error) {
	var s string
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", refuse("%s must be a string", place)
	}
	if !clean(s) {
		return "", refuse("%s has a character that is not allowed", place)
	}
	return s, nil
}

// clean says whether XML can hold a text, as registrations are read in XML. U+FFFD stands where a text was damaged, be it by
// invalid UTF-8 or by half a surrogate pair: that is not what the client meant.
func clean(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF
	})
}

// texts reads a JSON array of strings. A null in it counts as absent: Java makes them.
func texts(raw json.RawMessage, place string) ([]string, error) {
	var elements []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &elements) != nil {
		return nil, refuse("%s must be an array of strings", place)
	}
	out := make([]string, 0, len(elements))
	for _, element := range elements {
		if string(element) == "null" {
			continue
		}
		s, err := text(element, place)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// textMap reads a JSON object of strings.
func textMap(raw json.RawMessage, place string) (map[string]string, error) {
	out := map[string]string{}
	err := members(raw, place, func(name string, value json.RawMessage) (err error) {
		out[name], err = text(value, within(place, name))
		return err
	})
	return out, err
}

// embedded returns the JSON that a JSON string holds, and other JSON as it is. All SDKs take nothing but strings in a PATCH.
func embedded(raw json.RawMessage) (json.RawMessage, bool) {
	var s string
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return raw, false
	}
	return json.RawMessage(s), true
}
