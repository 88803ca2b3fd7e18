package store

import (
	"context"

	"securepush/api"
)

// AddAccount makes an account. ErrExists: the name is taken (names differ in more than case).
func (s *Store) AddAccount(ctx context.Context, name string, passwordHash api.Secret, claims []string) (Account, error) {
	return Account{}, ErrUnavailable
}

// Account returns the account of an ID, or ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (Account, error) {
	return Account{}, ErrUnavailable
}

// AccountByName returns the account of a name, whatever its case, or ErrNotFound.
func (s *Store) AccountByName(ctx context.Context, name string) (Account, error) {
	return Account{}, ErrUnavailable
}

// Accounts returns all accounts in order of name.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) { return nil, ErrUnavailable }

// SetPassword changes a password hash and ends all sessions of the account. ErrNotFound.
func (s *Store) SetPassword(ctx context.Context, id string, passwordHash api.Secret) error {
	return ErrUnavailable
}

// SetDisabled disables an account, which ends all its sessions, or enables it. ErrNotFound.
func (s *Store) SetDisabled(ctx context.Context, id string, disabled bool) error {
	return ErrUnavailable
}

// SetClaims replaces the claims of an account; they hold for its running sessions at once. ErrNotFound.
func (s *Store) SetClaims(ctx context.Context, id string, claims []string) error {
	return ErrUnavailable
}
