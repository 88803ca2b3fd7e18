package store

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"securepush/api"
	"securepush/backend/hub/record"
)

// AddSenderKey makes a sender key. The secret is returned this once and kept only as a hash. ErrExists: the name is taken.
func (s *Store) AddSenderKey(ctx context.Context, name string, claims []string) (SenderKey, api.Secret, error) {
	joined, err := joinClaims(claims)
	if err != nil {
		return SenderKey{}, api.Secret{}, err
	}
	now := s.now()
	k := SenderKey{ID: uuid.NewString(), Name: name, Claims: strings.Fields(joined), CreatedAt: toTime(now)}
	secret := newToken(keyPrefix)
	err = s.write(ctx, func(t *tx) error {
		err := t.exec(`INSERT INTO sender_keys (id, name, folded, hash, claims, created) VALUES (?, ?, ?, ?, ?, ?)`,
			k.ID, name, record.Fold(name), hash(secret), joined, now)
		if isUnique(err) {
			return ErrExists
		}
		return err
	})
	if err != nil {
		return SenderKey{}, api.Secret{}, err
	}
	return k, api.NewSecret(secret), nil
}

// SenderKeys lists the keys in order of name.
func (s *Store) SenderKeys(ctx context.Context) ([]SenderKey, error) {
	var all []SenderKey
	err := s.query(ctx, func(scan scan) error {
		var (
			k       SenderKey
			claims  string
			created int64
		)
		err := scan(&k.ID, &k.Name, &claims, &created)
		k.Claims, k.CreatedAt = strings.Fields(claims), toTime(created)
		all = append(all, k)
		return err
	}, `SELECT id, name, claims, created FROM sender_keys ORDER BY folded`)
	return all, err
}

// RevokeSenderKey removes a key by name, whatever its case. ErrNotFound.
func (s *Store) RevokeSenderKey(ctx context.Context, name string) error {
	return s.write(ctx, func(t *tx) error {
		return t.changeOne(`DELETE FROM sender_keys WHERE folded = ?`, record.Fold(name))
	})
}
