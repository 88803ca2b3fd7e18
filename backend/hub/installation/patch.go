package installation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"securepush/backend/hub/record"
)

// maxOperations bounds the work of a PATCH.
const maxOperations = 1000

// Patch applies the body of a PATCH: all of it, or nothing if anything in it is wrong. The result is a new document, checked
// as that of a PUT is. The error is of type *Error.
//
// The operations look like those of JSON Patch (RFC 6902), but tags are addressed by what they are, adding to tags appends
// without making any double, and values with structure may come as text that holds JSON, since the SDKs know no others.
// Removing what is not there is no error.
func (d *Document) Patch(body []byte) (*Document, error) {
	operations, err := readOperations(body)
	if err != nil {
		return nil, err
	}
	changed := d.clone()
	for i, o := range operations {
		if err := changed.apply(o); err != nil {
			return nil, inOperation(i, err)
		}
	}
	if err := changed.check(); err != nil {
		return nil, err
	}
	if len(changed.Encode(false)) > MaxBytes {
		return nil, refuse("The installation may have %d bytes at the most", MaxBytes)
	}
	return changed, nil
}

// inOperation tells which operation is wrong.
func inOperation(i int, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return refuse("Operation %d: %s", i+1, e.Words)
	}
	return err
}

// operation is one of a PATCH. A replace is a remove and an add.
type operation struct {
	remove, add bool
	path        []string
	value       json.RawMessage // nil: none, or null
}

func readOperations(body []byte) ([]operation, error) {
	if !utf8.Valid(body) {
		return nil, refuse("The PATCH is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return nil, refuse("The PATCH must be a JSON array of operations")
	}
	var all []operation
	for d.More() {
		if len(all) == maxOperations {
			return nil, refuse("The PATCH may have %d operations at the most", maxOperations)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, refuse("The PATCH is not valid JSON")
		}
		o, err := readOperation(raw)
		if err != nil {
			return nil, inOperation(len(all), err)
		}
		all = append(all, o)
	}
	if _, err := d.Token(); err != nil {
		return nil, refuse("The PATCH is not valid JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, refuse("The PATCH has something behind its end")
	}
	return all, nil
}

func readOperation(raw json.RawMessage) (o operation, err error) {
	var op, path string
	err = fields{
		"op": into(&op, "op"), "path": into(&path, "path"),
		"value": func(raw json.RawMessage) error { o.value = raw; return nil },
	}.read(raw, "it")
	if err != nil {
		return o, err
	}
	switch strings.ToLower(op) {
	case "add":
		o.add = true
	case "remove":
		o.remove = true
	case "replace":
		o.add, o.remove = true, true
	default:
		return o, refuse("op must be add, remove or replace")
	}
	o.path, err = parsePointer(path)
	return o, err
}

// parsePointer takes a path apart (RFC 6901, section 3).
func parsePointer(path string) ([]string, error) {
	rest, found := strings.CutPrefix(path, "/")
	if !found {
		return nil, refuse("path must begin with /")
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(part), "~") {
			return nil, refuse("path has a ~ that is not ~0 or ~1")
		}
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
	}
	return parts, nil
}

func (d *Document) apply(o operation) error {
	p := d.at(o.path)
	switch {
	case p == nil:
		return refuse("path does not lead to anything that can be changed")
	case o.add && p.set == nil:
		return refuse("what is at path can only be removed")
	case o.add && o.value == nil:
		return refuse("the value is missing")
	case o.remove && !o.add && p.unset == nil:
		return refuse("what is at path cannot be removed")
	}
	if o.remove && p.unset != nil {
		p.unset()
	}
	if o.add {
		return p.set(o.value)
	}
	return nil
}

// property is what a path leads to. Where one of the two is nil, there is no such operation.
type property struct {
	set   func(value json.RawMessage) error
	unset func()
}

// at follows a path; it returns nil where there is no such property.
func (d *Document) at(path []string) *property {
	switch {
	case is(path, "userId"):
		return &property{into(&d.userID, "userId"), func() { d.userID = "" }}
	case len(path) >= 2 && is(path[:1], "secondaryTiles"):
		return d.tileAt(path[1], path[2:])
	}
	return d.app.at(d.platform, path)
}

// is says whether a path is a property's name, whatever its case.
func is(path []string, name string) bool { return len(path) == 1 && strings.EqualFold(path[0], name) }

func (d *Document) tileAt(name string, rest []string) *property {
	if len(rest) == 0 {
		return &property{func(value json.RawMessage) (err error) {
			value, _ = embedded(value)
			d.tiles[name], err = readTile(value, "value")
			return err
		}, func() { delete(d.tiles, name) }}
	}
	t := d.tiles[name]
	if t == nil {
		t = &target{templates: map[string]*form{}}
	}
	p := t.at(record.Windows, rest)
	if p != nil && p.set != nil {
		set := p.set
		p.set = func(value json.RawMessage) error { d.tiles[name] = t; return set(value) }
	}
	return p
}

func (t *target) at(p record.Platform, path []string) *property {
	switch {
	case is(path, "pushChannel"):
		return &property{set: func(value json.RawMessage) error { return t.channel.read(p, value, "value") }}
	case is(path[:1], "tags"):
		return tagsAt(&t.tags, path[1:])
	case len(path) >= 2 && is(path[:1], "templates"):
		return t.templateAt(path[1], path[2:])
	}
	return nil
}

func (t *target) templateAt(name string, rest []string) *property {
	if len(rest) == 0 {
		return &property{func(value json.RawMessage) (err error) {
			value, _ = embedded(value)
			t.templates[name], err = readTemplate(value, "value")
			return err
		}, func() { delete(t.templates, name) }}
	}
	f := t.templates[name]
	if f == nil {
		f = &form{}
	}
	p := f.at(rest)
	if p != nil && p.set != nil {
		set := p.set
		p.set = func(value json.RawMessage) error { t.templates[name] = f; return set(value) }
	}
	return p
}

func (f *form) at(path []string) *property {
	switch {
	case is(path, "body"):
		return &property{into(&f.body, "value"), func() { f.body = "" }}
	case is(path, "expiry"):
		return &property{into(&f.expiry, "value"), func() { f.expiry = "" }}
	case is(path, "headers"):
		return &property{func(value json.RawMessage) (err error) {
			value, _ = embedded(value)
			f.headers, err = textMap(value, "value")
			return err
		}, func() { f.headers = nil }}
	case is(path[:1], "tags"):
		return tagsAt(&f.tags, path[1:])
	}
	return nil
}

// tagsAt leads to all tags of a list, or to the one that has the name.
func tagsAt(list *[]string, rest []string) *property {
	switch len(rest) {
	case 0:
		return &property{func(value json.RawMessage) error { return patchTags(list, value) }, func() { *list = nil }}
	case 1:
		return &property{unset: func() { *list = without(*list, rest[0]) }}
	}
	return nil
}

// patchTags adds one tag, or all of an array; the array may be text that holds JSON, as no tag begins like that.
func patchTags(list *[]string, value json.RawMessage) error {
	if inner, isText := embedded(value); isText && strings.HasPrefix(string(inner), "[") {
		value = inner
	}
	if value[0] == '[' {
		tags, err := texts(value, "value")
		if err != nil {
			return err
		}
		return addTags(list, "tags", tags)
	}
	tag, err := text(value, "value")
	if err != nil {
		return err
	}
	return addTags(list, "tags", []string{tag})
}
