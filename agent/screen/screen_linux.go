package screen

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Watch tells of lock and sleep until ctx ends: by logind on the system bus, and by the screen savers of freedesktop and
// GNOME on the session bus. It uses connections of its own, starts no service, and believes a signal only when the owner
// of the service's name sent it: any program on a bus can send signals.
func Watch(ctx context.Context, o Options) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = callTimeout
	}
	if o.retry == 0 {
		o.retry = retryDelay
	}
	if o.grace == 0 {
		o.grace = lockGrace
	}
	w := &watch{o: o, locked: map[string]bool{}, silent: map[string]bool{}}
	defer w.end()
	var all sync.WaitGroup
	all.Go(func() { w.follow(ctx, "system", o.systemAddress(), logind{}) })
	all.Go(func() { w.follow(ctx, "session", o.sessionAddress(), savers{}) })
	all.Go(func() { watchClocks(ctx, w.woke, w.clockSet) })
	all.Wait()
}

func (o Options) sessionAddress() string {
	if o.SessionBus != "" {
		return o.SessionBus
	}
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" {
		return a
	}
	socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
	if _, err := os.Stat(socket); err == nil && filepath.IsAbs(socket) { //nolint:gosec // the person's own environment
		return "unix:path=" + socket
	}
	return ""
}

func (o Options) systemAddress() string {
	if o.SystemBus != "" {
		return o.SystemBus
	}
	if a := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); a != "" {
		return a
	}
	if _, err := os.Stat("/run/dbus/system_bus_socket"); err != nil {
		return ""
	}
	return "unix:path=/run/dbus/system_bus_socket"
}

// watch joins what the sources say. Its methods are safe for concurrent use.
type watch struct {
	o Options

	mu     sync.Mutex
	locked map[string]bool // by source
	silent map[string]bool // those that did not answer
	told   State
	wokeAt time.Time
	asked  *time.Timer // ends lockAsked
	ended  bool
}

// Two sources that say something for a while only.
const (
	asleep    = "sleep" // the machine is about to sleep, or has not told that it is back
	lockAsked = "lock"  // somebody asked for a lock, and who locks has not said yet that it is done
)

// set notes what one source says, and tells when the whole changed. One that is silent is asked again.
func (w *watch) set(source string, locked, silent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.locked[source], w.silent[source] = locked, silent
	next := State{}
	for _, l := range w.locked {
		next.Locked = next.Locked || l
	}
	if next != w.told {
		w.told = next
		w.o.Changed(next)
	}
}

// lockIsAsked covers the time between the request for a lock and the word that it is done, which some lockers never say.
func (w *watch) lockIsAsked() {
	w.set(lockAsked, true, false)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked != nil {
		w.asked.Stop()
	}
	w.asked = time.AfterFunc(w.o.grace, func() { w.set(lockAsked, false, false) }) // end stops it
}

// end makes sure that nothing more is told.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.asked != nil {
		w.asked.Stop()
	}
}

// woke tells once for the several sources that notice the same sleep.
func (w *watch) woke() {
	w.set(asleep, false, false)
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := time.Now(); now.Sub(w.wokeAt) > clockJump {
		w.wokeAt = now
		w.o.Woke()
	}
}

func (w *watch) clockSet() {
	if w.o.ClockSet != nil {
		w.o.ClockSet()
	}
}

// source is a set of services on one bus.
type source interface {
	// names are the services' well-known names.
	names() []string
	// rules are the match rules of the signals, one for each name and member.
	rules(c *dbus.Conn) [][]dbus.MatchOption
	// ask sets the present state of a service that runs.
	ask(ctx context.Context, c *dbus.Conn, w *watch, name string)
	// signal takes a signal that the owner of name sent, and says whether to ask again.
	signal(w *watch, name string, s *dbus.Signal) (again bool)
}

// follow keeps a connection to a bus until ctx ends.
func (w *watch) follow(ctx context.Context, bus, address string, src source) {
	for ctx.Err() == nil {
		if address == "" {
			return // a session that has no such bus does not get one later
		}
		if err := w.connected(ctx, address, src); err != nil && ctx.Err() == nil {
			w.o.Logger.DebugContext(ctx, "no word of lock and sleep for now", slog.String("bus", bus), slog.Any("error", err))
		}
		timer := time.NewTimer(w.o.retry)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

var errBusLost = errors.New("screen: the bus closed the connection")

func (w *watch) connected(ctx context.Context, address string, src source) error {
	c, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	defer w.set(asleep, false, false) // nobody would tell of the end
	signals := make(chan *dbus.Signal, 16)
	c.Signal(signals)
	rules := append(src.rules(c), []dbus.MatchOption{
		dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
		dbus.WithMatchOption("arg0namespace", "org"),
	})
	for _, rule := range rules {
		if err := c.AddMatchSignalContext(ctx, rule...); err != nil {
			return err
		}
	}
	owners := map[string]string{} // unique name by well-known name
	for _, name := range src.names() {
		w.lookUp(ctx, c, src, owners, name)
	}
	for {
		var again <-chan time.Time
		if len(w.unanswered(src)) > 0 {
			again = time.After(w.o.retry)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again:
			for _, name := range w.unanswered(src) {
				w.lookUp(ctx, c, src, owners, name)
			}
		case s, ok := <-signals:
			if !ok || s == nil {
				return errBusLost
			}
			w.take(ctx, c, src, owners, s)
		}
	}
}

// unanswered are those of the source that did not answer when they were asked last.
func (w *watch) unanswered(src source) (names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range src.names() {
		if w.silent[name] {
			names = append(names, name)
		}
	}
	return names
}

// lookUp finds the owner of a name and asks it.
func (w *watch) lookUp(ctx context.Context, c *dbus.Conn, src source, owners map[string]string, name string) {
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	var owner string
	delete(owners, name)
	if err := c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, name).Store(&owner); err != nil {
		w.answer(name, false, err)
		return
	}
	owners[name] = owner
	src.ask(ctx, c, w, name)
}

// take handles one signal.
func (w *watch) take(ctx context.Context, c *dbus.Conn, src source, owners map[string]string, s *dbus.Signal) {
	if s.Name == "org.freedesktop.DBus.NameOwnerChanged" && s.Sender == "org.freedesktop.DBus" && len(s.Body) == 3 {
		changed, _ := s.Body[0].(string)
		for _, name := range src.names() {
			if name == changed {
				w.lookUp(ctx, c, src, owners, name)
			}
		}
		return
	}
	for name, owner := range owners {
		if s.Sender == owner && src.signal(w, name, s) {
			ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
			src.ask(ctx, c, w, name)
			cancel()
		}
	}
}

// answer puts a call's answer to use: no answer in time counts as locked, until there is one.
func (w *watch) answer(name string, locked bool, err error) {
	silent := errors.Is(err, context.DeadlineExceeded)
	w.set(name, locked || silent, silent)
}
