package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"securepush/backend/hub/record"
)

const (
	// registrationColumns are those of r, an alias of hub_registrations.
	registrationColumns = `r.id, r.platform, r.expires, r.handle, r.p256dh, r.auth, r.baidu_user, r.tile, r.tags, r.variables,
		r.form, COALESCE(r.installation, ''), r.slot, r.etag, r.created, r.updated`

	// hubLive holds of a row of the hub that has not expired; its parameter is the time now.
	hubLive = `(expires = 0 OR expires > ?)`

	// keepTombstones is how long a client is told that the hub itself has removed its registration.
	keepTombstones = 90 * 24 * time.Hour
)

// form is a template as the database keeps it.
type form struct {
	Name        string          `json:"name,omitempty"`
	Body        string          `json:"body"`
	Headers     []record.Header `json:"headers,omitempty"`
	Expiry      string          `json:"expiry,omitempty"`
	Priority    string          `json:"priority,omitempty"`
	MessageType string          `json:"messageType,omitempty"`
}

func scanRegistration(scan scan) (r record.Registration, err error) {
	var (
		expires, created, updated int64
		tags, variables, template string
	)
	err = scan(&r.ID, &r.Platform, &expires, &r.Handle, &r.P256DH, &r.Auth, &r.BaiduUserID, &r.SecondaryTileName, &tags,
		&variables, &template, &r.Installation, &r.Slot, &r.ETag, &created, &updated)
	if err != nil {
		return r, err
	}
	r.Expires, r.Created, r.Updated = orNever(expires), toTime(created), toTime(updated)
	return r, readLists(&r, tags, variables, template)
}

// readLists reads what is kept as JSON. Of a native registration the form is empty.
func readLists(r *record.Registration, tags, variables, template string) error {
	if err := json.Unmarshal([]byte(tags), &r.Tags); err != nil {
		return err
	}
	if variables != "" && variables != "null" {
		if err := json.Unmarshal([]byte(variables), &r.PushVariables); err != nil {
			return err
		}
	}
	if template == "" {
		return nil
	}
	var f form
	err := json.Unmarshal([]byte(template), &f)
	r.Template = (*record.Template)(&f)
	return err
}

// handleKey is what a handle is looked up by.
func handleKey(handle string) string { return base64.RawURLEncoding.EncodeToString(hash(handle)) }

// Registration returns one, also one that follows from an installation. [record.ErrNotFound]: unknown or expired.
func (s *Store) Registration(ctx context.Context, id string) (r record.Registration, err error) {
	err = s.queryRow(ctx, record.ErrNotFound, func(scan scan) (err error) {
		r, err = scanRegistration(scan)
		return err
	}, `SELECT `+registrationColumns+` FROM hub_registrations r WHERE r.id = ? AND `+hubLive, id, s.now())
	return r, err
}

// PutRegistration creates a registration or replaces the one of its ID, and returns what is stored now: with an ID, if it had
// none, its ETag and times. Of one that follows from an installation the change lasts until the installation is written.
//
// ifMatch is empty (whatever there is), "*" (there must be one) or the ETag that it must have. [record.ErrNotFound],
// [record.ErrMismatch]; [record.ErrGone]: the hub itself has removed the registration of this ID, and its client must ask for
// another.
func (s *Store) PutRegistration(ctx context.Context, r record.Registration, ifMatch string) (record.Registration, error) {
	if r.ID == "" {
		r.ID = record.NewRegistrationID()
	}
	err := s.write(ctx, func(t *tx) error {
		now := s.now()
		if err := t.checkTombstone(r.ID, now); err != nil {
			return err
		}
		old, err := t.stored(r.ID)
		if err != nil {
			return err
		}
		if old.expired(now) {
			if old.expires+keepTombstones.Milliseconds() > now {
				return record.ErrGone
			}
			old = stored{}
		}
		if err := old.match(ifMatch); err != nil {
			return err
		}
		r.ETag, r.Created, r.Updated = old.etag+1, toTime(now), toTime(now)
		r.Installation, r.Slot = old.installation, old.slot
		if old.etag != 0 {
			r.Created = toTime(old.created)
		}
		return t.writeRegistration(r)
	})
	if err != nil {
		return record.Registration{}, err
	}
	r.Expires = orNever(toMS(r.Expires))
	return r, nil
}

// stored is what decides about a change of a registration; the zero value: there is none.
type stored struct {
	etag, expires, created int64
	installation, slot     string
}

func (t *tx) stored(id string) (o stored, err error) {
	err = t.queryRow(nil, func(scan scan) error { return scan(&o.etag, &o.expires, &o.created, &o.installation, &o.slot) },
		`SELECT etag, expires, created, COALESCE(installation, ''), slot FROM hub_registrations WHERE id = ?`, id)
	return o, err
}

func (o stored) expired(now int64) bool { return o.expires != 0 && o.expires <= now }

func (o stored) match(ifMatch string) error {
	switch {
	case ifMatch == "":
		return nil
	case o.etag == 0:
		return record.ErrNotFound
	case ifMatch != "*" && ifMatch != strconv.FormatInt(o.etag, 10):
		return record.ErrMismatch
	}
	return nil
}

func (t *tx) checkTombstone(id string, now int64) error {
	var gone int64
	err := t.queryRow(nil, func(scan scan) error { return scan(&gone) }, `SELECT gone FROM hub_tombstones WHERE id = ?`, id)
	switch {
	case err != nil || gone == 0:
		return err
	case gone+keepTombstones.Milliseconds() > now:
		return record.ErrGone
	}
	return t.exec(`DELETE FROM hub_tombstones WHERE id = ?`, id)
}

func (t *tx) bury(id string, gone int64) error {
	return t.exec(`INSERT INTO hub_tombstones (id, gone) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET gone = excluded.gone`,
		id, gone)
}

// writeRegistration stores a registration as it is.
func (t *tx) writeRegistration(r record.Registration) error {
	tags, err := json.Marshal(r.Tags)
	if err != nil {
		return err
	}
	variables, err := json.Marshal(r.PushVariables)
	if err != nil {
		return err
	}
	var template []byte
	if r.Template != nil {
		if template, err = json.Marshal(form(*r.Template)); err != nil {
			return err
		}
	}
	err = t.exec(`INSERT INTO hub_registrations (id, platform, template, expires, handle, handle_key, p256dh, auth,
			baidu_user, tile, tags, variables, form, installation, slot, etag, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, ''), ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET platform = excluded.platform, template = excluded.template, expires = excluded.expires,
			handle = excluded.handle, handle_key = excluded.handle_key, p256dh = excluded.p256dh, auth = excluded.auth,
			baidu_user = excluded.baidu_user, tile = excluded.tile, tags = excluded.tags, variables = excluded.variables,
			form = excluded.form, installation = excluded.installation, slot = excluded.slot, etag = excluded.etag,
			created = excluded.created, updated = excluded.updated`,
		r.ID, r.Platform, r.Template != nil, toMS(r.Expires), r.Handle, handleKey(r.Handle), r.P256DH, r.Auth,
		r.BaiduUserID, r.SecondaryTileName, string(tags), string(variables), string(template), r.Installation, r.Slot, r.ETag,
		toMS(r.Created), toMS(r.Updated))
	if err != nil {
		return err
	}
	return t.writeHubTags(r)
}

func (t *tx) writeHubTags(r record.Registration) error {
	if err := t.exec(`DELETE FROM hub_tags WHERE registration = ?`, r.ID); err != nil {
		return err
	}
	for _, tag := range r.Tags {
		err := t.exec(`INSERT INTO hub_tags (tag, platform, template, registration) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			record.Fold(tag), r.Platform, r.Template != nil, r.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteRegistration removes a registration at the wish of a client, with ifMatch as for [Store.PutRegistration]. One that
// follows from an installation comes back when that is written. [record.ErrNotFound], [record.ErrMismatch].
func (s *Store) DeleteRegistration(ctx context.Context, id, ifMatch string) error {
	return s.write(ctx, func(t *tx) error {
		old, err := t.stored(id)
		switch {
		case err != nil:
			return err
		case old.etag == 0 || old.expired(s.now()):
			return record.ErrNotFound
		}
		if err := old.match(ifMatch); err != nil {
			return err
		}
		return t.exec(`DELETE FROM hub_registrations WHERE id = ?`, id)
	})
}
