package store

import "context"

// Setting returns a fact that another process has left under a name, or ErrNotFound. Settings are no place for secrets.
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.queryRow(ctx, ErrNotFound, func(scan scan) error { return scan(&value) },
		`SELECT value FROM settings WHERE name = ?`, name)
	return value, err
}

// SetSetting keeps a fact under a name.
func (s *Store) SetSetting(ctx context.Context, name, value string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.set(name, value)
		return err
	})
}

// set keeps a setting and tells whether that changed it.
func (t *tx) set(name, value string) (changed bool, err error) {
	n, err := t.changes(`INSERT INTO settings (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`, name, value)
	return n > 0, err
}
