package store

import (
	"context"
	"encoding/json"

	"securepush/api"
	"securepush/backend/hub/record"
)

const installationColumns = `id, account, platform, endpoint, p256dh, auth, name, tags, gone, updated, due, version`

func scanInstallation(scan scan) (in Installation, err error) {
	var (
		tags          string
		gone, updated int64
	)
	err = scan(&in.InstallationID, &in.Account, &in.Platform, &in.PushChannel.Endpoint, &in.PushChannel.P256DH,
		&in.PushChannel.Auth, &in.Name, &tags, &gone, &updated, &in.Due, &in.Version)
	if err != nil {
		return in, err
	}
	at := toTime(updated)
	in.LastUpdate, in.Gone = &at, gone != 0
	return in, json.Unmarshal([]byte(tags), &in.Tags)
}

// PutInstallation stores a device of an account as a whole, with the tags given, and marks it as to be put at the hub.
// ErrNotFound: the ID is another account's. ErrGone: its push endpoint is the one that was reported dead; the device must
// subscribe anew.
func (s *Store) PutInstallation(ctx context.Context, account string, in api.Installation) error {
	tags, err := json.Marshal(in.Tags)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.checkPut(account, in); err != nil {
			return err
		}
		err := t.exec(`INSERT INTO installations (id, account, platform, endpoint, p256dh, auth, name, tags, updated)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET account = excluded.account, platform = excluded.platform,
			endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth, name = excluded.name,
			tags = excluded.tags, updated = excluded.updated, gone = 0, due = 1, version = version + 1`,
			in.InstallationID, account, in.Platform, in.PushChannel.Endpoint, in.PushChannel.P256DH, in.PushChannel.Auth,
			in.Name, string(tags), s.now())
		if isForeign(err) {
			return ErrNotFound // no such account
		}
		if err != nil {
			return err
		}
		return t.putTags(in)
	})
}

// checkPut compares with what is stored under the ID.
func (t *tx) checkPut(account string, in api.Installation) error {
	var (
		owner, endpoint string
		gone            int64
		due             Due
	)
	err := t.queryRow(nil, func(scan scan) error { return scan(&owner, &endpoint, &gone, &due) },
		`SELECT account, endpoint, gone, due FROM installations WHERE id = ?`, in.InstallationID)
	switch {
	case err != nil || owner == "" || due == DueDelete:
		return err
	case owner != account:
		return ErrNotFound
	case gone != 0 && endpoint == in.PushChannel.Endpoint:
		return ErrGone
	}
	return nil
}

func (t *tx) putTags(in api.Installation) error {
	if err := t.exec(`DELETE FROM installation_tags WHERE installation = ?`, in.InstallationID); err != nil {
		return err
	}
	for _, tag := range in.Tags {
		err := t.exec(`INSERT INTO installation_tags (tag, installation) VALUES (?, ?) ON CONFLICT DO NOTHING`,
			record.Fold(tag), in.InstallationID)
		if err != nil {
			return err
		}
	}
	return nil
}

// Installation returns one device of an account; see its Gone. ErrNotFound.
func (s *Store) Installation(ctx context.Context, account, id string) (in Installation, err error) {
	err = s.queryRow(ctx, ErrNotFound, func(scan scan) (err error) {
		in, err = scanInstallation(scan)
		return err
	}, `SELECT `+installationColumns+` FROM installations WHERE id = ? AND account = ? AND due <> 2`, id, account)
	return in, err
}

// Installations lists the devices of an account, the last updated first.
func (s *Store) Installations(ctx context.Context, account string) ([]Installation, error) {
	return s.installations(ctx,
		`SELECT `+installationColumns+` FROM installations WHERE account = ? AND due <> 2 ORDER BY updated DESC, id`, account)
}

// InstallationsByTag returns up to limit devices that have a tag, whatever its case, and are not gone, in order of ID,
// after the ID given.
func (s *Store) InstallationsByTag(ctx context.Context, tag, after string, limit int) ([]Installation, error) {
	return s.installations(ctx, `SELECT `+installationColumns+`
		FROM installation_tags t CROSS JOIN installations i ON i.id = t.installation
		WHERE t.tag = ? AND t.installation > ? AND i.gone = 0 ORDER BY t.installation LIMIT ?`, record.Fold(tag), after, limit)
}

func (s *Store) installations(ctx context.Context, text string, args ...any) ([]Installation, error) {
	var all []Installation
	err := s.query(ctx, func(scan scan) error {
		in, err := scanInstallation(scan)
		all = append(all, in)
		return err
	}, text, args...)
	return all, err
}

// MarkInstallationGone notes that the push service reported a device's channel as dead, unless the device has another
// endpoint by now. An unknown device is no error.
func (s *Store) MarkInstallationGone(ctx context.Context, id, endpoint string) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec(`UPDATE installations SET gone = ? WHERE id = ? AND endpoint = ? AND gone = 0`, s.now(), id, endpoint)
	})
}
