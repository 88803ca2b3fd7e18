package store

import (
	"cmp"
	"context"
	"encoding/json"
)

// The back end says which device is whose; the hub is told of it afterwards, and again until it has it.

// forget makes of a device a note that the hub has to delete it. A trigger removes its tags.
const forget = `UPDATE installations SET due = 2, version = version + 1, gone = 0, endpoint = '', p256dh = '', auth = '',
	name = '', tags = 'null'`

// ForgetInstallation forgets a device of an account, of which the hub is still to be told. From now on it is not found; the
// next PutInstallation of its ID, by whichever account, makes it that account's. ErrNotFound.
func (s *Store) ForgetInstallation(ctx context.Context, account, id string) error {
	return s.write(ctx, func(t *tx) error {
		return t.changeOne(forget+` WHERE id = ? AND account = ? AND due <> 2`, id, account)
	})
}

// DueInstallations returns up to limit (0 counts as 100) devices of which the hub is to be told, in order of ID, after the ID
// given. Those that are gone are not put there; of those that are to be deleted there only ID, account and version are left.
func (s *Store) DueInstallations(ctx context.Context, after string, limit int) ([]Installation, error) {
	return s.installations(ctx, `SELECT `+installationColumns+` FROM installations
		WHERE due <> 0 AND (gone = 0 OR due = 2) AND id > ? ORDER BY id LIMIT ?`, after, cmp.Or(max(limit, 0), pageHub))
}

// DueInstallation returns a device, whoever's it is, if the hub is to be told of it. ErrNotFound.
func (s *Store) DueInstallation(ctx context.Context, id string) (in Installation, err error) {
	err = s.queryRow(ctx, ErrNotFound, func(scan scan) (err error) {
		in, err = scanInstallation(scan)
		return err
	}, `SELECT `+installationColumns+` FROM installations WHERE id = ? AND (due = 2 OR due = 1 AND gone = 0)`, id)
	return in, err
}

// SettleInstallation notes that the hub has a version of a device, or has it no more if that is what was due. A device that was
// put or forgotten since stays due.
func (s *Store) SettleInstallation(ctx context.Context, id string, version int64) error {
	return s.write(ctx, func(t *tx) error {
		err := t.exec(`DELETE FROM installations WHERE id = ? AND version = ? AND due = 2`, id, version)
		if err != nil {
			return err
		}
		return t.exec(`UPDATE installations SET due = 0 WHERE id = ? AND version = ? AND due = 1`, id, version)
	})
}

// SetHub tells which hub is used. If it is another one than before, every device is to be put there,
// also those that the other one is being told of right now.
func (s *Store) SetHub(ctx context.Context, identity string) error {
	return s.write(ctx, func(t *tx) error {
		changed, err := t.set("hub", identity)
		if err != nil || !changed {
			return err
		}
		return t.exec(`UPDATE installations SET due = 1, version = version + 1 WHERE due <> 2`)
	})
}

// CountInstallations counts the devices of some accounts that are not gone.
func (s *Store) CountInstallations(ctx context.Context, accounts []string) (count int, err error) {
	list, err := json.Marshal(accounts)
	if err != nil {
		return 0, err
	}
	err = s.queryRow(ctx, nil, func(scan scan) error { return scan(&count) },
		`SELECT COUNT(*) FROM installations WHERE account IN (SELECT value FROM json_each(?)) AND gone = 0 AND due <> 2`,
		string(list))
	return count, err
}
