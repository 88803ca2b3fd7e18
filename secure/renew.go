package secure

import (
	"context"
	"errors"
	"strings"
	"time"

	"securepush/api"
)

const (
	renewTimeout = 45 * time.Second // one renewal with its keyring calls, and the wait for another process's
	renewPause   = 30 * time.Second // after a failed one, while the old token still serves
	earlyShare   = 5                // renew when less than a fifth of the lifetime is left
)

// flight is one renewal, shared by all who wait for it.
type flight struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when token and err are set
	token  api.Secret
	err    error
}

// Token returns the access token, and renews it first when it has expired. When less than a fifth of its lifetime is left
// it is renewed in the background. Errors are [*api.Problem]: CodeSignInNeeded, CodeKeyringLocked, CodeKeyringUnavailable,
// or how the renewal failed.
func (s *Session) Token(ctx context.Context) (api.Secret, error) {
	s.mu.Lock()
	now, h := s.now(), &s.held
	if h.access.Empty() || !now.Before(h.expires) {
		refused := h.access
		s.mu.Unlock()
		return s.Renew(ctx, refused)
	}
	defer s.mu.Unlock()
	if h.expires.Sub(now) < h.lifetime/earlyShare && !now.Before(h.retryAt) && s.flight == nil {
		s.launch() //nolint:contextcheck // a renewal belongs to the session, not to whoever asked first
	}
	return h.access, nil
}

// Renew returns an access token other than the refused one. However many ask, one renewal is made.
func (s *Session) Renew(ctx context.Context, refused api.Secret) (api.Secret, error) {
	s.mu.Lock()
	h, now := &s.held, s.now()
	if s.st.State == StateNever || s.st.State == StateEnded {
		defer s.mu.Unlock()
		return api.Secret{}, signInAgain(s.st.Cause)
	}
	if !h.access.Empty() && !h.access.Equal(refused) && now.Before(h.expires) {
		defer s.mu.Unlock()
		return h.access, nil
	}
	if p, ok := errors.AsType[*api.Problem](h.refusal); ok && p.RetryAfter > 0 && now.Before(h.retryAt) {
		defer s.mu.Unlock()
		return api.Secret{}, h.refusal // the server asked to be left alone until then
	}
	f := s.flight
	if f == nil {
		f = s.launch() //nolint:contextcheck // as above
	}
	s.mu.Unlock()
	if f == nil {
		return api.Secret{}, tooLong(context.Canceled)
	}
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return api.Secret{}, tooLong(ctx.Err())
	}
}

// launch starts a renewal with mu held; nil after Close. It belongs to the session, not to whoever asked first: their
// giving up must not cut a rotation in half.
func (s *Session) launch() *flight {
	ctx, cancel := context.WithTimeout(s.ctx, renewTimeout)
	f := &flight{cancel: cancel, done: make(chan struct{})}
	started := s.spawn(func() {
		defer close(f.done)
		defer cancel()
		f.token, f.err = s.renew(ctx, f)
	})
	if !started {
		cancel()
		return nil
	}
	s.flight = f
	return f
}

// ground cancels the renewal under way and makes it one of the past. It is called with mu held.
func (s *Session) ground() {
	if s.flight != nil {
		s.flight.cancel()
		s.flight = nil
	}
}

func (s *Session) renew(ctx context.Context, f *flight) (api.Secret, error) {
	token, err := s.rotate(ctx, f)
	if err == nil {
		return token, nil
	}
	err = asProblem(err)
	s.update(func() {
		if s.flight != f {
			return
		}
		s.flight = nil
		pause := renewPause
		if p, ok := errors.AsType[*api.Problem](err); ok && p.RetryAfter > 0 {
			pause = p.RetryAfter
		}
		s.held.refusal, s.held.retryAt = err, s.now().Add(pause)
	})
	s.log.Warn("the sign-in could not be renewed", "error", err)
	return api.Secret{}, err
}

// rotate does lock → read → renew → write → unlock.
func (s *Session) rotate(ctx context.Context, f *flight) (api.Secret, error) {
	release, err := s.exclusive(ctx)
	if err != nil {
		return api.Secret{}, err
	}
	defer release()

	s.mu.Lock()
	if s.flight != f {
		s.mu.Unlock()
		return api.Secret{}, tooLong(context.Canceled)
	}
	account, held := *s.st.Account, s.held
	s.mu.Unlock()

	refresh, err := s.current(ctx, account, held)
	if err != nil {
		s.update(func() { s.lost(err) })
		return api.Secret{}, err
	}
	s.update(func() { s.found(f, refresh) })
	c, err := s.client(account.Server)
	if err != nil {
		return api.Secret{}, err
	}
	t, err := c.RefreshGrant(ctx, refresh)
	if api.CodeOf(err) == api.CodeInvalidGrant {
		return api.Secret{}, s.ended(ctx, f, account, err)
	}
	if err != nil {
		return api.Secret{}, renewProblem(err)
	}
	if !strings.EqualFold(t.Account, account.ID) {
		err := signInAgain(errForeign)
		s.update(func() { s.lost(err) })
		return api.Secret{}, err
	}
	account.User, account.Claims = t.User, t.Claims
	return s.adopt(ctx, f, account, t)
}

// current is the newest refresh token: the vault's, which another process may have renewed, unless ours could not be
// written there. One that is not stored yet is stored before it is presented, if that can be done.
func (s *Session) current(ctx context.Context, account Account, held tokens) (api.Secret, error) {
	stored, err := s.stored(ctx, account.ID, account)
	switch {
	case err == nil && (held.refresh.Empty() || !held.unsaved):
		return stored, nil
	case held.refresh.Empty():
		return api.Secret{}, err
	case err == nil || StateOf(err) == VaultAbsent:
		if held.unsaved {
			if err := s.store(ctx, account.ID, account, held.refresh); err != nil {
				s.log.Warn("the sign-in is renewed although it could not be stored", "error", err)
			}
		}
	}
	return held.refresh, nil
}

// found keeps what the vault held, with mu held: the sign-in is there, whatever the server says next.
func (s *Session) found(f *flight, refresh api.Secret) {
	if s.flight == f && s.held.refresh.Empty() {
		s.held.refresh = refresh
		s.setActive(nil)
	}
}

// adopt stores the successor and then makes it the session's.
func (s *Session) adopt(ctx context.Context, f *flight, account Account, t api.Tokens) (api.Secret, error) {
	refresh := api.NewSecret(t.RefreshToken)
	stored := s.store(ctx, account.ID, account, refresh)
	if stored != nil {
		s.log.Warn("the renewed sign-in is in memory only", "error", stored)
	}
	token := api.NewSecret(t.AccessToken)
	err := tooLong(context.Canceled)
	s.update(func() {
		if s.flight != f {
			return // signed out meanwhile
		}
		err = nil
		s.flight = nil
		s.st.Account = &account
		s.hold(t, stored)
	})
	if err != nil {
		return api.Secret{}, err
	}
	return token, nil
}

// hold keeps the tokens of a fresh answer, with mu held; stored is why the vault did not take them, or nil.
func (s *Session) hold(t api.Tokens, stored error) {
	lifetime := time.Duration(min(t.ExpiresIn, maxLifetime)) * time.Second
	s.held = tokens{
		access: api.NewSecret(t.AccessToken), expires: s.now().Add(lifetime), lifetime: lifetime,
		refresh: api.NewSecret(t.RefreshToken), unsaved: stored != nil,
	}
	s.setActive(stored)
	s.st.Ends = endsSoon(s.now(), t.RefreshExpiresIn)
	if stored != nil {
		s.keep(stored)
	}
}

// soon is how long before its end a sign-in is said to end.
const soon = 3 * 24 * time.Hour

// endsSoon is when a sign-in ends that lasts for so many seconds although it was just renewed; zero if that is far away or was not
// told.
func endsSoon(now time.Time, seconds int) time.Time {
	if seconds <= 0 || seconds > int(soon/time.Second) {
		return time.Time{}
	}
	return now.Add(time.Duration(seconds) * time.Second).Round(time.Minute)
}

const maxLifetime = 86400 // seconds; a longer claim is not believed

// ended takes the server's word that the sign-in is over: the one case in which a token is deleted unasked.
func (s *Session) ended(ctx context.Context, f *flight, account Account, cause error) error {
	if err := s.opt.Vault.Delete(ctx, account.ID); err != nil {
		s.log.Warn("the ended sign-in could not be removed from the keyring", "error", err)
	}
	err := signInAgain(cause)
	s.update(func() {
		if s.flight == f {
			s.held = tokens{over: true}
			s.setState(StateEnded, err)
		}
	})
	return err
}

// now is the wall clock: the monotonic one stops while the machine sleeps, and tokens do not.
func (s *Session) now() time.Time { return s.opt.Now().Round(0) }
