package screen

import (
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/notify/notifytest"
)

// properties is a session of logind's with a value for each property.
type properties struct {
	mu     sync.Mutex
	values map[string]bool
	asked  chan string
}

func (p *properties) Get(_, name string) (dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked <- name
	return dbus.MakeVariant(p.values[name]), nil
}

func (p *properties) set(name string, value bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.values[name] = value
}

// login is logind on a bus of its own, with a watch that has asked it once.
type login struct {
	*testing.T
	*properties
	bus    *notifytest.Bus
	conn   *dbus.Conn
	states chan State
	woke   chan struct{}
}

func newLogin(t *testing.T, grace time.Duration) *login {
	t.Helper()
	bus := notifytest.StartBus(t)
	l := &login{T: t, bus: bus, conn: connect(t, bus.Address), properties: &properties{values: map[string]bool{}, asked: make(chan string, 64)}}
	if err := l.conn.Export(l.properties, ownSession, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.conn.RequestName(logindName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	l.states, l.woke = startWith(t, Options{SessionBus: bus.Address, SystemBus: bus.Address, Timeout: patience, grace: grace})
	next(t, l.asked)
	return l
}

func (l *login) emit(path dbus.ObjectPath, name string, body ...any) {
	l.Helper()
	if err := l.conn.Emit(path, name, body...); err != nil {
		l.Fatal(err)
	}
}

// changed tells of a property, and returns when the watch has asked for the lock twice since: so it is done with the first answer.
func (l *login) changed(name string, value bool) {
	l.Helper()
	l.set(name, value)
	for range 2 {
		l.emit("/org/freedesktop/login1/session/_31", "org.freedesktop.DBus.Properties.PropertiesChanged",
			logindSession, map[string]dbus.Variant{name: dbus.MakeVariant(value)}, []string{})
		if got := next(l.T, l.asked); got != "LockedHint" {
			l.Errorf("asked for %s", got)
		}
	}
}

func TestIdleAloneHidesNothing(t *testing.T) {
	l := newLogin(t, patience)
	l.changed("IdleHint", true)
	if len(l.states) != 0 {
		t.Fatalf("idle: %+v", next(t, l.states))
	}
	l.changed("LockedHint", true)
	if !next(t, l.states).Locked {
		t.Error("idle and locked is not locked")
	}
	l.changed("LockedHint", false)
	if next(t, l.states).Locked {
		t.Error("idle and unlocked is locked")
	}
}

func TestARequestForALockHidesAtOnce(t *testing.T) {
	l := newLogin(t, patience)
	l.emit("/org/freedesktop/login1/session/_31", logindSession+".Lock")
	if !next(t, l.states).Locked {
		t.Fatal("not hidden")
	}
	l.changed("LockedHint", true)
	l.emit("/org/freedesktop/login1/session/_31", logindSession+".Unlock")
	next(t, l.asked)
	if len(l.states) != 0 {
		t.Fatal("whoever locks has not unlocked")
	}
	l.changed("LockedHint", false)
	if next(t, l.states).Locked {
		t.Error("still hidden")
	}
}

func TestARequestForALockThatNobodyConfirmsEnds(t *testing.T) {
	l := newLogin(t, time.Millisecond)
	l.emit("/org/freedesktop/login1/session/_31", logindSession+".Lock")
	if !next(t, l.states).Locked {
		t.Fatal("not hidden")
	}
	if next(t, l.states).Locked {
		t.Fatal("still hidden")
	}
}

func TestNothingIsShownFromBeforeSleepUntilAfterIt(t *testing.T) {
	l := newLogin(t, patience)
	l.emit("/org/freedesktop/login1", logindManager+".PrepareForSleep", true)
	if !next(t, l.states).Locked {
		t.Fatal("not hidden")
	}
	l.emit("/org/freedesktop/login1", logindManager+".PrepareForSleep", false)
	if next(t, l.states).Locked {
		t.Fatal("still hidden")
	}
	next(t, l.woke)
}

func TestALostBusLeavesNobodyAsleep(t *testing.T) {
	l := newLogin(t, patience)
	l.emit("/org/freedesktop/login1", logindManager+".PrepareForSleep", true)
	if !next(t, l.states).Locked {
		t.Fatal("not hidden")
	}
	l.bus.Stop()
	if next(t, l.states).Locked {
		t.Fatal("still hidden")
	}
}

func TestEveryDesktopsScreenSaverIsHeard(t *testing.T) {
	for _, name := range (savers{}).names() {
		t.Run(name, func(t *testing.T) {
			bus := privateBus(t)
			c := connect(t, bus)
			s := &saver{active: true}
			s.offer(t, c, name)
			states, _ := start(t, bus, bus)
			if !next(t, states).Locked {
				t.Fatal("unlocked at the start")
			}
			s.unlock()
			if err := c.Emit(saverPath(name), name+".ActiveChanged", false); err != nil {
				t.Fatal(err)
			}
			if next(t, states).Locked {
				t.Fatal("still locked")
			}
		})
	}
}
