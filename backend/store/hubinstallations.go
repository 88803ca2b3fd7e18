package store

import (
	"context"
	"errors"

	"securepush/backend/hub/record"
)

const hubInstallationColumns = `id, document, expired, version, expires, updated`

func scanHubInstallation(scan scan) (in record.Installation, err error) {
	var expires, updated int64
	err = scan(&in.ID, &in.Document, &in.Expired, &in.Version, &expires, &updated)
	in.Expires, in.Updated = orNever(expires), toTime(updated)
	return in, err
}

// HubInstallation returns one. [record.ErrNotFound]: unknown, or its time has passed.
func (s *Store) HubInstallation(ctx context.Context, id string) (in record.Installation, err error) {
	err = s.queryRow(ctx, record.ErrNotFound, func(scan scan) (err error) {
		in, err = scanHubInstallation(scan)
		return err
	}, `SELECT `+hubInstallationColumns+` FROM hub_installations WHERE id = ? AND `+hubLive, id, s.now())
	return in, err
}

// PutHubInstallation creates or replaces an installation and the registrations that follow from it, each of which keeps its ID
// by its slot. The installation is no longer expired then; its version and times, and the registrations' IDs, ETags and
// times, are set here.
func (s *Store) PutHubInstallation(ctx context.Context, in record.Installation, derived []record.Registration) error {
	return s.write(ctx, func(t *tx) error {
		now := s.now()
		// One whose time has passed is as good as removed.
		err := t.exec(`DELETE FROM hub_installations WHERE id = ? AND expires <> 0 AND expires <= ?`, in.ID, now)
		if err != nil {
			return err
		}
		in.Expired, in.Version = false, 0
		return t.writeInstallation(in, derived, now)
	})
}

// writeInstallation stores an installation under the version after the one that is stored.
func (t *tx) writeInstallation(in record.Installation, derived []record.Registration, now int64) error {
	err := t.queryRow(nil, func(scan scan) error { return scan(&in.Version) },
		`INSERT INTO hub_installations (id, document, expired, version, expires, updated) VALUES (?, ?, ?, 1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET document = excluded.document, expired = excluded.expired, version = version + 1,
			expires = excluded.expires, updated = excluded.updated RETURNING version`,
		in.ID, blob(in.Document), in.Expired, toMS(in.Expires), now)
	if err != nil {
		return err
	}
	old, err := t.derived(in.ID)
	if err != nil {
		return err
	}
	for _, r := range derived {
		if in.Expired && r.SecondaryTileName == "" {
			continue // it would be sent to in vain
		}
		r.ID, r.Created = record.NewRegistrationID(), toTime(now)
		if was, ok := old[r.Slot]; ok {
			r.ID, r.Created = was.ID, was.Created
			delete(old, r.Slot)
		}
		r.Installation, r.ETag, r.Updated, r.Expires = in.ID, in.Version, toTime(now), in.Expires
		if err := t.writeRegistration(r); err != nil {
			return err
		}
	}
	for _, r := range old {
		if err := t.exec(`DELETE FROM hub_registrations WHERE id = ?`, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// derived are the registrations of an installation by slot, with ID and time of creation.
func (t *tx) derived(installation string) (map[string]record.Registration, error) {
	all := map[string]record.Registration{}
	err := t.query(func(scan scan) error {
		var (
			r       record.Registration
			created int64
		)
		err := scan(&r.ID, &r.Slot, &created)
		r.Created = toTime(created)
		all[r.Slot] = r
		return err
	}, `SELECT id, slot, created FROM hub_registrations WHERE installation = ?`, installation)
	return all, err
}

// errChanged says that an installation is not the one that was read.
var errChanged = errors.New("store: changed meanwhile")

// UpdateHubInstallation changes an installation and the registrations that follow from it. Nothing that is written meanwhile is
// lost: change is called again with what is stored then. It runs in the caller's goroutine. An error of it ends the update and
// is returned unchanged. While what it returns is Expired, only secondary tiles keep their registrations.
// [record.ErrNotFound]: unknown, or its time has passed.
func (s *Store) UpdateHubInstallation(ctx context.Context, id string,
	change func(record.Installation) (record.Installation, []record.Registration, error),
) error {
	for {
		old, err := s.HubInstallation(ctx, id)
		if err != nil {
			return err
		}
		in, derived, err := change(old)
		if err != nil {
			return err
		}
		in.ID = id
		err = s.write(ctx, func(t *tx) error {
			if err := t.unchanged(old); err != nil {
				return err
			}
			return t.writeInstallation(in, derived, s.now())
		})
		if !errors.Is(err, errChanged) {
			return err
		}
	}
}

// unchanged checks that an installation is as it was read: the version alone would not tell it from one that was deleted and
// made again.
func (t *tx) unchanged(old record.Installation) error {
	var same bool
	err := t.queryRow(errChanged, func(scan scan) error { return scan(&same) },
		`SELECT version = ? AND updated = ? AND document = ? FROM hub_installations WHERE id = ?`,
		old.Version, toMS(old.Updated), blob(old.Document), old.ID)
	if err == nil && !same {
		return errChanged
	}
	return err
}

// DeleteHubInstallation removes an installation and what follows from it; that there is none is no error. A device that the
// directory believes to be there is none of it any more.
func (s *Store) DeleteHubInstallation(ctx context.Context, id string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.exec(`DELETE FROM hub_installations WHERE id = ?`, id); err != nil {
			return err
		}
		return t.exec(`DELETE FROM installations WHERE id = ? AND due = 0`, id)
	})
}
