package secure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"securepush/api"
)

// ChildCommand is the hidden subcommand that runs [RunKeyringChild].
const ChildCommand = "internal-keyring"

const (
	callTimeout   = 2 * time.Second
	personTimeout = 60 * time.Second // an interactive call: a person reads a box and types a password
)

// KeyringOptions configure a keyring. The zero value is right for the program itself.
type KeyringOptions struct {
	// Executable runs the subcommand [ChildCommand]; empty: this program. Its main has to hand over to RunKeyringChild
	// before anything else starts.
	Executable string
	// BusAddress is the session bus (Linux); empty: the environment's.
	BusAddress string
	// Timeout bounds a call, InteractiveTimeout one that may wait for a person; 0: 2 s and 60 s.
	Timeout, InteractiveTimeout time.Duration
	Logger                      *slog.Logger // nil: nothing is logged
}

// Keyring is the vault of the operating system. Every call first asks, in a way that never prompts, whether the keyring
// is there and unlocked, and then does its work in a short-lived child process: the library behind it has no deadlines, leaks
// and can panic, and all of that ends with the child. Calls run one at a time.
type Keyring struct {
	opt    KeyringOptions
	log    *slog.Logger
	turn   chan struct{} // has room for one
	person atomic.Bool   // the call that runs may be waiting for a person
	heard  atomic.Int64  // when it last answered, in nanoseconds of Unix time
	asked  time.Time     // when it was asked last, and
	hung   time.Time     // until then it counts as hung without being asked; both of whoever has the turn
}

// NewKeyring makes the vault of the operating system. It does not touch it yet.
func NewKeyring(o KeyringOptions) *Keyring {
	if o.Timeout == 0 {
		o.Timeout = callTimeout
	}
	if o.InteractiveTimeout == 0 {
		o.InteractiveTimeout = personTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Keyring{opt: o, log: o.Logger, turn: make(chan struct{}, 1)}
}

// errStillHung is why a call failed that was not made.
var errStillHung = errors.New("secure: it did not answer a moment ago")

// Report is what a probe found.
type Report struct {
	State      VaultState    // VaultReady: unlocked
	Collection string        // the collection that items stand in, such as "login" (Linux)
	Took       time.Duration // how long the answer took
	Err        error         // a *VaultError with words and cause, nil when ready

	bus     string // the address that answered
	running bool   // the provider runs; one that does not may still be started by a call
}

// Probe asks whether the keyring can be used now. It never prompts, starts no program, and takes no longer than the
// timeout of a call.
func (k *Keyring) Probe(ctx context.Context) Report {
	ctx, cancel := context.WithTimeout(ctx, k.opt.Timeout)
	defer cancel()
	start := time.Now()
	r := probe(ctx, k.opt.BusAddress)
	r.Took, r.State = time.Since(start), StateOf(r.Err)
	k.answered(r.State)
	return r
}

// answered notes what a probe found. Whoever watches may learn that a hung keyring answers again before a call that has
// waited for it gives up: nobody would be told a second time.
func (k *Keyring) answered(s VaultState) {
	if s != VaultTimedOut {
		k.heard.Store(time.Now().UnixNano())
	}
}

// stillHung says whether it did not answer a moment ago, and has not since. The caller has the turn.
func (k *Keyring) stillHung() bool {
	return time.Now().Before(k.hung) && k.heard.Load() < k.asked.UnixNano()
}

// Get reads a value.
func (k *Keyring) Get(ctx context.Context, key string) (api.Secret, error) {
	if err := checkKey(key); err != nil {
		return api.Secret{}, err
	}
	a, err := k.call(ctx, request{Op: opGet, Key: key})
	if err != nil {
		return api.Secret{}, err
	}
	return api.NewSecret(a.Value), nil
}

// Set writes a value and reads it back.
func (k *Keyring) Set(ctx context.Context, key string, value api.Secret) error {
	err := checkKey(key)
	if err == nil {
		err = checkValue(value)
	}
	if err != nil {
		return err
	}
	_, err = k.call(ctx, request{Op: opSet, Key: key, Value: value.Reveal()})
	return err
}

// Delete removes a value and looks that it is gone, also what another program has put in its place.
func (k *Keyring) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	_, err := k.call(ctx, request{Op: opDelete, Key: key})
	return err
}

func (k *Keyring) call(ctx context.Context, req request) (answer, error) {
	ask := isInteractive(ctx)
	timeout := k.opt.Timeout
	if ask {
		timeout = k.opt.InteractiveTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		if k.person.Load() {
			return answer{}, vaultError(VaultLocked, fmt.Errorf("secure: another call waits for the person: %w", ctx.Err()))
		}
		return answer{}, vaultError(VaultTimedOut, ctx.Err())
	}
	k.person.Store(ask)
	defer k.person.Store(false)

	// Whoever waited for a call that found the keyring hung does not wait for the same once more.
	if !ask && k.stillHung() {
		return answer{}, vaultError(VaultTimedOut, errStillHung)
	}
	k.asked = time.Now()
	r := k.Probe(ctx)
	k.hung = time.Time{}
	if r.State == VaultTimedOut && r.Took > k.opt.Timeout/2 { // not because the caller gave up
		k.hung = time.Now().Add(k.opt.Timeout)
	}
	if r.Err != nil && (!ask || r.State != VaultLocked) {
		return answer{}, r.Err
	}
	start := time.Now()
	a, err := k.runChild(ctx, r.bus, req)
	switch {
	case err == nil:
		err = a.err(r)
	case r.State == VaultLocked && StateOf(err) == VaultTimedOut: // the person was asked and did not answer
		err = vaultError(VaultLocked, err)
	}
	k.log.Debug("keyring call", "op", string(req.Op), "state", StateOf(err).String(), "took", time.Since(start), "interactive", ask)
	return a, err
}
