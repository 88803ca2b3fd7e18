//go:build linux || freebsd || netbsd || openbsd

package tray

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of StatusNotifierItem.
const (
	watcherName  = "org.kde.StatusNotifierWatcher" // bus name and interface
	watcherPath  = dbus.ObjectPath("/StatusNotifierWatcher")
	hostProperty = "IsStatusNotifierHostRegistered"
	busName      = "org.freedesktop.DBus"
)

// Waits. After a failure they double; one that lasted as long as the longest starts from the shortest again.
const (
	firstWait = 250 * time.Millisecond
	lastWait  = time.Minute
)

// Run shows the tray until ctx ends: whenever there is a session bus, with a watcher on it that has a host.
func (t *Tray) Run(ctx context.Context) {
	defer t.end()
	pause(ctx, t.pace) // the agent's start comes first, and what it brings is shown at once
	wait := firstWait
	for ctx.Err() == nil {
		start := time.Now()
		err := t.connected(ctx)
		t.present(false)
		if ctx.Err() != nil {
			return
		}
		t.o.Logger.DebugContext(ctx, "no tray for now", slog.Any("error", err))
		if time.Since(start) > lastWait {
			wait = firstWait
		}
		pause(ctx, wait/2+rand.N(wait/2)) //nolint:gosec // spreads attempts, keeps no secret
		wait = min(2*wait, lastWait)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// session is one connection to the bus, and what is known through it. It belongs to Run.
type session struct {
	t     *Tray
	bus   *busConn
	look  chan struct{} // has room for one: the watcher or its hosts may be others
	name  string        // by which watchers find us
	told  face          // what hosts know
	menu  uint32        // the menu's revision that they know
	retry <-chan time.Time
	wait  time.Duration
}

// connected follows one connection until it is lost or ctx ends.
func (t *Tray) connected(ctx context.Context) error {
	look := make(chan struct{}, 1)
	bus, err := t.dial(ctx, dbus.WithSignalHandler(signals{look}), dbus.WithHandler(t.objects()), dbus.WithIncomingInterceptor(t.intercept))
	if err != nil {
		return err
	}
	defer bus.shut()
	s := &session{t: t, bus: bus, look: look}
	if err := s.subscribe(ctx); err != nil {
		return err
	}
	poke(look)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-bus.Context().Done():
			return errBusLost
		case <-s.look:
			s.settle(ctx)
		case <-s.retry:
			s.settle(ctx)
		case <-t.wake:
			t.refresh(ctx)
		case <-t.hurry:
		}
		s.announce()
		s.rest(ctx)
	}
}

// subscribe asks to be told of watchers that come and go, and of their hosts.
func (s *session) subscribe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.t.o.Timeout)
	defer cancel()
	return errors.Join(
		s.bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName),
			dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName)),
		s.bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(watcherName), dbus.WithMatchInterface(watcherName),
			dbus.WithMatchMember("StatusNotifierHostRegistered")),
		s.bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(watcherName), dbus.WithMatchInterface(watcherName),
			dbus.WithMatchMember("StatusNotifierHostUnregistered")))
}

// signals receives the signals of one connection. They only say that it is time to look, so nothing in them is believed.
type signals struct{ look chan struct{} }

// DeliverSignal implements dbus.SignalHandler.
func (s signals) DeliverSignal(_, _ string, got *dbus.Signal) {
	switch got.Name {
	case busName + ".NameOwnerChanged", watcherName + ".StatusNotifierHostRegistered", watcherName + ".StatusNotifierHostUnregistered":
		poke(s.look)
	}
}

// settle finds out whether somebody shows a tray, and brings ours there. What fails is tried again.
func (s *session) settle(ctx context.Context) {
	s.retry = nil
	there, err := s.register(ctx)
	if err == nil {
		s.wait = 0
	} else {
		s.t.o.Logger.DebugContext(ctx, "the tray does not answer", slog.Any("error", err))
		s.wait = min(max(2*s.wait, firstWait), lastWait)
		s.retry = time.After(s.wait)
	}
	s.t.present(there)
}

// register asks for a host and registers our item, again with each host that comes: whoever knows it already does nothing.
func (s *session) register(ctx context.Context) (there bool, err error) {
	var owner string
	err = s.call(ctx, s.bus.BusObject(), busName+".GetNameOwner", watcherName).Store(&owner)
	if e, ok := errors.AsType[dbus.Error](err); ok && e.Name == busName+".Error.NameHasNoOwner" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	watcher := s.bus.Object(owner, watcherPath)
	var value dbus.Variant
	if err := s.call(ctx, watcher, busName+".Properties.Get", watcherName, hostProperty).Store(&value); err != nil {
		return false, err
	}
	if host, _ := value.Value().(bool); !host {
		return false, nil
	}
	s.t.there.Store(true) // from here each change counts
	s.t.refresh(ctx)
	if s.told == (face{}) { // nobody was told anything yet, and whoever learns of the item asks for everything
		s.told, s.menu = s.t.shown()
	}
	return true, s.call(ctx, watcher, watcherName+".RegisterStatusNotifierItem", s.ownName(ctx)).Err
}

// ownName is the name that the specification wants for an item, or the connection's where that one cannot be had.
func (s *session) ownName(ctx context.Context) string {
	if s.name != "" {
		return s.name
	}
	s.name = s.bus.Names()[0]
	name := "org.kde.StatusNotifierItem-" + strconv.Itoa(os.Getpid()) + "-1"
	var reply uint32
	const doNotQueue, primaryOwner = uint32(dbus.NameFlagDoNotQueue), uint32(dbus.RequestNameReplyPrimaryOwner)
	if s.call(ctx, s.bus.BusObject(), busName+".RequestName", name, doNotQueue).Store(&reply) == nil && reply == primaryOwner {
		s.name = name
	}
	return s.name
}

// call makes a call that ends in time and starts no service.
func (s *session) call(ctx context.Context, o dbus.BusObject, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(ctx, s.t.o.Timeout)
	defer cancel()
	return o.CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
}

// announce tells hosts what changed since they were last told.
func (s *session) announce() {
	now, menu := s.t.shown()
	emit := func(changed bool, path dbus.ObjectPath, name string, args ...any) {
		if changed {
			_ = s.bus.Emit(path, name, args...) // fails with the connection, which is noticed elsewhere
		}
	}
	emit(now.icon != s.told.icon, itemPath, itemName+".NewIcon")
	emit(now.icon != s.told.icon && now.icon.attention, itemPath, itemName+".NewAttentionIcon")
	emit(now.icon.attention != s.told.icon.attention, itemPath, itemName+".NewStatus", now.status())
	emit(now.title != s.told.title, itemPath, itemName+".NewTitle")
	emit(now.tip != s.told.tip, itemPath, itemName+".NewToolTip")
	emit(menu != s.menu, menuPath, menuName+".LayoutUpdated", menu, int32(0))
	s.told, s.menu = now, menu
}

// shown is how the tray looks now, and the menu's revision.
func (t *Tray) shown() (face, uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.face, t.layout.revision
}

// rest lets changes gather. What is taken back does not wait.
func (s *session) rest(ctx context.Context) {
	timer := time.NewTimer(s.t.pace)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		case <-s.bus.Context().Done():
			return
		case <-s.t.hurry:
			s.announce()
		}
	}
}
