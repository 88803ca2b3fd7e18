package secure

import (
	"context"
	"log/slog"
	"net/url"
	"reflect"
	"sync"
	"time"

	"securepush/api"
)

// State is the state of the session.
type State int

// The states of the session.
const (
	StateNever   State = iota // nobody is signed in here
	StateActive               // signed in
	StateEnded                // the sign-in is over: the person signs in again
	StateLocked               // the keyring that holds the sign-in is locked
	StateUnknown              // the keyring that holds the sign-in cannot be asked, or was not asked yet
)

// String names the state as the local protocol does.
func (s State) String() string {
	switch s {
	case StateNever:
		return "never"
	case StateActive:
		return "active"
	case StateEnded:
		return "ended"
	case StateLocked:
		return "locked"
	case StateUnknown:
	}
	return "unknown"
}

// Account is who is signed in, or was. Nothing in it is secret.
//
// Example: {"id":"6f1c0c1e-…","server":"https://push.example.org","serverName":"Clinic","user":"anna","claims":["send"]}.
type Account struct {
	ID         string   `json:"id"` // UUID in lower case
	Server     string   `json:"server"`
	ServerName string   `json:"serverName"`
	User       string   `json:"user"`
	Claims     []string `json:"claims,omitempty"`
	// Installation is the device that has to be unregistered when a sign-out is finished later; otherwise empty.
	Installation string `json:"installation,omitempty"`
}

// Status is what can be told about a session.
type Status struct {
	State   State
	Account *Account // nil with StateNever
	// MemoryOnly says that the sign-in could not be written to the keyring: it ends with the process. Writing is retried.
	MemoryOnly bool
	// Ends is when the sign-in ends, however often it is renewed, to the minute; zero unless that is soon.
	Ends  time.Time
	Words string // why it is not plainly active, for the person; empty when it is
	Cause error  // the same for the log
}

// SessionOptions configure a session. Vault and Client are needed.
type SessionOptions struct {
	Vault Vault
	// Client makes the client of a server, without tokens: the session uses it for sign-in, renewal and revocation.
	Client func(base *url.URL) *api.Client
	// Account is who was signed in when the process last ran; nil for nobody.
	Account *Account
	// Installation is this device, which is unregistered when another account takes the place of the one before; nil or
	// empty: nothing is.
	Installation func() string
	// Accept may refuse an account that signs in, before anything of it is kept: the new sign-in is then ended at its server, the
	// session stays as it was, and SignIn returns the error. Of the session's methods it may call State only. nil: all are accepted.
	Accept func(Account) error
	// LockFile is locked around each read–renew–write of the stored sign-in, against other processes; empty: no lock.
	LockFile string
	// Changed is called after each change of the status, one call at a time. It must return soon, and of the session's
	// methods it may call State only.
	Changed func(Status)
	Logger  *slog.Logger     // nil: nothing is logged
	Now     func() time.Time // nil: time.Now
}

// Session owns the tokens of one sign-in. It is an api.TokenSource, safe for concurrent use.
//
// The access token lives in memory only; the refresh token in the vault, and in memory as long as the process. A renewal
// stores the successor before anything can present it. Only the server's invalid_grant, or an empty place in the keyring
// where the sign-in should be, ends a sign-in; a keyring that does not work never does.
type Session struct {
	opt SessionOptions
	log *slog.Logger

	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	tasks sync.WaitGroup
	op    chan struct{} // has room for one: whoever changes the sign-in or talks to the vault fills it

	notify sync.Mutex // held while Changed runs; taken before mu
	told   Status     // what Changed was last told

	mu      sync.Mutex // guards what follows
	st      Status
	held    tokens
	flight  *flight // the renewal under way
	keeping bool    // a task retries to store the sign-in
	closed  bool
}

// tokens is what the session holds of a sign-in.
type tokens struct {
	access   api.Secret
	expires  time.Time     // of access, wall clock
	lifetime time.Duration // of access when it was issued
	refresh  api.Secret
	unsaved  bool // refresh is newer than what the vault holds
	over     bool // the server has ended the sign-in: the vault is not asked again

	refusal error     // why the last renewal failed
	retryAt time.Time // not before, as far as it can wait
}

// OpenSession makes the session of an account, or of nobody yet. It asks neither vault nor server; see [Session.Load].
func OpenSession(o SessionOptions) *Session {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Session{opt: o, log: o.Logger, op: make(chan struct{}, 1)}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if o.Account != nil {
		account := *o.Account
		s.st = Status{State: StateUnknown, Account: &account}
	}
	s.told = s.st
	return s
}

// Close ends what the session does in the background and waits for it. What is stored stays stored.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.tasks.Wait()
}

// State tells how the session is. It never waits for keyring or network.
func (s *Session) State() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st
}

// GiveUp ends the sign-in because the server refuses even a token that was just renewed. What is stored stays untouched;
// the next process tries again.
func (s *Session) GiveUp(cause error) {
	s.update(func() {
		if s.st.Account != nil {
			s.held = tokens{over: true}
			s.setState(StateEnded, signInAgain(cause))
		}
	})
}

// update changes what mu guards and tells of it.
func (s *Session) update(change func()) {
	s.mu.Lock()
	change()
	s.mu.Unlock()

	s.notify.Lock()
	defer s.notify.Unlock()
	now := s.State()
	if s.opt.Changed == nil || sameStatus(now, s.told) {
		return
	}
	s.told = now
	s.opt.Changed(now)
}

func sameStatus(a, b Status) bool {
	return a.State == b.State && a.MemoryOnly == b.MemoryOnly && a.Words == b.Words && a.Ends.Equal(b.Ends) && reflect.DeepEqual(a.Account, b.Account)
}

// setState is called with mu held. Words and cause come from err, which may be nil.
func (s *Session) setState(state State, err error) {
	s.st.State, s.st.MemoryOnly, s.st.Words, s.st.Cause = state, false, "", err
	if err != nil {
		s.st.Words = words(err)
	}
	if state != StateActive {
		s.st.Ends = time.Time{}
	}
}

// setActive is called with mu held; unsaved is why the vault did not take the sign-in, or nil.
func (s *Session) setActive(unsaved error) {
	s.setState(StateActive, unsaved)
	s.st.MemoryOnly = unsaved != nil
}

// take waits until nobody else changes the sign-in. The caller calls the function it gets when done.
func (s *Session) take(ctx context.Context) (release func(), err error) {
	select {
	case s.op <- struct{}{}:
		return func() { <-s.op }, nil
	case <-ctx.Done():
		return nil, tooLong(ctx.Err())
	}
}

// spawn starts a task that Close waits for; it is called with mu held and does nothing after Close.
func (s *Session) spawn(task func()) bool {
	if s.closed {
		return false
	}
	s.tasks.Go(task)
	return true
}

// client makes the client of an account's server.
func (s *Session) client(server string) (*api.Client, error) {
	base, err := api.ParseServer(server)
	if err != nil {
		return nil, err
	}
	return s.opt.Client(base), nil
}

// SignOutResult says how far a sign-out got. Locally it is always complete: the tokens are gone from memory.
type SignOutResult struct {
	Revoked bool  // the server has ended the sign-in
	Removed bool  // nothing is left of it in the keyring
	Cause   error // why one of them is false, for the log; words by api.Words or VaultError
}

// Pending says that FinishSignOut is to be tried later.
func (r SignOutResult) Pending() bool { return !r.Revoked || !r.Removed }
