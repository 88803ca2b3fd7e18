package agent

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
	"securepush/secure"
)

// maxSeat bounds the numbers of seats. Folders of other names are not ours.
const maxSeat = 99

// openFurther opens the seats beside the first. One without an account is what a crash in the middle of signing in or out left:
// what it owes is noted, and it goes. One that cannot be opened is left alone, and the others work.
func (a *Agent) openFurther() error {
	entries, err := os.ReadDir(a.o.Paths.accounts())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var numbers []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && n > firstSeat && n <= maxSeat && strconv.Itoa(n) == e.Name() && e.IsDir() {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		st, err := a.openSeat(n)
		switch {
		case err != nil:
			a.log.Error("an account cannot be opened", slog.Int("seat", n), slog.Any("error", err))
			a.unopened++
		case st.id() == "":
			a.clearAway(st)
		case len(a.seats) == local.MaxAccounts || a.find(st.id()) != nil:
			a.log.Error("an account is here twice, or there are too many", slog.Int("seat", n), slog.Any("error", st.close()))
			a.unopened++
		default:
			a.seats = append(a.seats, st)
		}
	}
	return nil
}

// clearAway removes a further seat that has no account.
func (a *Agent) clearAway(st *seat) {
	for _, left := range st.readProfile().SignedOut {
		if err := a.owe(left); err != nil {
			a.log.Error("a sign-out cannot be noted", slog.Any("error", err))
			a.closeOne(st)
			return // it is noted here
		}
	}
	a.closeOne(st)
	if err := os.RemoveAll(st.dir); err != nil {
		a.log.Error("the files of an account that is gone cannot be removed", slog.Int("seat", st.number), slog.Any("error", err))
	}
}

func (a *Agent) closeOne(st *seat) {
	if err := st.close(); err != nil {
		a.log.Warn("a journal cannot be closed", slog.Int("seat", st.number), slog.Any("error", err))
	}
}

func (a *Agent) closeSeats() error {
	var errs []error
	for _, st := range slices.Backward(a.all()) { // the first holds the lock
		errs = append(errs, st.close())
	}
	return errors.Join(errs...)
}

// all are the seats, the first one first, whether somebody is signed in or not.
func (a *Agent) all() []*seat {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.seats)
}

func (a *Agent) first() *seat { return a.all()[0] }

// members are the seats with an account, in the order in which those were added.
func (a *Agent) members() []*seat {
	type member struct {
		*seat
		order int
	}
	var found []member
	for _, st := range a.all() {
		if p := st.readProfile(); p.Account != nil {
			found = append(found, member{st, p.Order})
		}
	}
	slices.SortStableFunc(found, func(x, y member) int { return cmp.Compare(x.order, y.order) })
	out := make([]*seat, len(found))
	for i, m := range found {
		out[i] = m.seat
	}
	return out
}

// find returns the seat of an account, or nil.
func (a *Agent) find(id string) *seat {
	for _, st := range a.all() {
		if id != "" && st.id() == id {
			return st
		}
	}
	return nil
}

// usual is the seat of a call that names no account: the first one that has one.
func (a *Agent) usual() *seat {
	if m := a.members(); len(m) > 0 {
		return m[0]
	}
	return a.first()
}

// named is the seat of an account, and for "" the usual one.
func (a *Agent) named(id string) (*seat, error) {
	if id == "" {
		return a.usual(), nil
	}
	if st := a.find(id); st != nil {
		return st, nil
	}
	return nil, api.NewProblem(api.CodeNotFound, "There is no such account on this device.")
}

// enter waits until nobody else signs in or out. The caller calls the function it gets when done.
func (a *Agent) enter(ctx context.Context) (leave func(), err error) {
	select {
	case a.entering <- struct{}{}:
		return func() { <-a.entering }, nil
	case <-ctx.Done():
		return nil, api.NewProblem(api.CodeUnavailable, "Another sign-in or sign-out is under way. Try again.").Because(ctx.Err())
	}
}

// seatToSignIn decides where a sign-in belongs. The caller has entered.
func (a *Agent) seatToSignIn(server, user string, at *seat, add bool) (*seat, error) {
	members := a.members()
	for _, st := range members {
		if p := st.readProfile(); p.Account != nil && p.Account.Server == server && p.Account.User == user {
			return st, nil
		}
	}
	switch {
	case !add && slices.Contains(a.all(), at):
		return at, nil
	case a.first().id() == "": // also when the one that was meant is gone: it takes nobody else's place
		return a.first(), nil
	case len(members) >= local.MaxAccounts:
		return nil, api.NewProblem(api.CodeBadRequest,
			"There are "+strconv.Itoa(local.MaxAccounts)+" accounts on this device already. Sign one of them out first.")
	}
	return a.openSeat(a.freeNumber())
}

// freeNumber is the least of which there is no folder.
func (a *Agent) freeNumber() int {
	n := firstSeat + 1
	for ; n < maxSeat; n++ {
		if _, err := os.Lstat(a.o.Paths.seat(n)); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	return n
}

// join makes a seat that has an account now one of the agent's.
func (a *Agent) join(st *seat) {
	a.mu.Lock()
	known := slices.Contains(a.seats, st)
	if !known {
		a.seats = append(a.seats, st)
	}
	l := a.live
	a.mu.Unlock()
	if known {
		return
	}
	st.sweep(keepDays(a.settings.get()))
	if l == nil {
		return
	}
	if err := st.takeUp(l); err != nil {
		a.log.Error("a listener cannot be started", slog.Int("seat", st.number), slog.Any("error", err))
		return
	}
	l.shift.begin(st)
}

// part removes a further seat whose account is gone, with all its files.
func (a *Agent) part(ctx context.Context, st *seat) {
	if d := st.present(); d != nil {
		st.clearJournal(ctx)
		d.stop()
		<-d.done
		st.setDuty(nil)
	}
	a.mu.Lock()
	a.seats = slices.DeleteFunc(slices.Clone(a.seats), func(other *seat) bool { return other == st })
	a.mu.Unlock()
	a.clearAway(st)
}

// owe notes an account whose sign-out has to be finished later. The first seat keeps the list.
func (a *Agent) owe(left secure.Account) error {
	return a.first().changeProfile(func(p *profile) {
		p.SignedOut = append(without(p.SignedOut, left.ID), left)
	})
}

// owes says whether a sign-out of an account has to be finished later.
func owes(p profile, id string) bool {
	return slices.ContainsFunc(p.SignedOut, func(a secure.Account) bool { return a.ID == id })
}

// settle takes an account off the list.
func (a *Agent) settle(id string) error {
	if !owes(a.first().readProfile(), id) {
		return nil
	}
	return a.first().changeProfile(func(p *profile) { p.SignedOut = without(p.SignedOut, id) })
}

// without is the list without an account, and shares nothing with it.
func without(list []secure.Account, id string) []secure.Account {
	var rest []secure.Account
	for _, account := range list {
		if account.ID != id {
			rest = append(rest, account)
		}
	}
	return rest
}

// finishSignOuts tries again what earlier sign-outs left.
func (a *Agent) finishSignOuts(ctx context.Context) {
	for _, account := range a.first().readProfile().SignedOut {
		if err := a.finishSignOut(ctx, account); err != nil {
			a.log.ErrorContext(ctx, "a sign-out cannot be finished", slog.Any("error", err))
		}
	}
}

// finishSignOut keeps others from signing in meanwhile: an account that came back must not lose its new sign-in.
func (a *Agent) finishSignOut(ctx context.Context, account secure.Account) error {
	leave, err := a.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	at := a.find(account.ID) // its session leaves alone what it has now
	gone := at == nil
	if gone {
		at = a.first()
	}
	if at.session.FinishSignOut(ctx, account).Pending() {
		return nil
	}
	if gone {
		if err := secure.ForgetSealer(ctx, a.vault, account.ID); err != nil {
			return err
		}
		a.forgetChoices(account.ID)
	}
	return a.settle(account.ID)
}

// tellAll hands an event to every listener.
func (a *Agent) tellAll(e pushlistener.Event) {
	for _, st := range a.all() {
		st.tell(e)
	}
}

// displayAnew tells every listener how much its toasts may show now.
func (a *Agent) displayAnew() {
	for _, st := range a.all() {
		st.tell(st.display())
	}
}

// eachEdge calls f for the push connection of every seat that listens.
func (a *Agent) eachEdge(f func(*edge)) {
	for _, st := range a.all() {
		if d := st.present(); d != nil {
			f(d.edge)
		}
	}
}

// publishInbox says that the inbox changed.
func (st *seat) publishInbox() {
	st.a.changes.publish(local.Change{Kind: local.ChangeInbox, Account: st.id()})
}

// accounts is the folder of the further seats' folders.
func (p Paths) accounts() string { return filepath.Join(p.StateDir, "accounts") }

// seat is the folder of a seat's files.
func (p Paths) seat(number int) string {
	if number == firstSeat {
		return p.StateDir
	}
	return filepath.Join(p.accounts(), strconv.Itoa(number))
}
