package tray

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"securepush/assets/words"
)

const (
	defaultTimeout = 2 * time.Second        // of every call of a desktop's part
	defaultPace    = 200 * time.Millisecond // between two looks at a state that changes all the time
)

// Options of a tray. State is required.
type Options struct {
	// State says how things are. It is asked while a host shows the tray, by one goroutine, after each Update.
	State func(ctx context.Context) State
	// Act does what the person asked for. It must return at once. nil: nothing.
	Act func(Action)
	// Present is told when a host begins to show the tray, and when none does any more. nil: nobody is told.
	Present    func(bool)
	Words      *words.Words  // nil: English
	BusAddress string        // of the session bus; "": as the environment says
	Timeout    time.Duration // of every call; 0: 2 s
	Logger     *slog.Logger  // nil: discard
}

// Tray shows the agent in the desktop's tray while [Tray.Run] runs. It is safe for concurrent use.
type Tray struct {
	o     Options
	pace  time.Duration
	there atomic.Bool   // changes are wanted, because a host shows it
	wake  chan struct{} // has room for one: something may have changed
	hurry chan struct{} // has room for one: something was taken back, and hosts have to be told at once
	told  bool          // what Present was told last; Run's own

	mu     sync.Mutex
	state  State
	face   face
	layout layout
	veil   int    // grows with each Conceal
	token  string // for the next window to be opened

	acting sync.Mutex
	ended  bool // nothing is done for anybody any more
}

// New makes a tray. It is not shown before Run.
func New(o Options) *Tray {
	if o.Act == nil {
		o.Act = func(Action) {}
	}
	if o.Present == nil {
		o.Present = func(bool) {}
	}
	if o.Words == nil {
		o.Words = &words.Words{}
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Tray{o: o, pace: defaultPace, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1)}
}

// Update says that the state may be another. It never blocks, and costs nothing while no host is there.
func (t *Tray) Update() {
	if t.there.Load() {
		poke(t.wake)
	}
}

// Conceal takes the items away: when it returns, nobody is given one any more. They come back with the next Update whose
// State has some.
func (t *Tray) Conceal() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.veil++
	if len(t.state.Items) == 0 {
		return
	}
	t.state.Items = nil
	t.draw()
	poke(t.hurry)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting already
	}
}

// refresh asks for the state and draws it. What was concealed meanwhile stays so.
func (t *Tray) refresh(ctx context.Context) {
	t.mu.Lock()
	veil := t.veil
	t.mu.Unlock()
	s := t.o.State(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if veil != t.veil {
		s.Items = nil
		poke(t.wake)
	}
	t.state = s
	t.draw()
}

// draw decides what is shown of the state. The caller holds mu.
func (t *Tray) draw() {
	t.face = faceOf(t.state, t.o.Words)
	t.layout.set(menu(t.state, t.o.Words))
}

// present notes and tells whether a host shows the tray.
func (t *Tray) present(there bool) {
	t.there.Store(there)
	if t.told == there {
		return
	}
	t.told = there
	if !there {
		t.Conceal() // nothing is kept for nobody
	}
	t.o.Present(there)
}

// act does what the person asked for.
func (t *Tray) act(a Action) {
	if a.Kind == ActOpen {
		t.mu.Lock()
		a.Token, t.token = t.token, ""
		t.mu.Unlock()
	}
	t.acting.Lock()
	defer t.acting.Unlock()
	if !t.ended && a.Kind != ActNothing {
		t.o.Act(a)
	}
}

// end sees to it that nothing is done for anybody from now on.
func (t *Tray) end() {
	t.acting.Lock()
	defer t.acting.Unlock()
	t.ended = true
}
