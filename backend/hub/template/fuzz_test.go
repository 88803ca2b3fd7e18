package template

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzJSON shows that what is made of a JSON template is JSON, and that values change strings and numbers at most.
func FuzzJSON(f *testing.F) {
	f.Add(`{"aps":{"alert":"$(a)","badge":"#(b)"},"x":["{'Hi ' + $(c)}",1.50,null,true]}`, `","x":"`, "40", "\u2028\xff")
	f.Add(`{"a":"\u0024(a, 3)","b":".(b:{no \}, x}, 5)","c":"%(c)"}`, "\x00", "1e5", `\`)
	f.Add(`{"$(a)":"$(a)" , "{":"}"}`, "}", "-1", "{")
	f.Add(`{"a":"{\"x\"\"\" + $(a)+%(b) }"}`, `"`, "0", "")
	f.Fuzz(func(t *testing.T, body, a, b, c string) {
		out, ok := fuzzRender(t, body, JSON, a, b, c)
		if !ok {
			return
		}
		if !json.Valid([]byte(out)) {
			t.Fatalf("%q becomes %q", body, out)
		}
		before, after := jsonTokens(t, body), jsonTokens(t, out)
		if len(before) != len(after) {
			t.Fatalf("%q becomes %q", body, out)
		}
		for i, was := range before {
			if s, text := was.(string); text && looksLikeExpression(s) {
				continue // a value; keys are compared, as they are never put in: see below
			}
			if was != after[i] {
				t.Fatalf("%q becomes %q: %v, was %v", body, out, after[i], was)
			}
		}
		if !equalKeys(t, body, out) {
			t.Fatalf("%q becomes %q: another key", body, out)
		}
	})
}

func fuzzRender(t *testing.T, body string, f Format, a, b, c string) (string, bool) {
	parsed, err := Parse(body, f)
	if e := (*Error)(nil); err != nil && (!errors.As(err, &e) || e.Offset < 0 || e.Offset > len(body)) {
		t.Fatalf("%q: %v", body, err)
	}
	if err != nil {
		return "", false
	}
	out, err := parsed.Render(from(map[string]string{"a": a, "b": b, "c": c}))
	if err != nil {
		return "", false
	}
	if len(out) > MaxBody || !utf8.ValidString(out) {
		t.Fatalf("%q becomes %d bytes", body, len(out))
	}
	if len(parsed.slots) == 0 && out != body {
		t.Fatalf("%q becomes %q", body, out)
	}
	return out, true
}

func jsonTokens(t *testing.T, s string) (all []json.Token) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		all = append(all, token)
	}
}

// equalKeys compares the names in two documents, which the token streams alone do not tell from values.
func equalKeys(t *testing.T, a, b string) bool {
	decode := func(s string) (v any) {
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		return v
	}
	return sameShape(decode(a), decode(b))
}

func sameShape(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(other) != len(a) {
			return false
		}
		for name, value := range a {
			if theirs, ok := other[name]; !ok || !sameShape(value, theirs) {
				return false
			}
		}
	case []any:
		other, ok := b.([]any)
		if !ok || len(other) != len(a) {
			return false
		}
		for i := range a {
			if !sameShape(a[i], other[i]) {
				return false
			}
		}
	case string:
		switch b.(type) {
		case string:
		case json.Number:
			return strings.HasPrefix(a, "#")
		default:
			return false
		}
	}
	return true
}

// FuzzXML shows that what is made of an XML template is XML with the same elements and attributes.
func FuzzXML(f *testing.F) {
	f.Add(`<toast launch="$(a)"><visual><text id='1'>{'Hi, ' + $(b)}</text><text><![CDATA[%(c)]]></text></visual></toast>`, `"><x/>`, "]]>", "'")
	f.Add(`<?xml version="1.0" encoding="utf-8"?><!-- $(a) --><a:b xmlns:a="urn:x" c = "&#36;(a)" >$(b)<!-- x --></a:b >`, "&x;", "<!--", "\x00\xff")
	f.Add(`<a><![CDATA[]]>$(a)</a>`, "\r\n", "\ufffe", "")
	f.Add(`<a>$(a)<b/>$(a)</a>`, "x", "y", "z")
	f.Fuzz(func(t *testing.T, body, a, b, c string) {
		out, ok := fuzzRender(t, body, XML, a, b, c)
		if !ok {
			return
		}
		if before, after := xmlShape(t, body), xmlShape(t, out); before != after {
			t.Fatalf("%q becomes %q: %s, was %s", body, out, after, before)
		}
	})
}

// xmlShape writes down a document without its texts and its attributes' values.
func xmlShape(t *testing.T, s string) string {
	var out bytes.Buffer
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			out.WriteString("<" + token.Name.Space + " " + token.Name.Local)
			for _, a := range token.Attr {
				out.WriteString(" " + a.Name.Space + ":" + a.Name.Local)
			}
			out.WriteString(">")
		case xml.EndElement:
			out.WriteString("</>")
		case xml.Comment:
			out.WriteString("<!--" + string(token) + "-->")
		case xml.ProcInst:
			out.WriteString("<?" + token.Target + " " + string(token.Inst) + "?>")
		case xml.Directive:
			t.Fatalf("%q has a directive", s)
		}
	}
}

// FuzzExpression shows that whatever is read can be computed, within bounds.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{"$(a)", "{$(a, 1) + .(b, 5)+%(c)}", `$(a:{x\}y}, 3)`, "#(a:{1})", "{'it''s' + \"\"}", "$body", ".5", "{"} {
		f.Add(s, "value")
	}
	f.Fuzz(func(t *testing.T, s, value string) {
		e, err := ParseExpression(s)
		if err != nil {
			return
		}
		got := e.Eval(func(name string) (string, bool) {
			if name == "" || len(name) > maxNameSize || name != strings.ToLower(name) {
				t.Fatalf("%q asks for %q", s, name)
			}
			return value, true
		})
		if !looksLikeExpression(s) && got != s {
			t.Fatalf("%q becomes %q", s, got)
		}
		if len(got) > MaxBody+max(len(s), 3*len(value)) {
			t.Fatalf("%q becomes %d bytes", s, len(got))
		}
	})
}

// FuzzProperties shows that a notification's properties are texts by names in lower case, as the standard library reads them.
func FuzzProperties(f *testing.F) {
	for _, s := range []string{`{"Title":"hi","n":40,"y":true,"x":null}`, `{"a":{}}`, `{} {}`, `[]`, `{"a":1e999,"A":"\ud800"}`, `{"a":"b",}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := Properties(body)
		var want map[string]any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if bad := d.Decode(&want); (bad != nil || want == nil) && err == nil {
			t.Fatalf("%q is accepted: %v", body, bad)
		}
		if err != nil {
			return
		}
		for name, value := range got {
			if name != strings.ToLower(name) || !utf8.ValidString(name) || !utf8.ValidString(value) {
				t.Fatalf("%q: %q %q", body, name, value)
			}
		}
	})
}
