package installation

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"securepush/backend/hub/record"
	"securepush/backend/hub/tagexpr"
	"securepush/backend/hub/template"
)

// Bounds of a document. The service documents those of tags and of templates' names. An ID may be as long as leaves its
// tag within the bounds of tags.
const (
	maxTags          = 60  // that the client has chosen, per registration that follows
	maxName          = 200 // characters of a template's or a tile's name
	maxVariableName  = 120 // characters
	maxVariables     = 100
	maxVariableBytes = 16 << 10 // of all names and values
	maxChannel       = 4096     // bytes of each part
	maxForms         = 100      // templates and tiles: from each follows a registration, which repeats tags and variables
)

// checked returns a document that is as it should be.
func checked(d *Document) (*Document, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

// check holds what is read against the rules. Whether by PUT or by PATCH, every document comes through here.
func (d *Document) check() error {
	switch {
	case !tagexpr.Valid(tagexpr.InstallationTag(d.id)):
		return refuse("installationId may have 102 letters, digits and - _ @ # . : = at the most")
	case d.userID != "" && !tagexpr.Valid(tagexpr.UserTag(d.userID)):
		return refuse("userId may have 110 letters, digits and - _ @ # . : = at the most")
	case len(d.tiles) > 0 && d.platform != record.Windows:
		return refuse("secondaryTiles are for the platform wns only")
	case d.forms() > maxForms:
		return refuse("An installation may have %d templates and tiles at the most", maxForms)
	}
	if err := checkVariables(d.variables); err != nil {
		return err
	}
	if err := d.app.check(d.platform, ""); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(d.tiles)) {
		if err := checkName(name, "tile"); err != nil {
			return err
		}
		if err := d.tiles[name].check(d.platform, within("secondaryTiles", name)+"."); err != nil {
			return err
		}
	}
	return nil
}

func checkVariables(variables map[string]string) error {
	size := 0
	for name, value := range variables {
		if n := utf8.RuneCountInString(name); n == 0 || n > maxVariableName {
			return refuse("The name of a push variable must have 1 to %d characters", maxVariableName)
		}
		size += len(name) + len(value)
	}
	if len(variables) > maxVariables || size > maxVariableBytes {
		return refuse("pushVariables may have %d variables of %d bytes together at the most", maxVariables, maxVariableBytes)
	}
	return nil
}

// forms counts the templates and tiles.
func (d *Document) forms() int {
	n := len(d.app.templates)
	for _, t := range d.tiles {
		n += 1 + len(t.templates)
	}
	return n
}

func (t *target) check(p record.Platform, place string) error {
	if err := t.channel.check(p, place+"pushChannel"); err != nil {
		return err
	}
	if err := checkTags(t.tags, place+"tags"); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(t.templates)) {
		if err := checkTemplateName(name); err != nil {
			return err
		}
		if err := t.checkTemplate(p, name, within(place+"templates", name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *channel) check(p record.Platform, place string) error {
	parts := []struct{ name, value string }{{"", c.Handle.Handle}}
	if p == record.Browser {
		parts = []struct{ name, value string }{{".endpoint", c.Handle.Handle}, {".p256dh", c.P256DH}, {".auth", c.Auth}}
	}
	for _, part := range parts {
		switch {
		case strings.TrimSpace(part.value) == "":
			return refuse("%s%s is missing", place, part.name)
		case len(part.value) > maxChannel:
			return refuse("%s%s may have %d bytes at the most", place, part.name, maxChannel)
		}
	}
	return nil
}

// checkName checks what the client calls a template or a tile.
func checkName(name, kind string) error {
	if name == "" || strings.TrimSpace(name) != name || utf8.RuneCountInString(name) > maxName {
		return refuse("The name of a %s must have 1 to %d characters, without space around", kind, maxName)
	}
	return nil
}

// checkTemplateName checks what becomes a tag, too: it must not look like a tag that only the hub gives, nor like several.
func checkTemplateName(name string) error {
	if strings.HasPrefix(name, "$") || strings.ContainsAny(name, ",\t\r\n") {
		return refuse("The name of a template must not begin with $ nor have a comma or a line break, as it becomes a tag")
	}
	return checkName(name, "template")
}

func (t *target) checkTemplate(p record.Platform, name, place string) error {
	f := t.templates[name]
	f.tags = without(f.tags, name) // it comes by itself
	if err := checkTags(f.tags, place+".tags"); err != nil {
		return err
	}
	if len(union(t.tags, f.tags)) > maxTags {
		return refuse("%s and its installation may have %d tags together at the most", place, maxTags)
	}
	if strings.TrimSpace(f.body) == "" {
		return refuse("%s.body is missing", place)
	}
	if format, parsed := f.format(p); parsed {
		if _, err := template.Parse(f.body, format); err != nil {
			return refuseTemplate(place+".body", err)
		}
	}
	if _, err := template.ParseExpression(f.expiry); err != nil {
		return refuseTemplate(place+".expiry", err)
	}
	seen := map[string]bool{}
	for name, value := range f.headers {
		lower := strings.ToLower(name)
		if seen[lower] {
			return refuse("%s.headers has %.60q twice", place, lower)
		}
		seen[lower] = true
		if !isHeader(name) || strings.ContainsAny(value, "\r\n") {
			return refuse("%s.headers has one that HTTP does not allow", place)
		}
		if _, err := template.ParseExpression(value); err != nil {
			return refuseTemplate(within(place+".headers", name), err)
		}
	}
	return nil
}

// format is the notation of the body; parsed is false where it is none but its own. The service takes JSON for Windows, too,
// whatever its documentation says.
func (f *form) format(p record.Platform) (format template.Format, parsed bool) {
	if p != record.Windows && p != record.Mpns {
		return template.JSON, true
	}
	for name, value := range f.headers {
		if strings.EqualFold(name, "X-WNS-Type") && strings.EqualFold(value, "wns/raw") {
			return template.XML, false
		}
	}
	return template.FormatOf(f.body), true
}

func refuseTemplate(place string, err error) error {
	words := err.Error()
	if e, ok := errors.AsType[*template.Error](err); ok {
		words = e.Words // without the offset, which is in the decoded text
	}
	return refuse("%s: %s", place, words)
}

// isHeader says whether a text is a field name (RFC 9110, section 5.1).
func isHeader(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}
