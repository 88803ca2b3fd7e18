package store

import (
	"context"
	"encoding/json"
	"time"

	"securepush/api"
)

const (
	notificationColumns = `id, created, expires, read, topic, priority, title, sender, url, payload`

	// live holds of what its owner can still read; its parameter is the time now.
	live = `gone = 0 AND (expires = 0 OR expires > ?)`

	// among holds of an account's notifications with one of some IDs; its parameters are the IDs as JSON and the account.
	// The plus keeps SQLite from going through all of the account's.
	among = `id IN (SELECT value FROM json_each(?)) AND +account = ?`

	// wipe makes a tombstone; its parameter is the time now.
	wipe = `UPDATE notifications SET gone = ?, topic = '', title = '', sender = '', url = '', payload = ''`
)

func scanNotification(scan scan, more ...any) (api.Notification, error) {
	var (
		n                api.Notification
		created, expires int64
	)
	err := scan(append([]any{
		&n.ID, &created, &expires, &n.Read, &n.Key, &n.Priority, &n.Title, &n.Sender, &n.URL, &n.Payload,
	}, more...)...)
	n.CreatedAt = toTime(created)
	if expires != 0 {
		at := toTime(expires)
		n.ExpiresAt = &at
	}
	return n, err
}

// expiryMS is an expiry as the database keeps it, where 0 is never.
func expiryMS(at *time.Time) int64 {
	if at == nil {
		return 0
	}
	return toMS(*at)
}

// Notification returns one notification of an account. ErrNotFound: unknown or somebody else's; ErrGone: deleted,
// replaced or expired.
func (s *Store) Notification(ctx context.Context, account string, id api.ID) (n api.Notification, err error) {
	var gone int64
	err = s.queryRow(ctx, ErrNotFound, func(scan scan) (err error) {
		n, err = scanNotification(scan, &gone)
		return err
	}, `SELECT `+notificationColumns+`, gone FROM notifications WHERE id = ? AND account = ?`, id, account)
	switch {
	case err != nil:
		return api.Notification{}, err
	case gone != 0 || expired(n, s.o.Now()):
		return api.Notification{}, ErrGone
	}
	return n, nil
}

func expired(n api.Notification, now time.Time) bool {
	return n.ExpiresAt != nil && !n.ExpiresAt.After(now)
}

// NotificationsByID returns those of the IDs that an account has and that are not gone, in order of arrival.
func (s *Store) NotificationsByID(ctx context.Context, account string, ids []api.ID) ([]api.Notification, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	var found []api.Notification
	err = s.query(ctx, func(scan scan) error {
		n, err := scanNotification(scan)
		found = append(found, n)
		return err
	}, `SELECT `+notificationColumns+` FROM notifications
		WHERE `+among+` AND `+live+` ORDER BY seq`,
		string(list), account, s.now())
	return found, err
}

// Unread counts an account's unread notifications.
func (s *Store) Unread(ctx context.Context, account string) (unread int, err error) {
	// The account has the count, so it costs the same however many there are; only what expired since the last clean-up
	// has to be taken off.
	err = s.queryRow(ctx, nil, func(scan scan) error { return scan(&unread) },
		`SELECT unread - (SELECT COUNT(*) FROM notifications
			WHERE account = accounts.id AND gone = 0 AND read = 0 AND expires <> 0 AND expires <= ?)
		FROM accounts WHERE id = ?`, s.now(), account)
	return unread, err
}

// owned checks that an account has a notification that is not gone.
func (s *Store) owned(t *tx, account string, id api.ID) (read bool, err error) {
	var alive bool
	err = t.queryRow(ErrNotFound, func(scan scan) error { return scan(&read, &alive) },
		`SELECT read, `+live+` FROM notifications WHERE id = ? AND account = ?`, s.now(), id, account)
	if err == nil && !alive {
		return false, ErrGone
	}
	return read, err
}

// SetRead sets the read state of one notification and tells whether that changed it. on is the device on which that was
// done, if it is known. ErrNotFound, ErrGone.
func (s *Store) SetRead(ctx context.Context, account string, id api.ID, read bool, on string) (changed bool, err error) {
	at, on := s.reading(read, on)
	err = s.write(ctx, func(t *tx) error {
		was, err := s.owned(t, account, id)
		changed = err == nil && was != read
		if !changed {
			return err
		}
		return t.exec(`UPDATE notifications SET read = ?, read_at = ?, read_on = ? WHERE id = ?`, read, at, on, id)
	})
	return changed && err == nil, err
}

// reading is when and on which device something was read, as the database keeps it.
func (s *Store) reading(read bool, on string) (int64, string) {
	if !read {
		return 0, ""
	}
	return s.now(), on
}

// SetReadMany sets the read state of several, or of all when ids is empty, as [Store.SetRead] does, and returns those that
// it changed. IDs that are unknown or gone are passed over.
func (s *Store) SetReadMany(ctx context.Context, account string, ids []api.ID, read bool, on string) (changed []api.ID, err error) {
	change := `SET read = 0, read_at = ?, read_on = ? WHERE read = 1`
	if read { // a text of its own, for the index of the unread ones
		change = `SET read = 1, read_at = ?, read_on = ? WHERE read = 0`
	}
	at, on := s.reading(read, on)
	which, args := `account = ?`, []any{at, on, account, s.now()}
	if len(ids) > 0 {
		list, err := json.Marshal(ids)
		if err != nil {
			return nil, err
		}
		which, args = among, []any{at, on, string(list), account, s.now()}
	}
	text := `UPDATE notifications ` + change + ` AND ` + which + ` AND ` + live + ` RETURNING id`
	err = s.write(ctx, func(t *tx) error {
		changed, err = t.ids(text, args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// DeleteNotification wipes a notification. ErrNotFound, ErrGone.
func (s *Store) DeleteNotification(ctx context.Context, account string, id api.ID) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := s.owned(t, account, id); err != nil {
			return err
		}
		return t.exec(wipe+` WHERE id = ?`, s.now(), id)
	})
}

// ids reads a column of IDs.
func (t *tx) ids(text string, args ...any) (all []api.ID, err error) {
	err = t.query(func(scan scan) error {
		var id api.ID
		err := scan(&id)
		all = append(all, id)
		return err
	}, text, args...)
	return all, err
}
