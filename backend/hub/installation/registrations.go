package installation

import (
	"maps"
	"slices"
	"strings"

	"securepush/backend/hub/record"
	"securepush/backend/hub/tagexpr"
)

// Registrations returns what follows from the installation: one native registration and one for each template, for the
// application and then for each tile. Slot tells them apart, as a path of a PATCH does; it is empty for the application's
// native one. The IDs are new: the database keeps those of slots that it knows, and counts the ETags.
//
// The error is always nil, as a document with a bad template cannot exist.
func (d *Document) Registrations() ([]record.Registration, error) {
	automatic := []string{tagexpr.InstallationTag(d.id)}
	if d.userID != "" {
		automatic = append(automatic, tagexpr.UserTag(d.userID))
	}
	all := d.follow(&d.app, automatic, record.Registration{})
	for _, name := range slices.Sorted(maps.Keys(d.tiles)) {
		all = append(all, d.follow(d.tiles[name], automatic, record.Registration{SecondaryTileName: name, Slot: pointer("secondaryTiles", name)})...)
	}
	return all, nil
}

// follow returns the registrations of a target. base has what tells them from another target's.
func (d *Document) follow(t *target, automatic []string, base record.Registration) []record.Registration {
	base.Platform, base.Installation, base.Expires = d.platform, d.id, d.expires
	base.Handle, base.P256DH, base.Auth, base.BaiduUserID = t.channel.Handle.Handle, t.channel.P256DH, t.channel.Auth, t.channel.baiduUser
	all := make([]record.Registration, 0, 1+len(t.templates))
	add := func(r record.Registration, tags ...[]string) {
		r.ID, r.Tags, r.PushVariables = record.NewRegistrationID(), union(append([][]string{automatic, t.tags}, tags...)...), maps.Clone(d.variables)
		all = append(all, r)
	}
	add(base)
	for _, name := range slices.Sorted(maps.Keys(t.templates)) {
		f, r := t.templates[name], base
		r.Slot += pointer("templates", name)
		r.Template = &record.Template{Name: name, Body: f.body, Expiry: f.expiry, Headers: f.sortedHeaders()}
		add(r, f.tags, []string{name})
	}
	return all
}

func (f *form) sortedHeaders() []record.Header {
	var headers []record.Header
	for _, name := range slices.Sorted(maps.Keys(f.headers)) {
		headers = append(headers, record.Header{Name: name, Value: f.headers[name]})
	}
	return headers
}

// pointer is the path of a member (RFC 6901).
func pointer(property, name string) string {
	return "/" + property + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
