package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"securepush/api"
	"securepush/pushlistener"
	"securepush/secure"
)

// firstSeat is the number of the seat whose files stand where those of the only account stood before there were several.
const firstSeat = 1

// seat is all that the agent has of one account: its journal, its sign-in, and while the agent listens its listener. Nothing of it
// is shared with another one. It is safe for concurrent use.
type seat struct {
	a       *Agent
	number  int    // of its folder, and in the tags of its toasts
	dir     string // its files
	log     *slog.Logger
	journal *pushlistener.Journal
	session *secure.Session
	history history

	mu      sync.Mutex
	profile profile
	sealer  *secure.Sealer // nil until the keyring gave the key
	duty    *duty          // nil when not listening
	inboxAt time.Time      // when the inbox last changed
}

// duty is what only a seat that listens has.
type duty struct {
	listener *pushlistener.Listener
	edge     *edge
	stop     context.CancelFunc
	done     chan struct{} // closed when the listener has ended
}

// ended says whether the listener has ended.
func (d *duty) ended() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// openSeat opens the files of a seat, or makes them, and asks neither keyring nor server.
func (a *Agent) openSeat(number int) (*seat, error) {
	st := &seat{a: a, number: number, dir: a.o.Paths.seat(number), log: a.log}
	if number != firstSeat {
		st.log = a.log.With(slog.Int("seat", number))
	}
	var err error
	st.journal, err = pushlistener.OpenJournal(filepath.Join(st.dir, journalName), pushlistener.JournalOptions{Now: a.now})
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	if aside := st.journal.SetAside(); aside != "" {
		st.log.Warn("the journal was damaged: it was set aside and a new one begun", slog.String("file", filepath.Base(aside)))
	}
	if err = st.loadProfile(); err != nil {
		return nil, errors.Join(err, st.journal.Close())
	}
	st.session = secure.OpenSession(secure.SessionOptions{
		Vault: a.vault, Client: a.newClient, Account: st.profile.Account, Accept: st.accept,
		Installation: func() string { return st.readProfile().Installation },
		LockFile:     filepath.Join(st.dir, "session.lock"),
		Changed:      st.sessionChanged, Logger: st.log, Now: a.now,
	})
	return st, nil
}

// close ends the session's background work and lets go of the journal. What is stored stays.
func (st *seat) close() error {
	st.session.Close()
	return st.journal.Close()
}

// id is the account's; "" while there is none.
func (st *seat) id() string {
	if p := st.readProfile(); p.Account != nil {
		return p.Account.ID
	}
	return ""
}

// tagPrefix stands before the tags of this seat's toasts, so that they are told from those of others. Tags of the listener have no
// dot.
func (st *seat) tagPrefix() string {
	if st.number == firstSeat {
		return "" // as before there were several: a toast that stands is replaced in place
	}
	return strconv.Itoa(st.number) + "."
}

// client is the signed-in account's client.
func (st *seat) client() (*api.Client, error) {
	account := st.readProfile().Account
	if account == nil {
		return nil, api.NewProblem(api.CodeSignInNeeded, "Sign in first.")
	}
	base, err := api.ParseServer(account.Server)
	if err != nil {
		return nil, err
	}
	c := st.a.newClient(base)
	c.Tokens = tokensOf{st.session, *account}
	return c, nil
}

// present returns the parts of the running listener, or nil.
func (st *seat) present() *duty {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.duty
}

func (st *seat) setDuty(d *duty) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.duty = d
}

// tell hands an event to the listener, if one runs.
func (st *seat) tell(e pushlistener.Event) {
	if d := st.present(); d != nil {
		d.listener.Tell(e)
	}
}

// ready loads the sign-in from the keyring for a command that acts once. A running listener has it already.
func (st *seat) ready(ctx context.Context) error {
	if st.present() != nil {
		return nil
	}
	return st.session.Load(ctx)
}
