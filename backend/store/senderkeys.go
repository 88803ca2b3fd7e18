package store

import (
	"context"

	"securepush/api"
)

// AddSenderKey makes a sender key. The secret is returned this once and kept only as a hash. ErrExists: the name is taken.
func (s *Store) AddSenderKey(ctx context.Context, name string, claims []string) (SenderKey, api.Secret, error) {
	return SenderKey{}, api.Secret{}, ErrUnavailable
}

// SenderKeys lists the keys in order of name.
func (s *Store) SenderKeys(ctx context.Context) ([]SenderKey, error) { return nil, ErrUnavailable }

// RevokeSenderKey removes a key by name, whatever its case. ErrNotFound.
func (s *Store) RevokeSenderKey(ctx context.Context, name string) error { return ErrUnavailable }
