package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"securepush/api"
	"securepush/backend/hub/record"
)

const accountColumns = `id, name, password, claims, disabled, created`

func scanAccount(scan scan) (Account, error) {
	var (
		a                Account
		password, claims string
		created          int64
	)
	err := scan(&a.ID, &a.Name, &password, &claims, &a.Disabled, &created)
	a.PasswordHash, a.Claims, a.CreatedAt = api.NewSecret(password), strings.Fields(claims), toTime(created)
	return a, err
}

// joinClaims writes claims as the database keeps them. A space inside one would make two of it.
func joinClaims(claims []string) (string, error) {
	for _, c := range claims {
		if len(strings.Fields(c)) != 1 || strings.TrimSpace(c) != c {
			return "", fmt.Errorf("store: not a claim: %q", c)
		}
	}
	return strings.Join(claims, " "), nil
}

// AddAccount makes an account. ErrExists: the name is taken (names differ in more than case).
func (s *Store) AddAccount(ctx context.Context, name string, passwordHash api.Secret, claims []string) (Account, error) {
	joined, err := joinClaims(claims)
	if err != nil {
		return Account{}, err
	}
	now := s.now()
	a := Account{
		ID: uuid.NewString(), Name: name, PasswordHash: passwordHash, Claims: strings.Fields(joined), CreatedAt: toTime(now),
	}
	err = s.write(ctx, func(t *tx) error {
		err := t.exec(`INSERT INTO accounts (id, name, folded, password, claims, created) VALUES (?, ?, ?, ?, ?, ?)`,
			a.ID, name, record.Fold(name), passwordHash.Reveal(), joined, now)
		if isUnique(err) {
			return ErrExists
		}
		return err
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

// Account returns the account of an ID, or ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (Account, error) {
	return s.account(ctx, `SELECT `+accountColumns+` FROM accounts WHERE id = ?`, id)
}

// AccountByName returns the account of a name, whatever its case, or ErrNotFound.
func (s *Store) AccountByName(ctx context.Context, name string) (Account, error) {
	return s.account(ctx, `SELECT `+accountColumns+` FROM accounts WHERE folded = ?`, record.Fold(name))
}

func (s *Store) account(ctx context.Context, text, arg string) (a Account, err error) {
	err = s.queryRow(ctx, ErrNotFound, func(scan scan) (err error) {
		a, err = scanAccount(scan)
		return err
	}, text, arg)
	return a, err
}

// Accounts returns all accounts in order of name.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) {
	var all []Account
	err := s.query(ctx, func(scan scan) error {
		a, err := scanAccount(scan)
		all = append(all, a)
		return err
	}, `SELECT `+accountColumns+` FROM accounts ORDER BY folded`)
	return all, err
}

// SetPassword changes a password hash and ends all sessions of the account. ErrNotFound.
func (s *Store) SetPassword(ctx context.Context, id string, passwordHash api.Secret) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.changeOne(`UPDATE accounts SET password = ? WHERE id = ?`, passwordHash.Reveal(), id); err != nil {
			return err
		}
		return t.exec(endSessions, id)
	})
}

// SetDisabled disables an account, which ends all its sessions, or enables it. ErrNotFound.
func (s *Store) SetDisabled(ctx context.Context, id string, disabled bool) error {
	return s.write(ctx, func(t *tx) error {
		err := t.changeOne(`UPDATE accounts SET disabled = ? WHERE id = ?`, disabled, id)
		if err != nil || !disabled {
			return err
		}
		return t.exec(endSessions, id)
	})
}

// SetClaims replaces the claims of an account; they hold for its running sessions at once. ErrNotFound.
func (s *Store) SetClaims(ctx context.Context, id string, claims []string) error {
	joined, err := joinClaims(claims)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		return t.changeOne(`UPDATE accounts SET claims = ? WHERE id = ?`, joined, id)
	})
}
