package secure

import (
	"context"
	"log/slog"
	"net/url"
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
}

// Status is what can be told about a session.
type Status struct {
	State   State
	Account *Account // nil with StateNever
	// MemoryOnly says that the sign-in could not be written to the keyring: it ends with the process. Writing is retried.
	MemoryOnly bool
	Words      string // why it is not plainly active, for the person; empty when it is
	Cause      error  // the same for the log
}

// SessionOptions configure a session. Vault and Client are needed.
type SessionOptions struct {
	Vault Vault
	// Client makes the client of a server, without tokens: the session uses it for sign-in, renewal and revocation.
	Client func(base *url.URL) *api.Client
	// Account is who was signed in when the process last ran; nil for nobody.
	Account *Account
	// LockFile is locked around each read–renew–write of the stored sign-in, against other processes; empty: no lock.
	LockFile string
	// Changed is called after each change of the status, one call at a time. It must not call the session's methods that
	// take a context.
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
	op    chan struct{} // holds one token: whoever changes the sign-in or talks to the vault takes it

	notify sync.Mutex // held while Changed runs; taken before mu
	last   *Status    // what Changed was last told

	mu sync.Mutex // guards what follows
	st Status
	tokens
}

// tokens is what the session knows of the sign-in; guarded by Session.mu.
type tokens struct {
	access   api.Secret
	expires  time.Time     // of access, wall clock
	lifetime time.Duration // of access when it was issued
	refresh  api.Secret
	unsaved  bool // refresh is newer than what the vault holds

	flight  *flight   // the renewal under way
	retryAt time.Time // no renewal before, unless the token has expired
	refusal *api.Problem
	keeping bool // a task retries to store refresh
}

// SignOutResult says how far a sign-out got. Locally it is always complete: the tokens are gone from memory.
type SignOutResult struct {
	Revoked bool  // the server has ended the sign-in
	Removed bool  // nothing is left of it in the keyring
	Cause   error // why one of them is false, for the log; words by api.Words or VaultError
}

// Pending says that FinishSignOut is to be tried later.
func (r SignOutResult) Pending() bool { return !r.Revoked || !r.Removed }
