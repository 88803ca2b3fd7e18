package pushlistener

import (
	"context"
	"log/slog"
	"time"

	"securepush/api"
)

// Options are what a Listener works with. Journal, Backend, Toasts and Edge are needed; the rest may be zero.
type Options struct {
	Journal      *Journal
	Backend      Backend
	Toasts       Toasts
	Edge         Edge
	Sealer       func() Sealer // nil, or returning nil: content is not kept for now
	Installation func(api.PushChannel) api.Installation
	Display      Display // how much toasts may show until told otherwise

	ToastsPerMinute int // more become a digest; 0: 5, negative: no limit
	Now             func() time.Time
	Logger          *slog.Logger
	Changed         func(Snapshot) // called from one goroutine; what changes meanwhile comes as one call
}

// Listener turns pushes into toasts. Make one with New, run it once.
type Listener struct{ o Options }

// New makes a listener. Nothing happens before Run.
func New(o Options) *Listener { return &Listener{o: o} }

// Run works until ctx ends, then lets what has begun finish, and returns when all its goroutines have.
// Whether an account is signed in at the start is read from the journal: the one of the last SignedIn.
func (l *Listener) Run(ctx context.Context) error { return errNotYet }

// Tell hands over an event. It never waits for work to be done. Safe for concurrent use, also before Run and after it.
func (l *Listener) Tell(e Event) {}

// Snapshot is the present state.
func (l *Listener) Snapshot() Snapshot { return Snapshot{} }
