package store

import (
	"context"

	"securepush/api"
)

// StartSession signs an account in. ErrRefused: no such account, disabled, or its password has changed.
func (s *Store) StartSession(ctx context.Context, in SignIn) (Grant, error) {
	return Grant{}, ErrUnavailable
}

// RefreshSession exchanges a refresh token for its successor and a new access token.
//
// The immediate predecessor of a token that was never presented gets that same token again, as the answer may have been
// lost. An older one is [ErrReused] and ends the session. ErrRefused: unknown, expired, ended, or the account disabled.
// With ErrReused the Grant names session and account, for the log.
func (s *Store) RefreshSession(ctx context.Context, refresh api.Secret) (Grant, error) {
	return Grant{}, ErrUnavailable
}

// Authenticate tells who a bearer token speaks for, an access token or a sender key. It reads the database, so a
// session ended by another process is refused at once. ErrRefused.
func (s *Store) Authenticate(ctx context.Context, bearer api.Secret) (Principal, error) {
	return Principal{}, ErrUnavailable
}

// RevokeToken ends the session that an access or refresh token belongs to (RFC 7009). An unknown token is no error.
func (s *Store) RevokeToken(ctx context.Context, token api.Secret) error { return ErrUnavailable }

// Sessions lists the live sessions of an account, the last used first.
func (s *Store) Sessions(ctx context.Context, account string) ([]Session, error) {
	return nil, ErrUnavailable
}

// RevokeSession ends one session of an account. ErrNotFound.
func (s *Store) RevokeSession(ctx context.Context, account, session string) error {
	return ErrUnavailable
}

// RevokeSessions ends all sessions of an account.
func (s *Store) RevokeSessions(ctx context.Context, account string) error { return ErrUnavailable }
