package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Properties reads the body of a template notification: a flat JSON object of strings, numbers and booleans. A null counts
// as absent. Names come in lower case; of several that differ in case only, the last one counts. The error is of type
// *Error.
func Properties(body []byte) (map[string]string, error) {
	if len(body) > MaxBody {
		return nil, refuse(MaxBody, "the notification is larger than 64 KB")
	}
	if !utf8.Valid(body) {
		return nil, refuse(0, "the notification is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	bad := func(words string) error { return refuse(int(d.InputOffset()), words) }
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad("the properties of a template notification are a JSON object")
	}
	out := make(map[string]string)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, bad("the notification is not JSON")
		}
		name, _ := key.(string) // the decoder lets nothing else be a key
		value, err := d.Token()
		if err != nil {
			return nil, bad("the notification is not JSON")
		}
		name = strings.ToLower(name)
		switch v := value.(type) {
		case string:
			out[name] = v
		case json.Number:
			out[name] = v.String()
		case bool:
			out[name] = map[bool]string{false: "false", true: "true"}[v]
		case nil:
			delete(out, name)
		default:
			return nil, bad("a property of a template notification is a string, a number or a boolean")
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, bad("the notification is not JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, bad("there is something behind the notification's JSON object")
	}
	return out, nil
}
