package secure

import (
	"errors"

	"securepush/api"
)

// asProblem turns a vault's error into the problem that the session's callers decide by; problems stay what they are.
func asProblem(err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return p
	}
	v, ok := errors.AsType[*VaultError](err)
	if !ok {
		return api.NewProblem(api.CodeInternal, "").Because(err)
	}
	switch v.State {
	case VaultAbsent:
		return signInAgain(v)
	case VaultLocked:
		return api.NewProblem(api.CodeKeyringLocked, v.Words).Because(v)
	default:
		return api.NewProblem(api.CodeKeyringUnavailable, v.Words).Because(v)
	}
}

func signInAgain(cause error) error {
	if p, ok := errors.AsType[*api.Problem](cause); ok && p.Code == api.CodeSignInNeeded {
		return p
	}
	return api.NewProblem(api.CodeSignInNeeded, "Sign in to read your notifications.").Because(cause)
}

// renewProblem is a failed renewal for the caller of something else. Codes that would mean something about what the
// caller asked for, such as "not found", must not reach it.
func renewProblem(err error) error {
	p, ok := errors.AsType[*api.Problem](err)
	if !ok {
		return err
	}
	switch p.Code {
	case api.CodeUnreachable, api.CodeUntrusted, api.CodeUnknownServer, api.CodeTooManyRequests, api.CodeUnavailable, api.CodeInternal:
		return p
	}
	out := api.NewProblem(api.CodeUnavailable, "The server does not renew the sign-in right now.").Because(err)
	out.RetryAfter = p.RetryAfter
	return out
}

// tooLong says that the caller's time, or the session's, ended first.
func tooLong(cause error) error {
	return api.NewProblem(api.CodeUnavailable, "It took too long. Try again.").Because(cause)
}

// words is what a person is told about an error of vault or server.
func words(err error) string {
	if v, ok := errors.AsType[*VaultError](err); ok && api.CodeOf(err) == "" {
		return v.Words
	}
	return api.Words(err)
}
