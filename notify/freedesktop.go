//go:build linux || freebsd || netbsd || openbsd

package notify

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of the Desktop Notifications Specification 1.2.
const (
	daemonName = "org.freedesktop.Notifications" // bus name and interface
	daemonPath = dbus.ObjectPath("/org/freedesktop/Notifications")
	busName    = "org.freedesktop.DBus"
	properties = "org.freedesktop.DBus.Properties"
)

// Waits between attempts to reach the bus; a connection that lasted as long as the longest starts from the shortest again.
const (
	firstWait = 250 * time.Millisecond
	lastWait  = time.Minute
)

// freedesktop shows toasts through the session's notification daemon. At most one call is with the daemon at any time:
// one that hangs then holds one toast and one goroutine, however many are asked for meanwhile.
type freedesktop struct {
	address string
	timeout time.Duration
	log     *slog.Logger
	icon    *iconFile
	emit    func(Event) // must not block
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	turn    chan struct{} // held by whoever talks to the daemon or connects
	wake    chan struct{} // a connection was made outside of run
	ask     chan struct{} // a daemon is to be asked whether it is inhibited

	mu       sync.Mutex
	bus      *busConn // nil while there is none
	listener *listener
	daemon   daemon
	changed  dbus.Sequence // of the latest change of the daemon: answers from before it are void
	missed   bool          // toasts were lost or could not be shown, for want of a daemon
	pending  *pending      // the Notify that has no answer yet
	asleep   bool          // the daemon was asked to say when it answers again
}

// daemon is what we know of one notification daemon. Its ids mean nothing to any other.
type daemon struct {
	owner  string          // unique name on the bus; "" while there is none
	caps   map[string]bool // nil until asked
	ids    map[string]uint32
	toasts map[uint32]*standing

	inhibited bool
	told      dbus.Sequence // when it last said so by itself: an answer from before that is void
}

// standing is a toast that the daemon has.
type standing struct {
	tag     string
	actions []action
	token   string   // activation token for the next action
	late    *message // what it shows, when its answer came too late for whoever asked for it
}

func newDaemon(owner string) daemon {
	return daemon{owner: owner, ids: make(map[string]uint32), toasts: make(map[uint32]*standing)}
}

func newSender(ctx context.Context, o Options, emit func(Event)) sender {
	f := &freedesktop{
		address: o.BusAddress, timeout: o.Timeout, log: o.Logger, emit: emit,
		icon: &iconFile{png: o.Icon, dir: o.IconDir, log: o.Logger},
		turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), ask: make(chan struct{}, 1), daemon: newDaemon(""),
	}
	f.ctx, f.cancel = context.WithCancel(ctx)
	f.wg.Go(f.run)
	return f
}

// run keeps the connection up.
func (f *freedesktop) run() {
	wait := firstWait
	for f.ctx.Err() == nil {
		bus := f.current()
		if bus == nil {
			bus = f.tryConnect()
		}
		if bus == nil {
			f.pause(wait)
			wait = min(2*wait, lastWait)
			continue
		}
		up := time.Now()
		f.follow(bus)
		f.lose(bus)
		if time.Since(up) > lastWait {
			wait = firstWait
		}
		f.pause(wait)
		wait = min(2*wait, lastWait)
	}
}

// pause waits between half of d and d, or until something happens.
func (f *freedesktop) pause(d time.Duration) {
	t := time.NewTimer(d/2 + rand.N(d/2)) //nolint:gosec // spreads attempts, keeps no secret
	defer t.Stop()
	select {
	case <-t.C:
	case <-f.wake:
	case <-f.ctx.Done():
	}
}

func (f *freedesktop) current() *busConn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bus
}

func (f *freedesktop) tryConnect() *busConn {
	ctx, cancel := context.WithTimeout(f.ctx, f.timeout)
	defer cancel()
	if err := f.acquire(ctx); err != nil {
		return nil
	}
	defer f.release()
	bus, err := f.connected(ctx)
	if err != nil {
		f.log.Debug("session bus not reached", "error", err)
	}
	return bus
}

// acquire takes the turn, release gives it back.
func (f *freedesktop) acquire(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
		if f.ctx.Err() != nil {
			f.release()
			return ErrClosed
		}
		return nil
	case <-f.ctx.Done():
		return ErrClosed
	case <-ctx.Done():
		return expired(ctx)
	}
}

func (f *freedesktop) release() { <-f.turn }

// connected returns the connection, and makes one when there is none. The caller has the turn.
func (f *freedesktop) connected(ctx context.Context) (*busConn, error) {
	if bus := f.current(); bus != nil {
		if bus.Connected() {
			return bus, nil
		}
		f.lose(bus)
	}
	l := &listener{f: f}
	f.mu.Lock()
	f.listener, f.changed = l, 0
	f.mu.Unlock()
	bus, err := dialBus(ctx, f.address, f.timeout, l)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoDaemon, err)
	}
	if err := f.subscribe(ctx, bus); err != nil {
		bus.shut()
		return nil, fmt.Errorf("%w: %w", ErrNoDaemon, err)
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return bus, nil
}

// subscribe asks for the daemon's signals and for who it is, in this order, so that no change is missed in between.
func (f *freedesktop) subscribe(ctx context.Context, bus *busConn) error {
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, daemonName)); err != nil {
		return fmt.Errorf("watch the daemon's name: %w", err)
	}
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(daemonName), dbus.WithMatchInterface(daemonName),
		dbus.WithMatchObjectPath(daemonPath)); err != nil {
		return fmt.Errorf("watch the daemon's signals: %w", err)
	}
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(daemonName), dbus.WithMatchInterface(properties),
		dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchObjectPath(daemonPath), dbus.WithMatchArg(0, daemonName)); err != nil {
		return fmt.Errorf("watch the daemon's properties: %w", err)
	}
	call := bus.BusObject().CallWithContext(ctx, busName+".GetNameOwner", 0, daemonName)
	owner := ""
	if err := call.Store(&owner); err != nil && errorName(err) != busName+".Error.NameHasNoOwner" {
		return fmt.Errorf("ask for the daemon: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bus = bus
	if call.ResponseSequence > f.changed {
		f.ownerChanged(owner)
	}
	return nil
}

// ownerChanged notes which daemon there is. The caller holds mu.
func (f *freedesktop) ownerChanged(owner string) {
	if f.daemon.owner == owner {
		return
	}
	if f.daemon.owner != "" {
		f.missed = true
	}
	f.setInhibited(false)
	f.daemon = newDaemon(owner)
	f.askInhibited()
	if owner != "" && f.missed {
		f.missed = false
		f.emit(Event{Kind: DaemonRestarted})
	}
}

// lose forgets a connection and everything that was known through it.
func (f *freedesktop) lose(bus *busConn) {
	bus.shut()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bus != bus {
		return
	}
	f.bus, f.listener = nil, nil
	f.ownerChanged("")
	if p := f.pending; p != nil {
		f.settle(p, nil)
	}
}

func (f *freedesktop) childEnv() ([]string, bool) {
	bus := f.current()
	if bus == nil { // nothing that a child could reach either, and it might start a bus of its own
		return nil, false
	}
	return []string{"DBUS_SESSION_BUS_ADDRESS=" + bus.address}, true
}

func (f *freedesktop) close() {
	f.cancel()
	f.turn <- struct{}{} // for good: whoever has it returns in time, and nobody connects or begins anything after this
	f.wg.Wait()
	if bus := f.current(); bus != nil {
		f.lose(bus)
	}
}
