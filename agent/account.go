package agent

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
	"securepush/secure"
)

// clearPatience bounds the wait for a listener that takes its toasts away and clears its journal.
const clearPatience = 30 * time.Second

// signIn signs in because the person asked for it, so the keyring may ask to be unlocked. at is the seat that the call is for.
func (a *Agent) signIn(ctx context.Context, at *seat, in local.SignInRequest) (local.Account, error) {
	base, err := api.ParseServer(in.Server)
	if err != nil {
		return local.Account{}, err
	}
	if in.User == "" {
		p := api.NewProblem(api.CodeInvalidField, "Enter your user name.")
		p.Field = "user"
		return local.Account{}, p
	}
	leave, err := a.enter(ctx)
	if err != nil {
		return local.Account{}, err
	}
	defer leave()
	ctx = secure.Interactive(ctx)
	st, err := a.seatToSignIn(base.String(), in.User, at, in.Add)
	if err != nil {
		return local.Account{}, err
	}
	account, err := st.signIn(ctx, base, in.User, api.NewSecret(in.Password))
	if e, ok := errors.AsType[*elsewhereError](err); ok { // by another name, or at another address of the same server
		a.dropUnused(ctx, st)
		st = e.seat
		account, err = st.signIn(ctx, base, in.User, api.NewSecret(in.Password))
	}
	if err != nil {
		a.dropUnused(ctx, st)
		return local.Account{}, err
	}
	a.join(st) //nolint:contextcheck // its listener outlives the call
	a.publishStatus()
	return localAccount(account), nil
}

// elsewhereError says that another seat has the account.
type elsewhereError struct{ seat *seat }

func (e *elsewhereError) Error() string { return "agent: the account has a seat" }

// accept looks at whose sign-in the server gave before it is kept: two seats with one account would be in each other's way. It notes
// the sign-in: should the agent end before it is the seat's, it is ended at the next start.
func (st *seat) accept(account secure.Account) error {
	if other := st.a.find(account.ID); other != nil && other != st {
		return &elsewhereError{other}
	}
	switch now := st.id(); {
	case now == account.ID: // it is signed in anew
		return nil
	case now == "" && st.number != firstSeat: // the seat is being made
		return st.changeProfile(func(p *profile) { p.SignedOut = []secure.Account{account} })
	case owes(st.a.first().readProfile(), account.ID):
		return nil
	}
	return st.a.owe(account)
}

// dropUnused removes a seat that was made for a sign-in which failed.
func (a *Agent) dropUnused(ctx context.Context, st *seat) {
	if st.number == firstSeat || st.id() != "" {
		return
	}
	if st.session.State().Account != nil && !st.session.SignOut(ctx).Pending() {
		_ = st.changeProfile(func(p *profile) { p.SignedOut = nil }) // otherwise it is tried again, and finds nothing
	}
	a.clearAway(st)
}

// signIn brings an account to the seat, in place of one that was there.
func (st *seat) signIn(ctx context.Context, base *url.URL, user string, password api.Secret) (secure.Account, error) {
	w, err := st.a.newClient(base).WellKnown(ctx)
	if err != nil {
		return secure.Account{}, err
	}
	before, owed := st.readProfile(), st.a.first().readProfile()
	account, err := st.session.SignIn(ctx, base, user, password)
	if err != nil {
		return secure.Account{}, err
	}
	if before.Account != nil && before.Account.ID != account.ID {
		// Another person: nothing of the one before may stay. What the session could not do of it is done later.
		st.leaveBehind(ctx, before)
		st.forget(ctx, before.Account.ID)
	}
	st.setSealer(nil)
	order, colour := before.Order, before.Colour
	if before.Account == nil {
		order, colour = st.a.nextPlace()
	}
	err = st.changeProfile(func(p *profile) {
		p.Account, p.Order, p.Colour = &account, order, colour
		p.PushURL, p.VAPIDKey = w.PushURL, w.VAPIDPublicKey
		if p.Installation == "" || before.Account == nil || before.Account.ID != account.ID {
			p.Installation = newInstallationID()
		}
		if st.number != firstSeat {
			p.SignedOut = nil // it is kept now
		}
	})
	if err == nil && !owes(owed, account.ID) {
		err = st.a.settle(account.ID)
	}
	if err != nil {
		return secure.Account{}, err
	}
	st.unseal(ctx)
	st.tell(pushlistener.SignedIn{Account: account.ID})
	if d := st.present(); d != nil {
		d.edge.restart()
	}
	return account, nil
}

// leaveBehind notes that the sign-out of a seat's account is to be finished later.
func (st *seat) leaveBehind(ctx context.Context, before profile) {
	left := *before.Account
	left.Installation = before.Installation
	if err := st.a.owe(left); err != nil {
		st.log.ErrorContext(ctx, "a sign-out cannot be noted", slog.Any("error", err))
	}
}

// clearJournal forgets what came for an account. A listener also takes the toasts away, and lets no late write through.
func (st *seat) clearJournal(ctx context.Context) {
	clean := func(context.Context) error { return st.journal.Clear() }
	if d := st.present(); d != nil && !d.ended() {
		clean = d.listener.SignOut
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearPatience) // whoever asked may have gone
	defer cancel()
	if err := clean(ctx); err != nil {
		st.log.ErrorContext(ctx, "the journal cannot be cleared", slog.Any("error", err))
	}
}

// forget clears what is kept of an account that is not signed in any more.
func (st *seat) forget(ctx context.Context, id string) {
	st.clearJournal(ctx)
	st.forgetKeys(ctx, id)
	if err := st.changeProfile(func(p *profile) { *p = profile{SignedOut: p.SignedOut, Last: p.Last} }); err != nil {
		st.log.ErrorContext(ctx, "the account record cannot be written", slog.Any("error", err))
	}
	st.a.forgetChoices(id)
}

// forgetKeys removes the key of what is kept, and what is in memory.
func (st *seat) forgetKeys(ctx context.Context, id string) {
	if err := secure.ForgetSealer(ctx, st.a.vault, id); err != nil {
		st.log.WarnContext(ctx, "the journal's key is still in the keyring", slog.Any("error", err))
	}
	st.setSealer(nil)
	st.history.clear()
}

// signOut unregisters the device, ends the sign-in and clears what is kept. What the server or the keyring did not
// confirm is tried again later; here everything is gone at once.
func (a *Agent) signOut(ctx context.Context, st *seat) error {
	return a.signOutOf(ctx, st, st.id()) // while it waits another one may take the seat
}

// signOutOf is signOut while the seat has the account that is meant; another one it leaves alone.
func (a *Agent) signOutOf(ctx context.Context, st *seat, meant string) error {
	leave, err := a.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	before := st.readProfile()
	if before.Account == nil || before.Account.ID != meant {
		return nil
	}
	ctx = secure.Interactive(ctx)
	if err := st.ready(ctx); err != nil {
		st.log.DebugContext(ctx, "signing out without the stored sign-in", slog.Any("error", err))
	}
	st.tell(pushlistener.Display{Quiet: true}) // nobody is asked to sign in now
	c, noClient := st.client()
	if st.number != firstSeat {
		st.noteLeaving(ctx, before)
	}
	if noClient == nil && before.Installation != "" {
		if err := c.DeleteInstallation(ctx, before.Installation); err != nil {
			st.log.WarnContext(ctx, "the device could not be unregistered", slog.Any("error", err))
		}
	}
	result := st.session.SignOut(ctx)
	if result.Pending() {
		st.log.WarnContext(ctx, "the sign-out is not complete; it will be tried again",
			slog.Bool("revoked", result.Revoked), slog.Bool("removed", result.Removed), slog.Any("error", result.Cause))
		st.leaveBehind(ctx, before)
	}
	a.rememberLast(ctx, *before.Account)
	id := before.Account.ID
	if st.number == firstSeat {
		st.forget(ctx, id)
		if d := st.present(); d != nil {
			d.edge.restart()
		}
		st.tell(st.display())
	} else {
		st.forgetKeys(ctx, id)
		if !result.Pending() {
			_ = st.changeProfile(func(p *profile) { p.SignedOut = nil }) // otherwise it is tried again, and finds nothing
		}
		a.part(ctx, st)
		a.forgetChoices(id)
	}
	a.publishStatus()
	a.changes.publish(local.Change{Kind: local.ChangeInbox, Account: id})
	return nil
}

// rememberLast keeps the server and the user of an account that is being signed out.
func (a *Agent) rememberLast(ctx context.Context, left secure.Account) {
	err := a.first().changeProfile(func(p *profile) { p.Last = &local.LastSignIn{Server: left.Server, User: left.User} })
	if err != nil {
		a.log.WarnContext(ctx, "the server and user of an account that was signed out cannot be kept", slog.Any("error", err))
	}
}

// noteLeaving begins the sign-out of a further seat: from here on it goes, whatever becomes of this process.
func (st *seat) noteLeaving(ctx context.Context, before profile) {
	left := *before.Account
	left.Installation = before.Installation
	if err := st.changeProfile(func(p *profile) { *p = profile{SignedOut: []secure.Account{left}} }); err != nil {
		st.log.ErrorContext(ctx, "the account record cannot be written", slog.Any("error", err))
	}
}

// unlock asks the keyring to open, because the person asked for it.
func (st *seat) unlock(ctx context.Context) error {
	if err := st.session.Load(secure.Interactive(ctx)); err != nil {
		return err
	}
	st.unseal(secure.Interactive(ctx))
	st.tell(pushlistener.KeyringUnlocked{})
	for _, other := range st.a.members() { // it is open for all of them now, and a person is asked once
		if other != st {
			other.loadSession(ctx)
		}
	}
	st.a.publishStatus()
	return nil
}

// loadSession reads the sign-in from the keyring without prompting, and tells the listener what came of it.
func (st *seat) loadSession(ctx context.Context) {
	err := st.session.Load(ctx)
	if err == nil && st.readProfile().Account != nil {
		st.unseal(ctx)
		st.tell(pushlistener.KeyringUnlocked{})
	}
	if err != nil {
		st.log.InfoContext(ctx, "the sign-in cannot be read", slog.Any("error", err))
	}
}

// sessionChanged is called by the session, one call at a time.
func (st *seat) sessionChanged(s secure.Status) {
	if s.State == secure.StateEnded {
		st.tell(pushlistener.SignInEnded{})
	}
	st.log.Info("session", slog.String("state", s.State.String()), slog.Bool("memory_only", s.MemoryOnly))
	if st.present() != nil {
		st.a.publishStatus()
	}
}

// unseal gets the key of the kept content. Without it content is shown all the same, but not kept.
func (st *seat) unseal(ctx context.Context) {
	account := st.readProfile().Account
	if account == nil {
		return
	}
	s, err := secure.NewSealer(ctx, st.a.vault, account.ID)
	if err != nil {
		st.log.InfoContext(ctx, "the journal's key cannot be had yet", slog.Any("error", err))
		return
	}
	st.setSealer(s)
}

func (st *seat) setSealer(s *secure.Sealer) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.sealer = s
}

// currentSealer is nil, as an interface, while there is no key.
func (st *seat) currentSealer() pushlistener.Sealer {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.sealer == nil {
		return nil
	}
	return st.sealer
}

func localAccount(s secure.Account) local.Account {
	return local.Account{ID: s.ID, Server: s.Server, ServerName: s.ServerName, User: s.User, Claims: s.Claims, Device: deviceName()}
}

// asProblem finds an error's problem.
func asProblem(err error, p **api.Problem) bool { return errors.As(err, p) }

func asVaultError(err error) (*secure.VaultError, bool) {
	return errors.AsType[*secure.VaultError](err)
}
