package secure

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	watchFirst = time.Second // between attempts to reach the bus
	watchMost  = time.Minute
	watchQuiet = 200 * time.Millisecond // at most one probe in this time, whoever sends signals
	watchHung  = 30 * time.Second       // nobody tells when a hung keyring answers again
)

// Watch calls changed once it watches and then each time the answer of [Keyring.Probe] may have become another one: the
// keyring was unlocked or locked, its service came or went. It returns when ctx ends. changed is called from Watch's own
// goroutine and must return soon.
func (k *Keyring) Watch(ctx context.Context, changed func()) {
	w := watcher{k: k, changed: changed, last: -1}
	wait := watchFirst
	for ctx.Err() == nil {
		start := time.Now()
		w.watch(ctx)
		if time.Since(start) > watchMost {
			wait = watchFirst
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(wait*2, watchMost)
	}
}

type watcher struct {
	k       *Keyring
	changed func()
	last    VaultState
}

// watch holds one connection for as long as it lasts.
func (w *watcher) watch(ctx context.Context) {
	pokes := make(poke, 1)
	life, end := context.WithCancel(ctx)
	defer end()
	conn, err := w.subscribe(life, end, pokes)
	if err != nil {
		w.report(ctx, probeError(ctx, err).State)
		return
	}
	defer func() { _ = conn.Close() }()
	for ctx.Err() == nil && conn.Connected() {
		w.look(ctx, conn)
		var again <-chan time.Time
		if w.last == VaultTimedOut {
			again = time.After(watchHung)
		}
		select {
		case <-ctx.Done():
		case <-conn.Context().Done():
		case <-again:
		case <-pokes:
			select {
			case <-ctx.Done():
			case <-time.After(watchQuiet):
			}
		}
	}
	w.report(ctx, VaultUnavailable)
}

func (w *watcher) look(ctx context.Context, conn *dbus.Conn) {
	short, cancel := context.WithTimeout(ctx, w.k.opt.Timeout)
	defer cancel()
	state := StateOf(probeOn(short, conn).Err)
	w.k.answered(state)
	w.report(ctx, state)
}

func (w *watcher) report(ctx context.Context, state VaultState) {
	if state == w.last || ctx.Err() != nil {
		return
	}
	w.k.log.Debug("keyring changed", "state", state.String())
	w.last = state
	w.changed()
}

// subscribe opens a connection for signals alone: one on a connection that go-keyring uses would break its prompts.
// It ends with ctx, and while it is being set up after the time of one call, for which it calls end.
func (w *watcher) subscribe(ctx context.Context, end context.CancelFunc, pokes poke) (*dbus.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, w.k.opt.Timeout)
	defer cancel()
	defer context.AfterFunc(bounded, end)()
	conn, _, err := dialBus(ctx, w.k.opt.BusAddress, dbus.WithSignalHandler(pokes))
	if err != nil {
		return nil, err
	}
	for _, rule := range [][]dbus.MatchOption{
		{
			dbus.WithMatchSender(busIface), dbus.WithMatchInterface(busIface), dbus.WithMatchMember(nameOwnerChanged),
			dbus.WithMatchArg(0, secretsName),
		},
		{
			dbus.WithMatchSender(secretsName), dbus.WithMatchInterface(propertiesIface), dbus.WithMatchMember(propertiesChanged),
			dbus.WithMatchArg(0, collectionIface),
		},
		{dbus.WithMatchSender(secretsName), dbus.WithMatchInterface(serviceInterface)},
	} {
		if err := conn.AddMatchSignalContext(bounded, rule...); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// poke is a signal handler that only says that there was a signal. What the signal says is not looked at, as any program
// of the session can send one: the keyring is asked instead, and not more often than watchQuiet allows.
type poke chan struct{}

// DeliverSignal implements dbus.SignalHandler.
func (p poke) DeliverSignal(string, string, *dbus.Signal) {
	select {
	case p <- struct{}{}:
	default:
	}
}
