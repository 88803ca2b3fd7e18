package secure

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"securepush/api"
)

const revokeTimeout = 10 * time.Second

// SignIn signs in with a password and makes the account the session's, in place of one that was there, which is signed
// out; the caller keeps another account and calls [Session.FinishSignOut] later, as its server may be away. It stores the
// sign-in; when the keyring does not take it the sign-in is in memory only, and the status says so: that is no error.
// Errors are [*api.Problem], or that of Accept; CodeInvalidGrant means that user or password are wrong.
func (s *Session) SignIn(ctx context.Context, server *url.URL, user string, password api.Secret) (Account, error) {
	release, err := s.take(ctx)
	if err != nil {
		return Account{}, err
	}
	defer release()
	account, t, err := s.grant(ctx, server, user, password)
	if err != nil {
		return Account{}, err
	}
	if err := s.accept(ctx, account, api.NewSecret(t.RefreshToken)); err != nil {
		return Account{}, err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return Account{}, err
	}
	defer unlock()
	previous, refresh := s.previous(ctx, account)
	stored := s.storeFirst(ctx, account, api.NewSecret(t.RefreshToken))
	if stored != nil {
		s.log.Warn("the sign-in is in memory only", "error", stored)
	}
	s.update(func() {
		s.ground()
		s.st.Account = &account
		s.hold(t, stored)
	})
	if previous != nil {
		if previous.ID != account.ID && s.opt.Installation != nil {
			left := *previous
			left.Installation, previous = s.opt.Installation(), &left
		}
		r := s.retire(ctx, *previous, refresh, previous.ID != account.ID)
		s.log.Debug("the earlier sign-in was given back", "revoked", r.Revoked, "removed", r.Removed)
	}
	return account, nil
}

// accept asks whether the account may sign in here, and gives back the sign-in of one that may not.
func (s *Session) accept(ctx context.Context, account Account, refresh api.Secret) error {
	if s.opt.Accept == nil {
		return nil
	}
	err := s.opt.Accept(account)
	if err == nil {
		return nil
	}
	if revoked := s.revoke(ctx, account, refresh); revoked != nil {
		s.log.Info("a sign-in that was not wanted lives on at the server until it expires", "error", revoked)
	}
	return err
}

func (s *Session) grant(ctx context.Context, server *url.URL, user string, password api.Secret) (Account, api.Tokens, error) {
	c := s.opt.Client(server)
	w, err := c.WellKnown(ctx) // before the password leaves this machine
	if err != nil {
		return Account{}, api.Tokens{}, err
	}
	if w.API != api.APIVersion {
		return Account{}, api.Tokens{}, api.NewProblem(api.CodeUnknownServer,
			"The server is of another version than this SecurePush. Bring both up to date.")
	}
	t, err := c.PasswordGrant(ctx, user, password)
	if err != nil {
		if p, ok := errors.AsType[*api.Problem](err); ok && p.Code == api.CodeInvalidGrant && p.Detail == "" {
			p.Detail = "That user name and password do not match."
		}
		return Account{}, api.Tokens{}, err
	}
	account := Account{
		ID: strings.ToLower(t.Account), Server: server.String(), ServerName: w.Name, User: t.User, Claims: t.Claims,
	}
	if account.User == "" {
		account.User = user
	}
	if !isUUID(account.ID) {
		return Account{}, api.Tokens{}, api.NewProblem(api.CodeUnknownServer,
			"The server does not say who signed in.").Because(errForeign)
	}
	return account, t, nil
}

// previous is the sign-in that a new one takes the place of, so that it does not live on at its server.
func (s *Session) previous(ctx context.Context, next Account) (*Account, api.Secret) {
	s.mu.Lock()
	st, held := s.st, s.held
	s.mu.Unlock()
	switch {
	case st.Account == nil || held.over:
		return nil, api.Secret{}
	case !held.refresh.Empty():
		return st.Account, held.refresh
	case st.Account.ID != next.ID:
		return st.Account, api.Secret{} // retire reads it
	}
	refresh, err := s.stored(ctx, st.Account.ID, *st.Account)
	if err != nil {
		return nil, api.Secret{}
	}
	return st.Account, refresh
}

// storeFirst stores the sign-in of a person who just gave the password. A place that keeps another value than the one
// written may hold an item that some program put there: then it is emptied first, which loses nothing now.
func (s *Session) storeFirst(ctx context.Context, account Account, refresh api.Secret) error {
	err := s.store(ctx, account.ID, account, refresh)
	if !errors.Is(err, ErrNotStored) {
		return err
	}
	if err := s.opt.Vault.Delete(ctx, account.ID); err != nil {
		return err
	}
	return s.store(ctx, account.ID, account, refresh)
}

// SignOut forgets the sign-in at once, ends it at the server and removes it from the keyring. While the server cannot be
// reached the token stands in the keyring under another name; the caller keeps the account and calls
// [Session.FinishSignOut] later when the result is Pending.
func (s *Session) SignOut(ctx context.Context) SignOutResult {
	var account *Account
	var refresh api.Secret
	s.update(func() {
		account, refresh = s.st.Account, s.held.refresh
		s.ground()
		s.held = tokens{}
		s.st.Account = nil
		s.setState(StateNever, nil)
	})
	if account == nil {
		return SignOutResult{Revoked: true, Removed: true}
	}
	release, err := s.exclusive(ctx)
	if err != nil {
		return SignOutResult{Cause: err}
	}
	defer release()
	return s.retire(ctx, *account, refresh, true)
}

// exclusive keeps other operations of this session and other processes away until release is called.
func (s *Session) exclusive(ctx context.Context) (release func(), err error) {
	done, err := s.take(ctx)
	if err != nil {
		return nil, err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		done()
		return nil, err
	}
	return func() { unlock(); done() }, nil
}

// retire ends a sign-in at its server and removes it. refresh may be empty: then the vault's is used. remove says whether
// the account's own item goes, too.
func (s *Session) retire(ctx context.Context, account Account, refresh api.Secret, remove bool) SignOutResult {
	r := SignOutResult{Removed: !remove}
	if refresh.Empty() {
		var err error
		switch refresh, err = s.stored(ctx, account.ID, account); {
		case StateOf(err) == VaultAbsent:
			r.Revoked = true // nothing is left that could be used
		case err != nil:
			return SignOutResult{Cause: err} // the item stays: it is what is left to revoke with
		}
	}
	if !refresh.Empty() {
		if err := s.revoke(ctx, account, refresh); err != nil {
			r.Cause = errors.Join(err, s.store(ctx, account.ID+revokeSuffix, account, refresh))
		} else {
			r.Revoked = true
		}
	}
	if remove {
		err := s.opt.Vault.Delete(ctx, account.ID)
		r.Removed, r.Cause = err == nil, errors.Join(r.Cause, err)
	}
	return r
}

// FinishSignOut goes on with a sign-out that was pending, also one of another process. Nothing happens to the sign-in
// that the session has now.
func (s *Session) FinishSignOut(ctx context.Context, account Account) SignOutResult {
	release, err := s.exclusive(ctx)
	if err != nil {
		return SignOutResult{Cause: err}
	}
	defer release()
	keys := []string{account.ID + revokeSuffix}
	if now := s.State().Account; now == nil || now.ID != account.ID {
		keys = append(keys, account.ID)
	}
	r := SignOutResult{Revoked: true, Removed: true}
	for _, key := range keys {
		one := s.finish(ctx, key, account)
		r.Revoked, r.Removed = r.Revoked && one.Revoked, r.Removed && one.Removed
		r.Cause = errors.Join(r.Cause, one.Cause)
	}
	return r
}

func (s *Session) finish(ctx context.Context, key string, account Account) SignOutResult {
	refresh, err := s.stored(ctx, key, account)
	switch {
	case StateOf(err) == VaultAbsent && !errors.Is(err, errForeign):
		return SignOutResult{Revoked: true, Removed: true}
	case err != nil && StateOf(err) != VaultAbsent:
		return SignOutResult{Cause: err}
	case err == nil:
		if err := s.revoke(ctx, account, refresh); err != nil {
			return SignOutResult{Cause: err}
		}
	}
	err = s.opt.Vault.Delete(ctx, key)
	return SignOutResult{Revoked: true, Removed: err == nil, Cause: err}
}

// revoke ends a sign-in at its server. A server that has no such endpoint, or does not know the token, is done with.
func (s *Session) revoke(ctx context.Context, account Account, refresh api.Secret) error {
	c, err := s.client(account.Server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, revokeTimeout)
	defer cancel()
	err = c.Revoke(ctx, refresh, account.Installation)
	switch api.CodeOf(err) {
	case api.CodeNotFound, api.CodeMethodNotAllowed, api.CodeInvalidGrant, api.CodeInvalidRequest, api.CodeBadRequest:
		s.log.Warn("the server does not end sign-ins on request", "error", err)
		return nil
	}
	return err
}
