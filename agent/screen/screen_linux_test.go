package screen

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/notify/notifytest"
)

// patience is how long something may take that has to happen, on a machine that has other things to do.
const patience = time.Minute

// privateBus starts a bus of the test's own and returns its address.
func privateBus(t *testing.T) string {
	t.Helper()
	return notifytest.StartBus(t).Address
}

func connect(t *testing.T, address string) *dbus.Conn {
	t.Helper()
	c, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// saver is a screen saver that says what it is told to.
type saver struct {
	mu     sync.Mutex
	active bool
	asked  int
	hold   chan struct{} // an answer waits for it
}

func (s *saver) GetActive() (bool, *dbus.Error) {
	if s.hold != nil {
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return s.active, nil
}

func (s *saver) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *saver) unlock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = false
}

func (s *saver) offer(t *testing.T, c *dbus.Conn, name string) {
	t.Helper()
	if err := c.Export(s, saverPath(name), name); err != nil {
		t.Fatal(err)
	}
	if reply, err := c.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%v, %v", reply, err)
	}
}

func start(t *testing.T, session, system string) (states chan State, woke chan struct{}) {
	t.Helper()
	return startWith(t, Options{SessionBus: session, SystemBus: system, Timeout: patience})
}

func startWith(t *testing.T, o Options) (states chan State, woke chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	states, woke = make(chan State, 8), make(chan struct{}, 8)
	o.Changed, o.Woke = func(s State) { states <- s }, func() { woke <- struct{}{} }
	done := make(chan struct{})
	go func() {
		defer close(done)
		Watch(ctx, o)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return states, woke
}

func next[T any](t *testing.T, c chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestALockedScreenIsToldOfAtTheStartAndWhenItChanges(t *testing.T) {
	bus := privateBus(t)
	c := connect(t, bus)
	s := &saver{active: true}
	s.offer(t, c, "org.freedesktop.ScreenSaver")
	states, _ := start(t, bus, bus)
	if !next(t, states).Locked {
		t.Fatal("unlocked at the start")
	}
	s.unlock()
	if err := c.Emit("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", false); err != nil {
		t.Fatal(err)
	}
	if next(t, states).Locked {
		t.Fatal("still locked")
	}
}

func TestAScreenSaverThatDoesNotAnswerCountsAsLockedUntilItDoes(t *testing.T) {
	bus := privateBus(t)
	c := connect(t, bus)
	s := &saver{hold: make(chan struct{})}
	s.offer(t, c, "org.freedesktop.ScreenSaver")
	states, _ := startWith(t, Options{SessionBus: bus, SystemBus: bus, Timeout: 100 * time.Millisecond, retry: 100 * time.Millisecond})
	if !next(t, states).Locked {
		t.Fatal("unlocked, though nobody knows")
	}
	close(s.hold) // it is asked again
	if next(t, states).Locked {
		t.Fatal("still locked")
	}
}

func TestASignalThatSomebodyElseSendsIsNotHeard(t *testing.T) {
	bus := privateBus(t)
	owner, forger := connect(t, bus), connect(t, bus)
	s := &saver{active: true}
	s.offer(t, owner, "org.gnome.ScreenSaver")
	states, _ := start(t, bus, bus)
	if !next(t, states).Locked {
		t.Fatal("unlocked at the start")
	}
	asked := s.calls()
	for _, body := range [][]any{{false}, {}, {"no"}} {
		if err := forger.Emit("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged", body...); err != nil {
			t.Fatal(err)
		}
	}
	s.unlock()
	if err := owner.Emit("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged"); err != nil { // without an argument
		t.Fatal(err)
	}
	if next(t, states).Locked {
		t.Fatal("still locked")
	}
	if n := s.calls() - asked; n != 1 {
		t.Fatalf("asked %d times after one signal of the owner's", n)
	}
}

func TestAScreenSaverThatGoesAwayUnlocks(t *testing.T) {
	bus := privateBus(t)
	c, err := dbus.Connect(bus)
	if err != nil {
		t.Fatal(err)
	}
	(&saver{active: true}).offer(t, c, "org.freedesktop.ScreenSaver")
	states, _ := start(t, bus, bus)
	if !next(t, states).Locked {
		t.Fatal("unlocked at the start")
	}
	_ = c.Close()
	if next(t, states).Locked {
		t.Fatal("still locked")
	}
}

// session is logind's object of our own session.
type session struct{ *saver }

func (s session) Get(_, _ string) (dbus.Variant, *dbus.Error) {
	active, _ := s.GetActive()
	return dbus.MakeVariant(active), nil
}

func TestLogindTellsOfLockAndSleep(t *testing.T) {
	bus := privateBus(t)
	c := connect(t, bus)
	own := &saver{active: true}
	if err := c.Export(session{own}, ownSession, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RequestName(logindName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	states, woke := start(t, bus, bus)
	if !next(t, states).Locked {
		t.Fatal("unlocked at the start")
	}
	for _, before := range []bool{true, false} {
		if err := c.Emit("/org/freedesktop/login1", logindManager+".PrepareForSleep", before); err != nil {
			t.Fatal(err)
		}
	}
	next(t, woke)
	own.unlock()
	err := c.Emit("/org/freedesktop/login1/session/_31", "org.freedesktop.DBus.Properties.PropertiesChanged",
		logindSession, map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(false)}, []string{})
	if err != nil {
		t.Fatal(err)
	}
	if next(t, states).Locked {
		t.Fatal("still locked")
	}
}

func TestAnotherTimeZoneIsToldOf(t *testing.T) {
	bus := privateBus(t)
	manager := connect(t, bus)
	if err := manager.Export(session{&saver{active: true}}, ownSession, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if _, err := manager.RequestName(logindName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	set := make(chan struct{}, 8)
	states, _ := startWith(t, Options{SessionBus: bus, SystemBus: bus, Timeout: patience, ClockSet: func() { set <- struct{}{} }})
	next(t, states) // it is there
	change := []any{timedate, map[string]dbus.Variant{"Timezone": dbus.MakeVariant("Asia/Tokyo")}, []string{}}
	forger, keeper := connect(t, bus), connect(t, bus)
	for _, c := range []*dbus.Conn{forger, keeper} { // the service starts when somebody sets the zone
		if c == keeper {
			if _, err := c.RequestName(timedate, dbus.NameFlagDoNotQueue); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Emit("/org/freedesktop/timedate1", "org.freedesktop.DBus.Properties.PropertiesChanged", change...); err != nil {
			t.Fatal(err)
		}
	}
	next(t, set)
	if len(set) != 0 {
		t.Error("somebody else was heard")
	}
}

func TestSleepIsSeenByTheClocks(t *testing.T) {
	if slept(clockPeriod+time.Second, clockPeriod) {
		t.Error("a second is no sleep")
	}
	if !slept(8*time.Hour, clockPeriod) {
		t.Error("eight hours are")
	}
	if setBack(clockPeriod-time.Second, clockPeriod) || setBack(8*time.Hour, clockPeriod) {
		t.Error("the clock was not set back")
	}
	if !setBack(-time.Hour, clockPeriod) {
		t.Error("the clock was set back")
	}
}
