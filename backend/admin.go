package backend

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"unicode/utf8"

	"securepush/api"
	"securepush/backend/store"
)

// minPasswordRunes is the least length of a password (NIST SP 800-63B).
const minPasswordRunes = 8

// Admin administers the accounts and sender keys of a data folder, whether a server runs on it or not. Its errors are an
// [*api.Problem] with words for the person, or a [*store.Failure].
type Admin struct {
	store  *store.Store
	hasher *hasher
}

// OpenAdmin opens a data folder; database is as in [Config].
func OpenAdmin(ctx context.Context, dir, database string) (*Admin, error) {
	st, err := openStore(ctx, dir, database, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return nil, err
	}
	return &Admin{store: st, hasher: newHasher()}, nil
}

// Close closes the database.
func (a *Admin) Close() error { return a.store.Close() }

// AddUser makes an account.
func (a *Admin) AddUser(ctx context.Context, name string, password api.Secret, claims []string) (store.Account, error) {
	if !userName.MatchString(name) {
		return store.Account{}, invalid("name", "A user name has up to 64 letters of English, digits and . _ @ -, and begins with a letter or digit.")
	}
	if err := checkClaims(claims); err != nil {
		return store.Account{}, err
	}
	hash, err := a.newHash(ctx, password)
	if err != nil {
		return store.Account{}, err
	}
	account, err := a.store.AddAccount(ctx, name, hash, claims)
	if errors.Is(err, store.ErrExists) {
		return account, api.NewProblem(api.CodeConflict, "There is a user "+name+" already.").Because(err)
	}
	return account, err
}

// ListUsers returns all accounts in order of name.
func (a *Admin) ListUsers(ctx context.Context) ([]store.Account, error) { return a.store.Accounts(ctx) }

// SetPassword changes a user's password and ends the user's sessions.
func (a *Admin) SetPassword(ctx context.Context, name string, password api.Secret) error {
	account, err := a.user(ctx, name)
	if err != nil {
		return err
	}
	hash, err := a.newHash(ctx, password)
	if err != nil {
		return err
	}
	return a.store.SetPassword(ctx, account.ID, hash)
}

// SetDisabled disables a user, which ends the user's sessions, or enables one.
func (a *Admin) SetDisabled(ctx context.Context, name string, disabled bool) error {
	account, err := a.user(ctx, name)
	if err != nil {
		return err
	}
	return a.store.SetDisabled(ctx, account.ID, disabled)
}

// AddKey makes a sender key. The secret is told this once.
func (a *Admin) AddKey(ctx context.Context, name string, claims []string) (store.SenderKey, api.Secret, error) {
	if err := (textField{name: "name", max: 64}).check(name); err != nil || name == "" {
		return store.SenderKey{}, api.Secret{}, invalid("name", "The name of a key has 1 to 64 bytes and no control characters.")
	}
	if len(claims) == 0 {
		return store.SenderKey{}, api.Secret{}, invalid("claims", "A key without a claim can do nothing. Give it send or manage.")
	}
	if err := checkClaims(claims); err != nil {
		return store.SenderKey{}, api.Secret{}, err
	}
	key, secret, err := a.store.AddSenderKey(ctx, name, claims)
	if errors.Is(err, store.ErrExists) {
		return key, secret, api.NewProblem(api.CodeConflict, "There is a key "+name+" already.").Because(err)
	}
	return key, secret, err
}

// ListKeys returns the sender keys in order of name.
func (a *Admin) ListKeys(ctx context.Context) ([]store.SenderKey, error) {
	return a.store.SenderKeys(ctx)
}

// RevokeKey removes a sender key by name.
func (a *Admin) RevokeKey(ctx context.Context, name string) error {
	err := a.store.RevokeSenderKey(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return api.NewProblem(api.CodeNotFound, "There is no key "+name+".").Because(err)
	}
	return err
}

func (a *Admin) user(ctx context.Context, name string) (store.Account, error) {
	account, err := a.store.AccountByName(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return account, api.NewProblem(api.CodeNotFound, "There is no user "+name+".").Because(err)
	}
	return account, err
}

func (a *Admin) newHash(ctx context.Context, password api.Secret) (api.Secret, error) {
	text := password.Reveal()
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) < minPasswordRunes || len(text) > maxPasswordBytes {
		return api.Secret{}, invalid("password", "A password has at least 8 characters and at most 1,024 bytes.")
	}
	hash, err := a.hasher.hash(ctx, password)
	return api.NewSecret(hash), err
}

func checkClaims(claims []string) error {
	for _, c := range claims {
		if !slices.Contains([]string{api.ClaimSend, api.ClaimManage}, c) {
			return invalid("claims", "A claim is send or manage, and not “"+clip(c, 32)+"”.")
		}
	}
	return nil
}
