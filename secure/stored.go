package secure

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"securepush/api"
)

const (
	revokeSuffix = ".revoke" // item that holds a token to revoke later
	keepFirst    = 15 * time.Second
	keepMost     = 5 * time.Minute
)

// errForeign says that a stored sign-in, or an answer, is of another account or server.
var errForeign = errors.New("secure: not the sign-in of this account and server")

// signInValue is what stands in the keyring for a sign-in, as JSON in unpadded base64url.
//
// Example: {"v":1,"account":"6f1c0c1e-…","server":"https://push.example.org","refresh":"…"}.
type signInValue struct {
	Version int    `json:"v"`
	Account string `json:"account"`
	Server  string `json:"server"`
	Refresh string `json:"refresh"`
}

func encodeSignIn(account Account, refresh api.Secret) (api.Secret, error) {
	b, err := json.Marshal(signInValue{Version: 1, Account: account.ID, Server: account.Server, Refresh: refresh.Reveal()})
	if err != nil {
		return api.Secret{}, err
	}
	return api.NewSecret(base64.RawURLEncoding.EncodeToString(b)), nil
}

// decodeSignIn returns the refresh token of a stored sign-in, or errForeign. Any program of the desktop can write to the
// keyring, so a value has to say whose it is before its token goes anywhere.
func decodeSignIn(value api.Secret, account Account) (api.Secret, error) {
	b, err := base64.RawURLEncoding.DecodeString(value.Reveal())
	if err != nil {
		return api.Secret{}, errForeign
	}
	var v signInValue
	if err := api.DecodeStrict(b, &v); err != nil {
		return api.Secret{}, errForeign
	}
	if v.Version != 1 || v.Account != account.ID || v.Server != account.Server || v.Refresh == "" {
		return api.Secret{}, errForeign
	}
	return api.NewSecret(v.Refresh), nil
}

// stored reads a sign-in of account from the vault. One that is not of this account counts as absent.
func (s *Session) stored(ctx context.Context, key string, account Account) (api.Secret, error) {
	value, err := s.opt.Vault.Get(ctx, key)
	if err != nil {
		return api.Secret{}, err
	}
	refresh, err := decodeSignIn(value, account)
	if err != nil {
		return api.Secret{}, vaultError(VaultAbsent, err)
	}
	return refresh, nil
}

func (s *Session) store(ctx context.Context, key string, account Account, refresh api.Secret) error {
	value, err := encodeSignIn(account, refresh)
	if err != nil {
		return vaultError(VaultUnavailable, err)
	}
	return s.opt.Vault.Set(ctx, key, value)
}

// Load brings session and vault together: it reads the sign-in when memory has none, and writes the one in memory that the
// vault did not take. Call it at the start, when the keyring was unlocked, and with an [Interactive] context when the
// person asks to unlock it. Its errors are those of Token.
func (s *Session) Load(ctx context.Context) error {
	release, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	s.mu.Lock()
	st, held := s.st, s.held
	s.mu.Unlock()
	if st.Account == nil || held.over {
		return signInAgain(st.Cause)
	}
	if !held.refresh.Empty() {
		if !held.unsaved {
			return nil
		}
		return asProblem(s.save(ctx, *st.Account, held.refresh))
	}
	refresh, err := s.stored(ctx, st.Account.ID, *st.Account)
	s.update(func() {
		if err != nil {
			s.lost(err)
			return
		}
		s.held.refresh = refresh
		s.setActive(nil)
	})
	return asProblem(err)
}

// lost sets the state that goes with having no token, with mu held.
func (s *Session) lost(err error) {
	if s.st.Account == nil {
		return
	}
	switch {
	case api.CodeOf(err) == api.CodeSignInNeeded, StateOf(err) == VaultAbsent:
		s.setState(StateEnded, signInAgain(err))
	case StateOf(err) == VaultLocked:
		s.setState(StateLocked, err)
	default:
		s.setState(StateUnknown, err)
	}
}

// save writes the sign-in of memory to the vault; the caller has taken op.
func (s *Session) save(ctx context.Context, account Account, refresh api.Secret) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	err = s.store(ctx, account.ID, account, refresh)
	s.update(func() {
		if !s.held.refresh.Equal(refresh) {
			return
		}
		s.held.unsaved = err != nil
		s.setActive(err)
	})
	return err
}

// keep starts the task that retries to store the sign-in, with mu held. A keyring that answered and did not store is left
// alone until the next renewal: a person may have said no, and is not asked again every few minutes.
func (s *Session) keep(cause error) {
	if s.keeping || errors.Is(cause, ErrNotStored) || errors.Is(cause, ErrBadValue) {
		return
	}
	s.keeping = s.spawn(s.keepTrying)
}

func (s *Session) keepTrying() {
	for wait := keepFirst; ; wait = min(wait*2, keepMost) {
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(wait):
		}
		if s.keepOnce() {
			return
		}
	}
}

// keepOnce says whether there is nothing left to keep trying for.
func (s *Session) keepOnce() (done bool) {
	ctx, cancel := context.WithTimeout(s.ctx, renewTimeout)
	defer cancel()
	release, err := s.take(ctx)
	if err != nil {
		return false
	}
	defer release()
	s.mu.Lock()
	st, held := s.st, s.held
	s.mu.Unlock()
	if st.Account != nil && held.unsaved {
		err = s.save(ctx, *st.Account, held.refresh)
	}
	if err != nil && !errors.Is(err, ErrNotStored) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held.unsaved && err == nil {
		return false // a newer one came in between
	}
	s.keeping = false
	return true
}
