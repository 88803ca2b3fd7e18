package pushlistener

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"securepush/api"
)

// Options are what a Listener works with. Journal, Backend, Toasts and Edge are needed; the rest may be zero.
type Options struct {
	Journal      *Journal
	Backend      Backend
	Toasts       Toasts
	Edge         Edge
	Sealer       func() Sealer                          // nil, or returning nil: content is not kept for now
	Installation func(api.PushChannel) api.Installation // this device as the back end shall know it
	Display      Display                                // how much toasts may show until told otherwise
	// Report tells the back end which notifications were shown here; nil: it is not told.
	Report func(ctx context.Context, shown []api.ID) error

	ToastsPerMinute int // more become a digest; 0: 5, negative: no limit
	Now             func() time.Time
	Logger          *slog.Logger
	// Changed is called from one goroutine after the snapshot changed; what changes during a call comes as one more.
	Changed func(Snapshot)
	// Trace is told each step of each notification, from one goroutine, in order. It must not wait. nil: nobody wants to know.
	Trace func(Mark)
}

const (
	maxMailbox = 1_000 // pushes that wait to be looked at
	maxTold    = 4_096 // the same with what the agent tells
)

// Listener turns pushes into toasts. Make one with New and run it once. Its methods are safe for concurrent use.
type Listener struct {
	o       Options
	log     *slog.Logger
	inbox   *mailbox[Event]
	notes   *mailbox[note]
	toasts  *mailbox[effect]
	flood   atomic.Int64 // pushes, and one for other events, that the mailbox could not hold
	changed chan struct{}

	mu   sync.Mutex
	snap Snapshot

	// Of the goroutine of Run:
	state    *state
	owed     int // effects whose event has not come
	workers  sync.WaitGroup
	base     context.Context // ends when Run does
	calls    context.Context // of this generation
	abandon  context.CancelFunc
	stopEdge context.CancelFunc
}

// New makes a listener. Nothing happens before Run.
func New(o Options) *Listener {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case o.ToastsPerMinute == 0:
		o.ToastsPerMinute = minuteToasts
	case o.ToastsPerMinute < 0:
		o.ToastsPerMinute = 0
	}
	return &Listener{
		o: o, log: o.Logger, inbox: newMailbox[Event](), notes: newMailbox[note](), toasts: newMailbox[effect](),
		changed: make(chan struct{}, 1),
	}
}

// Tell hands over an event and does not wait. What is told before Run is taken by it.
func (l *Listener) Tell(e Event) {
	if !l.inbox.put(e, maxTold) {
		l.flood.Add(1)
	}
}

// SignOut tells [SignedOut] and returns when the toasts are being taken away and the journal is cleared.
func (l *Listener) SignOut(ctx context.Context) error {
	done := make(chan error, 1)
	l.Tell(SignedOut{done: func(err error) { done <- err }})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Snapshot is the present state.
func (l *Listener) Snapshot() Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.snap
}

// Run works until ctx ends, then lets what has begun come to its end and returns when all its goroutines have.
// Whether an account is signed in at the start is read from the journal: the one of the last [SignedIn].
func (l *Listener) Run(ctx context.Context) error {
	begin, err := l.o.Journal.load()
	if err != nil {
		return err
	}
	l.state = newState(begin, l.o.Display, l.o.ToastsPerMinute, rand.Float64)
	l.state.traced = l.o.Trace != nil
	l.state.reports.off = l.o.Report == nil

	base, end := context.WithCancel(context.WithoutCancel(ctx)) // toasts and notes that have begun are finished
	defer end()
	l.base = base
	l.calls, l.abandon = context.WithCancel(base)
	defer func() { l.abandon() }()

	var helpers sync.WaitGroup
	helpers.Go(func() { l.write(base) })
	helpers.Go(func() { l.toast(base) })
	helpers.Go(func() { l.report(base) })
	l.loop(ctx.Done()) //nolint:contextcheck // what it begins ends with its own generation, or is finished
	l.workers.Wait()
	end()
	helpers.Wait()
	return nil
}

// loop owns the state, until done and until everything begun has ended.
func (l *Listener) loop(done <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var spare []Event
	l.step(started{})
	for {
		events := l.inbox.take(spare)
		for _, e := range events {
			l.step(e)
		}
		spare = events
		if n := l.flood.Swap(0); n > 0 {
			l.step(flooded{n})
		}
		l.publish()
		if done == nil && l.owed == 0 {
			return
		}
		var wake <-chan time.Time
		if at := l.state.wake; !at.IsZero() && done != nil {
			timer.Reset(max(at.Sub(l.o.Now()), 0))
			wake = timer.C
		} else {
			timer.Stop()
		}
		select {
		case <-l.inbox.ready:
		case <-wake:
			l.step(tick{})
		case <-done:
			done = nil
			l.step(stopping{})
		}
	}
}

// step lets the state take an event, with what the journal knows of its IDs, and does what it says. An item leaves the
// state only when it is on disk, and this goroutine alone takes it out: so state and journal together miss nothing.
func (l *Listener) step(e Event) {
	switch v := e.(type) {
	case pushed:
		if l.state.items[v.id] == nil {
			v.known = l.lookup(v.id)[0]
		}
		e = v
	case fetched:
		l.owed--
		v.known = l.lookup(idsOf(v.items)...)
		e = v
	case paged:
		l.owed--
		v.known = l.lookup(idsOf(v.page.Items)...)
		e = v
	case noted:
		l.owed -= v.count
	case registered, reported, toasted, prompted, edgeStopped:
		l.owed--
	}
	for _, eff := range l.state.step(e, l.o.Now()) {
		l.perform(eff)
	}
	l.trace()
}

func idsOf(items []api.Notification) []api.ID {
	ids := make([]api.ID, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	return ids
}

// lookup reads what the journal has. If it cannot be read, nothing is known: a toast is repeated rather than lost.
func (l *Listener) lookup(ids ...api.ID) []record {
	if len(ids) == 0 {
		return nil
	}
	known, err := l.o.Journal.lookup(ids...)
	if err != nil {
		l.log.Error("journal cannot be read", "err", err)
		return make([]record, len(ids))
	}
	return known
}

// publish makes a changed snapshot visible.
func (l *Listener) publish() {
	now := l.state.snapshot()
	l.mu.Lock()
	same := now == l.snap
	l.snap = now
	l.mu.Unlock()
	if same || l.o.Changed == nil {
		return
	}
	select {
	case l.changed <- struct{}{}:
	default: // the reporter has yet to look
	}
}

func (l *Listener) report(ctx context.Context) {
	for {
		select {
		case <-l.changed:
			l.o.Changed(l.Snapshot())
		case <-ctx.Done():
			return
		}
	}
}
