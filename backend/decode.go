package backend

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"securepush/api"
)

// fields says where the value of each field of a JSON object goes: a pointer, or a func(json.RawMessage) error.
type fields map[string]any

// readJSON reads the one JSON object of a request's body. encoding/json alone is too kind for what strangers send: it
// mends invalid UTF-8, takes field names in any case, the last of two equal ones, and ignores those that it does not know.
func readJSON(r *http.Request, into fields) error {
	if t, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" || !isUTF8(params["charset"]) {
		return api.NewProblem(api.CodeUnsupportedMedia, "Send JSON, with the header Content-Type: application/json.").Because(err)
	}
	b, err := readBody(r)
	if err != nil {
		return err
	}
	return decodeObject(b, "", into)
}

func isUTF8(charset string) bool {
	return charset == "" || charset == "utf-8" || charset == "UTF-8"
}

// readBody reads the body up to the limit that the router has put around it.
func readBody(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	if err == nil {
		return b, nil
	}
	if limit, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, api.NewProblem(api.CodeTooLarge, "The body may have "+strconv.FormatInt(limit.Limit, 10)+" bytes at the most.")
	}
	return nil, api.NewProblem(api.CodeBadRequest, "The body could not be read to its end.").Because(err)
}

// decodeObject reads a JSON object of known fields. A null counts as absent. prefix goes before the names in problems.
func decodeObject(b []byte, prefix string, into fields) error {
	if !utf8.Valid(b) || loneSurrogate(b) {
		return api.NewProblem(api.CodeBadRequest, "The body is not valid UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return notAnObject(err)
	}
	seen := make(map[string]bool, len(into))
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return notAnObject(err)
		}
		name, _ := t.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return notAnObject(err)
		}
		target, known := into[name]
		switch {
		case !known:
			return invalid(prefix+name, "There is no such field.")
		case seen[name]:
			return invalid(prefix+name, "This field stands twice.")
		}
		seen[name] = true
		if err := decodeField(value, prefix+name, target); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return notAnObject(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return notAnObject(err)
	}
	return nil
}

func notAnObject(err error) *api.Problem {
	return api.NewProblem(api.CodeBadRequest, "The body must be one JSON object.").Because(err)
}

func decodeField(value json.RawMessage, name string, target any) error {
	if bytes.Equal(value, []byte("null")) {
		return nil
	}
	if f, ok := target.(func(json.RawMessage) error); ok {
		return f(value)
	}
	if err := json.Unmarshal(value, target); err != nil {
		return invalid(name, "This field must be "+kindOf(target)+".").Because(err)
	}
	return nil
}

// kindOf is what a person is told about the type of a field.
func kindOf(target any) string {
	switch target.(type) {
	case *bool, **bool:
		return "true or false"
	case *[]string, *[]api.ID:
		return "a list of strings"
	case *api.Recipients:
		return "a string or a list of strings"
	case *time.Time, **time.Time:
		return "a time such as 2026-11-21T14:32:08Z"
	default:
		return "a string"
	}
}

// loneSurrogate finds an escape such as \ud800 without its other half, which encoding/json would turn into U+FFFD.
// b is not known to be JSON yet; outside of strings there is no backslash in JSON, so it need not be.
func loneSurrogate(b []byte) bool {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		u, ok := escape(b[i:])
		if !ok {
			i++ // another escape, such as \\ or \n
			continue
		}
		i += 5
		switch {
		case u >= 0xdc00 && u <= 0xdfff:
			return true
		case u >= 0xd800 && u <= 0xdbff:
			low, ok := escape(b[i+1:])
			if !ok || low < 0xdc00 || low > 0xdfff {
				return true
			}
			i += 6
		}
	}
	return false
}

// escape reads \uXXXX at the beginning of b.
func escape(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	u, err := strconv.ParseUint(string(b[2:6]), 16, 32)
	return u, err == nil
}
