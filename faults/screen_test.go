//go:build linux

package faults

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	daemonName = "org.freedesktop.Notifications"
	daemonPath = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// toast is one call of Notify. Its stack tag tells a daemon which toast it takes the place of when ids are lost.
type toast struct {
	id            uint32
	summary, body string
	stack         string
	at            time.Time
	replaced      bool // it took the place of a toast of the same summary
}

// prompt says whether it is one of the generic prompts.
func (c toast) prompt() bool {
	return c.summary == "You have a new notification" || c.summary == "New notification"
}

// screen is a notification daemon that notes what it is asked to show. It replaces by id and by stack tag, as dunst does.
type screen struct {
	t       testing.TB
	address string
	moments *moments
	seen    func(toast)

	mu       sync.Mutex
	conn     *dbus.Conn
	last     uint32
	standing []toast
	hung     chan struct{} // not nil: answers wait until it is closed
	prompts  int
}

func newScreen(t testing.TB, address string, m *moments, seen func(toast)) *screen {
	t.Helper()
	s := &screen{t: t, address: address, moments: m, seen: seen}
	s.start()
	t.Cleanup(s.stop)
	return s
}

// start takes the name on the bus. Ids begin anew.
func (s *screen) start() {
	s.t.Helper()
	conn, err := dbus.Connect(s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	methods := map[string]any{
		"Notify": s.notify, "CloseNotification": s.closeNotification,
		"GetCapabilities": s.capabilities, "GetServerInformation": s.information,
	}
	if err := conn.ExportMethodTable(methods, daemonPath, daemonName); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.conn, s.standing, s.last = conn, nil, 0
	s.mu.Unlock()
	if reply, err := conn.RequestName(daemonName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		s.t.Fatalf("own %s: %v, %v", daemonName, reply, err)
	}
}

// stop takes the daemon and its toasts off the bus. It may be called again.
func (s *screen) stop() {
	s.release()
	s.mu.Lock()
	conn := s.conn
	s.conn, s.standing = nil, nil
	s.mu.Unlock()
	if conn != nil {
		_ = conn.Close()
	}
}

// hang lets answers wait until release.
func (s *screen) hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hung = make(chan struct{})
}

func (s *screen) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hung != nil {
		close(s.hung)
		s.hung = nil
	}
}

// waits waits while the daemon hangs.
func (s *screen) waits() {
	s.mu.Lock()
	hung := s.hung
	s.mu.Unlock()
	if hung != nil {
		<-hung
	}
}

// stands lists the toasts on the screen.
func (s *screen) stands() []toast {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.standing)
}

// shownPrompts counts the generic prompts so far.
func (s *screen) shownPrompts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.prompts
}

func (s *screen) notify(_ string, replaces uint32, _, summary, body string, _ []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	s.waits()
	s.moments.pass(toastArrives)
	c := toast{summary: summary, body: body, at: time.Now()}
	c.stack, _ = hints["x-canonical-private-synchronous"].Value().(string)
	s.mu.Lock()
	if i := slices.IndexFunc(s.standing, func(o toast) bool { return o.id == replaces || c.stack != "" && o.stack == c.stack }); i >= 0 {
		c.id, c.replaced = s.standing[i].id, s.standing[i].summary == summary
		s.standing = slices.Delete(s.standing, i, i+1)
	} else {
		s.last++
		c.id = s.last
	}
	s.standing = append(s.standing, c)
	if c.prompt() {
		s.prompts++
	}
	s.mu.Unlock()
	s.seen(c)
	go s.moments.pass(toastAnswered) // beside the answer, which goes out when this returns
	return c.id, nil
}

func (s *screen) closeNotification(id uint32) *dbus.Error {
	s.waits()
	s.mu.Lock()
	before := len(s.standing)
	s.standing = slices.DeleteFunc(s.standing, func(c toast) bool { return c.id == id })
	known, conn := len(s.standing) < before, s.conn
	s.mu.Unlock()
	if !known {
		return dbus.NewError("org.example.NoSuchToast", nil)
	}
	if conn != nil {
		_ = conn.Emit(daemonPath, daemonName+".NotificationClosed", id, uint32(3))
	}
	return nil
}

func (s *screen) capabilities() ([]string, *dbus.Error) {
	s.waits()
	return strings.Fields("body body-markup actions x-canonical-private-synchronous"), nil
}

func (s *screen) information() (name, vendor, version, spec string, err *dbus.Error) {
	s.waits()
	return "faults", "securepush", "1", "1.2", nil
}
