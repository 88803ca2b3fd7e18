package store

import "context"

// Secret returns the server secret of a name, and makes it with create when there is none. Whoever is first wins, also
// against another process.
func (s *Store) Secret(ctx context.Context, name string, create func() ([]byte, error)) (value []byte, err error) {
	err = s.write(ctx, func(t *tx) (err error) {
		value, err = t.secret(name, create)
		return err
	})
	return value, err
}

func newSecret() ([]byte, error) { return random(32), nil }

func (t *tx) secret(name string, create func() ([]byte, error)) (value []byte, err error) {
	found := true
	err = t.queryRow(nil, func(scan scan) error {
		err := scan(&value)
		found = err == nil
		return err
	}, `SELECT value FROM secrets WHERE name = ?`, name)
	if err != nil || found {
		return value, err
	}
	if value, err = create(); err != nil {
		return nil, err
	}
	return value, t.exec(`INSERT INTO secrets (name, value) VALUES (?, ?)`, name, value)
}
