package store

import (
	"context"
	"crypto/subtle"
	"strings"

	"github.com/google/uuid"

	"securepush/api"
)

const (
	sessionColumns = `id, account, device, created, used, ends, current, previous, sealed`
	endSessions    = `DELETE FROM sessions WHERE account = ?` // and with them, by reference, their access tokens
	endSession     = `DELETE FROM sessions WHERE id = ?`
	successorName  = "refresh-successor" // the secret that successors are sealed with
)

// family is a session with what it knows of its refresh tokens.
type family struct {
	Session
	ends                      int64
	current, previous, sealed []byte // sealed is the current token, for whoever still has the previous
}

func (s *Store) scanFamily(scan scan) (f family, err error) {
	var created, used int64
	err = scan(&f.ID, &f.Account, &f.Device, &created, &used, &f.ends, &f.current, &f.previous, &f.sealed)
	f.CreatedAt, f.UsedAt = toTime(created), toTime(used)
	f.ExpiresAt = toTime(min(f.ends, used+s.o.IdleLife.Milliseconds()))
	return f, err
}

// StartSession signs an account in. ErrRefused: no such account, disabled, or its password has changed.
func (s *Store) StartSession(ctx context.Context, in SignIn) (Grant, error) {
	var g Grant
	now := s.now()
	selector := newSelector()
	refresh := newRefresh(selector)
	err := s.write(ctx, func(t *tx) error {
		account, err := t.enabledAccount(in.Account)
		if err != nil {
			return err
		}
		if !in.VerifiedHash.Empty() && !in.VerifiedHash.Equal(account.PasswordHash) {
			return ErrRefused
		}
		ends := now + s.o.SessionLife.Milliseconds()
		g = Grant{Account: account, Refresh: api.NewSecret(refresh), Session: Session{
			ID: uuid.NewString(), Account: in.Account, Device: in.Device, CreatedAt: toTime(now),
		}}
		err = t.exec(`INSERT INTO sessions (id, account, device, selector, current, created, used, ends)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			g.Session.ID, in.Account, in.Device, hash(selector), hash(refresh), now, now, ends)
		if err != nil {
			return err
		}
		return s.giveAccess(t, &g, now, ends)
	})
	if err != nil {
		return Grant{}, err
	}
	return g, nil
}

func (t *tx) enabledAccount(id string) (a Account, err error) {
	err = t.queryRow(ErrRefused, func(scan scan) (err error) {
		a, err = scanAccount(scan)
		return err
	}, `SELECT `+accountColumns+` FROM accounts WHERE id = ? AND disabled = 0`, id)
	return a, err
}

// giveAccess adds an access token to a grant and notes the use of the session, which the token does not outlive.
func (s *Store) giveAccess(t *tx, g *Grant, now, ends int64) error {
	token := newToken(accessPrefix)
	expires := min(now+s.o.AccessLife.Milliseconds(), ends)
	g.Access, g.AccessExpires = api.NewSecret(token), toTime(expires)
	g.Session.UsedAt, g.Session.ExpiresAt = toTime(now), toTime(min(ends, now+s.o.IdleLife.Milliseconds()))
	if err := t.exec(`UPDATE sessions SET used = ? WHERE id = ?`, now, g.Session.ID); err != nil {
		return err
	}
	return t.exec(`INSERT INTO access_tokens (hash, session, expires) VALUES (?, ?, ?)`, hash(token), g.Session.ID, expires)
}

// RefreshSession exchanges a refresh token for its successor and a new access token.
//
// The immediate predecessor of a token that was never presented gets that same token again, as the answer may have been
// lost. An older one is [ErrReused] and ends the session. ErrRefused: unknown, expired, ended, or the account disabled.
// With ErrReused the Grant names session and account, for the log.
func (s *Store) RefreshSession(ctx context.Context, refresh api.Secret) (Grant, error) {
	selector, ok := selectorOf(refresh.Reveal())
	if !ok {
		return Grant{}, ErrRefused
	}
	var (
		g      Grant
		reused bool // decided in the transaction, which has to be kept: so not an error of it
	)
	err := s.write(ctx, func(t *tx) (err error) {
		g, reused, err = s.refresh(t, selector, refresh.Reveal())
		return err
	})
	switch {
	case err != nil:
		return Grant{}, err
	case reused:
		return g, ErrReused
	}
	return g, nil
}

func (s *Store) refresh(t *tx, selector, presented string) (g Grant, reused bool, err error) {
	now := s.now()
	var f family
	err = t.queryRow(ErrRefused, func(scan scan) (err error) {
		f, err = s.scanFamily(scan)
		return err
	}, `SELECT `+sessionColumns+` FROM sessions WHERE selector = ?`, hash(selector))
	if err != nil {
		return Grant{}, false, err
	}
	if f.ExpiresAt.UnixMilli() <= now {
		return Grant{}, false, ErrRefused // the clean-up removes it
	}
	g.Session = f.Session
	if g.Account, err = t.enabledAccount(f.Account); err != nil {
		return Grant{}, false, err
	}
	switch h := hash(presented); {
	case subtle.ConstantTimeCompare(h, f.current) == 1:
		g.Refresh, err = t.rotate(f, selector, presented)
	case f.sealed != nil && subtle.ConstantTimeCompare(h, f.previous) == 1:
		g.Refresh, err = t.repeat(f, presented)
		g.Repeated = true
	default:
		return g, true, t.exec(endSession, f.ID)
	}
	if err != nil {
		return Grant{}, false, err
	}
	return g, false, s.giveAccess(t, &g, now, f.ends)
}

// rotate makes the successor of the current token.
func (t *tx) rotate(f family, selector, presented string) (api.Secret, error) {
	secret, err := t.secret(successorName, newSecret)
	if err != nil {
		return api.Secret{}, err
	}
	next := newRefresh(selector)
	sealed, err := sealSuccessor(secret, presented, f.ID, next)
	if err != nil {
		return api.Secret{}, err
	}
	return api.NewSecret(next), t.exec(`UPDATE sessions SET previous = current, current = ?, sealed = ? WHERE id = ?`,
		hash(next), sealed, f.ID)
}

// repeat gives the current token once more to whoever presents the previous one.
func (t *tx) repeat(f family, presented string) (api.Secret, error) {
	secret, err := t.secret(successorName, newSecret)
	if err != nil {
		return api.Secret{}, err
	}
	current, err := openSuccessor(secret, presented, f.ID, f.sealed)
	return api.NewSecret(current), err
}

// Authenticate tells who a bearer token speaks for, an access token or a sender key. It reads the database, so a
// session ended by another process is refused at once. ErrRefused.
func (s *Store) Authenticate(ctx context.Context, bearer api.Secret) (p Principal, err error) {
	var claims string
	switch token := bearer.Reveal(); {
	case strings.HasPrefix(token, accessPrefix):
		err = s.queryRow(ctx, ErrRefused, func(scan scan) error { return scan(&p.Account, &p.Name, &claims, &p.Session, &p.Installation) },
			`SELECT a.id, a.name, a.claims, s.id, s.installation
			FROM access_tokens t JOIN sessions s ON s.id = t.session JOIN accounts a ON a.id = s.account
			WHERE t.hash = ? AND t.expires > ? AND a.disabled = 0`, hash(token), s.now())
	case strings.HasPrefix(token, keyPrefix):
		err = s.queryRow(ctx, ErrRefused, func(scan scan) error { return scan(&p.Key, &p.Name, &claims) },
			`SELECT id, name, claims FROM sender_keys WHERE hash = ?`, hash(token))
	default:
		return Principal{}, ErrRefused
	}
	if err != nil {
		return Principal{}, err
	}
	p.Claims = strings.Fields(claims)
	return p, nil
}

// RevokeToken ends the session that an access or refresh token belongs to (RFC 7009), and tells whose it was. An unknown
// token is no error; it belongs to "".
func (s *Store) RevokeToken(ctx context.Context, token api.Secret) (account string, err error) {
	text := token.Reveal()
	which, key := `id IN (SELECT session FROM access_tokens WHERE hash = ?)`, hash(text)
	if !strings.HasPrefix(text, accessPrefix) {
		selector, ok := selectorOf(text)
		if !ok {
			return "", nil
		}
		// Whoever knows the selector has held a token of the session, though perhaps an old one: end it as a reuse does.
		which, key = `selector = ?`, hash(selector)
	}
	err = s.write(ctx, func(t *tx) error {
		return t.queryRow(nil, func(scan scan) error { return scan(&account) },
			`DELETE FROM sessions WHERE `+which+` RETURNING account`, key)
	})
	return account, err
}

// Sessions lists the live sessions of an account, the last used first.
func (s *Store) Sessions(ctx context.Context, account string) ([]Session, error) {
	var all []Session
	now := s.o.Now()
	err := s.query(ctx, func(scan scan) error {
		f, err := s.scanFamily(scan)
		if f.ExpiresAt.After(now) {
			all = append(all, f.Session)
		}
		return err
	}, `SELECT `+sessionColumns+` FROM sessions WHERE account = ? ORDER BY used DESC, id`, account)
	return all, err
}

// RevokeSession ends one session of an account. ErrNotFound.
func (s *Store) RevokeSession(ctx context.Context, account, session string) error {
	return s.write(ctx, func(t *tx) error {
		return t.changeOne(`DELETE FROM sessions WHERE id = ? AND account = ?`, session, account)
	})
}

// RevokeSessions ends all sessions of an account.
func (s *Store) RevokeSessions(ctx context.Context, account string) error {
	return s.write(ctx, func(t *tx) error { return t.exec(endSessions, account) })
}
