package agent

import (
	"context"
	"errors"
	"log/slog"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
	"securepush/secure"
)

// signIn signs in because the person asked for it, so the keyring may ask to be unlocked.
func (a *Agent) signIn(ctx context.Context, server, user string, password api.Secret) (local.Account, error) {
	base, err := api.ParseServer(server)
	if err != nil {
		return local.Account{}, err
	}
	if user == "" {
		p := api.NewProblem(api.CodeInvalidField, "Enter your user name.")
		p.Field = "user"
		return local.Account{}, p
	}
	ctx = secure.Interactive(ctx)
	w, err := a.newClient(base).WellKnown(ctx)
	if err != nil {
		return local.Account{}, err
	}
	before := a.readProfile()
	account, err := a.session.SignIn(ctx, base, user, password)
	if err != nil {
		return local.Account{}, err
	}
	if before.Account != nil && before.Account.ID != account.ID {
		// Another person: nothing of the one before may stay. What the session could not do of it is done later.
		left := *before.Account
		left.Installation = before.Installation
		before.SignedOut = append(before.SignedOut, left)
		a.forget(ctx, before)
	}
	a.setSealer(nil)
	err = a.changeProfile(func(p *profile) {
		p.Account = &account
		p.PushURL, p.VAPIDKey = w.PushURL, w.VAPIDPublicKey
		if p.Installation == "" || before.Account == nil || before.Account.ID != account.ID {
			p.Installation = newInstallationID()
		}
	})
	if err != nil {
		return local.Account{}, err
	}
	a.unseal(ctx)
	a.tell(pushlistener.SignedIn{Account: account.ID})
	if l := a.present(); l != nil {
		l.edge.restart()
	}
	a.publishStatus()
	return a.localAccount(account), nil
}

// forget clears what is kept of an account that is not signed in any more.
func (a *Agent) forget(ctx context.Context, before profile) {
	clean := func(context.Context) error { return a.journal.Clear() }
	if l := a.present(); l != nil {
		clean = l.listener.SignOut // which also takes the toasts away, and lets no late write through
	}
	if err := clean(ctx); err != nil {
		a.log.ErrorContext(ctx, "the journal cannot be cleared", slog.Any("error", err))
	}
	if before.Account != nil {
		if err := secure.ForgetSealer(ctx, a.vault, before.Account.ID); err != nil {
			a.log.WarnContext(ctx, "the journal's key is still in the keyring", slog.Any("error", err))
		}
	}
	a.setSealer(nil)
	a.history.clear()
	if err := a.changeProfile(func(p *profile) { *p = profile{SignedOut: before.SignedOut} }); err != nil {
		a.log.ErrorContext(ctx, "the account record cannot be written", slog.Any("error", err))
	}
}

// signOut unregisters the device, ends the sign-in and clears what is kept. What the server or the keyring did not
// confirm is tried again later; here everything is gone at once.
func (a *Agent) signOut(ctx context.Context) {
	before := a.readProfile()
	if before.Account == nil {
		return
	}
	ctx = secure.Interactive(ctx)
	if err := a.ready(ctx); err != nil {
		a.log.DebugContext(ctx, "signing out without the stored sign-in", slog.Any("error", err))
	}
	if c, err := a.client(); err == nil && before.Installation != "" {
		if err := c.DeleteInstallation(ctx, before.Installation); err != nil {
			a.log.WarnContext(ctx, "the device could not be unregistered", slog.Any("error", err))
		}
	}
	result := a.session.SignOut(ctx)
	if result.Pending() {
		a.log.WarnContext(ctx, "the sign-out is not complete; it will be tried again",
			slog.Bool("revoked", result.Revoked), slog.Bool("removed", result.Removed), slog.Any("error", result.Cause))
		pending := *before.Account
		pending.Installation = before.Installation
		before.SignedOut = append(before.SignedOut, pending)
	}
	a.forget(ctx, before)
	if l := a.present(); l != nil {
		l.edge.restart()
	}
	a.publishStatus()
	a.changes.publish(local.Change{Kind: local.ChangeInbox})
}

// finishSignOuts tries again what earlier sign-outs left.
func (a *Agent) finishSignOuts(ctx context.Context) {
	for _, account := range a.readProfile().SignedOut {
		result := a.session.FinishSignOut(ctx, account)
		if result.Pending() {
			continue
		}
		err := a.changeProfile(func(p *profile) {
			var rest []secure.Account
			for _, other := range p.SignedOut {
				if other.ID != account.ID {
					rest = append(rest, other)
				}
			}
			p.SignedOut = rest
		})
		if err != nil {
			a.log.ErrorContext(ctx, "the account record cannot be written", slog.Any("error", err))
		}
	}
}

// unlock asks the keyring to open, because the person asked for it.
func (a *Agent) unlock(ctx context.Context) error {
	ctx = secure.Interactive(ctx)
	if err := a.session.Load(ctx); err != nil {
		return err
	}
	a.unseal(ctx)
	a.tell(pushlistener.KeyringUnlocked{})
	a.publishStatus()
	return nil
}

// loadSession reads the sign-in from the keyring without prompting, and tells the listener what came of it.
func (a *Agent) loadSession(ctx context.Context) {
	err := a.session.Load(ctx)
	if err == nil && a.readProfile().Account != nil {
		a.unseal(ctx)
		a.tell(pushlistener.KeyringUnlocked{})
	}
	if err != nil {
		a.log.InfoContext(ctx, "the sign-in cannot be read", slog.Any("error", err))
	}
}

// sessionChanged is called by the session, one call at a time.
func (a *Agent) sessionChanged(s secure.Status) {
	if s.State == secure.StateEnded {
		a.tell(pushlistener.SignInEnded{})
	}
	a.log.Info("session", slog.String("state", s.State.String()), slog.Bool("memory_only", s.MemoryOnly))
	if a.present() != nil {
		a.publishStatus()
	}
}

// unseal gets the key of the kept content. Without it content is shown all the same, but not kept.
func (a *Agent) unseal(ctx context.Context) {
	account := a.readProfile().Account
	if account == nil {
		return
	}
	s, err := secure.NewSealer(ctx, a.vault, account.ID)
	if err != nil {
		a.log.InfoContext(ctx, "the journal's key cannot be had yet", slog.Any("error", err))
		return
	}
	a.setSealer(s)
}

func (a *Agent) setSealer(s *secure.Sealer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sealer = s
}

// currentSealer is nil, as an interface, while there is no key.
func (a *Agent) currentSealer() pushlistener.Sealer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sealer == nil {
		return nil
	}
	return a.sealer
}

func (a *Agent) localAccount(s secure.Account) local.Account {
	return local.Account{ID: s.ID, Server: s.Server, ServerName: s.ServerName, User: s.User, Claims: s.Claims, Device: deviceName()}
}

// asProblem finds an error's problem.
func asProblem(err error, p **api.Problem) bool { return errors.As(err, p) }

func asVaultError(err error) (*secure.VaultError, bool) {
	return errors.AsType[*secure.VaultError](err)
}
