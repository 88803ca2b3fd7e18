package agent

import (
	"context"

	"securepush/api"
	"securepush/secure"
)

// tokensOf are the session's tokens while they are those of one account. While another account signs in, what is asked
// of the server of the one before must not carry the tokens of the next to it, nor take its refusal for theirs.
type tokensOf struct {
	session *secure.Session
	account secure.Account
}

var _ api.TokenSource = tokensOf{}

// Token returns the access token.
func (t tokensOf) Token(ctx context.Context) (api.Secret, error) {
	return t.ours(func() (api.Secret, error) { return t.session.Token(ctx) })
}

// Renew returns another one than the refused.
func (t tokensOf) Renew(ctx context.Context, refused api.Secret) (api.Secret, error) {
	return t.ours(func() (api.Secret, error) { return t.session.Renew(ctx, refused) })
}

// ours looks before, so that nothing is asked of the other account, and after, because it may have changed meanwhile.
func (t tokensOf) ours(get func() (api.Secret, error)) (api.Secret, error) {
	if err := t.check(); err != nil {
		return api.Secret{}, err
	}
	token, err := get()
	if changed := t.check(); changed != nil {
		return api.Secret{}, changed
	}
	return token, err
}

func (t tokensOf) check() error {
	now := t.session.State().Account
	if now != nil && (now.ID != t.account.ID || now.Server != t.account.Server) {
		return api.NewProblem(api.CodeUnavailable, "Another account is being signed in. Try again.")
	}
	return nil
}
