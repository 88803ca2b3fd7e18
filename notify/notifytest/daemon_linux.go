package notifytest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"securepush/notify"
)

// Names of the Desktop Notifications Specification.
const (
	DaemonName = "org.freedesktop.Notifications"
	DaemonPath = "/org/freedesktop/Notifications"

	propertiesName = "org.freedesktop.DBus.Properties"
)

// Mode says how a scripted daemon behaves.
type Mode int

// The modes.
const (
	Normal    Mode = iota
	NoActions      // announces nothing
	Failing        // answers every Notify with an error that repeats the text
	Hung           // takes every Notify and does not answer before Release
)

// Call is one Notify as it came over the bus.
type Call struct {
	AppName  string
	Replaces uint32
	AppIcon  string
	Summary  string
	Body     string // markup
	Actions  []string
	Hints    map[string]dbus.Variant
	Expire   int32
	ID       uint32 // what was answered
}

// Daemon is a scripted notification daemon: a [Screen] whose every answer a test decides. Its ids begin at 1.
type Daemon struct {
	t       testing.TB
	bus     *Bus
	mode    Mode
	changed chan struct{}
	arrived chan Call

	mu       sync.Mutex
	conn     *dbus.Conn
	next     uint32
	answers  map[uint32]Call // by ID: those whose answer is not on its way yet
	toasts   []Call
	asked    int // GetCapabilities
	inhibits any // the value of the property Inhibited; nil: there is none
	release  sync.Once
	released chan struct{}
}

// StartDaemon starts a scripted daemon on the bus and ends it with the test.
func StartDaemon(t testing.TB, bus *Bus, mode Mode) *Daemon {
	t.Helper()
	d := &Daemon{
		t: t, bus: bus, mode: mode, changed: make(chan struct{}, 1), arrived: make(chan Call, 4096), released: make(chan struct{}),
	}
	d.start()
	t.Cleanup(d.Stop)
	return d
}

func (d *Daemon) start() {
	d.t.Helper()
	conn := d.dial()
	d.mu.Lock()
	d.conn, d.next, d.toasts, d.answers = conn, 0, nil, make(map[uint32]Call)
	d.mu.Unlock()
	methods := map[string]any{
		"Notify": d.notify, "CloseNotification": d.closeNotification,
		"GetCapabilities": d.capabilities, "GetServerInformation": d.information,
	}
	if err := conn.ExportMethodTable(methods, DaemonPath, DaemonName); err != nil {
		d.t.Fatal(err)
	}
	if err := conn.ExportMethodTable(map[string]any{"Get": d.property}, DaemonPath, propertiesName); err != nil {
		d.t.Fatal(err)
	}
	if reply, err := conn.RequestName(DaemonName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		d.t.Fatalf("own %s: %v, %v", DaemonName, reply, err)
	}
}

// dial connects to the bus through a wire.
func (d *Daemon) dial() *dbus.Conn {
	d.t.Helper()
	raw, err := new(net.Dialer).DialContext(d.t.Context(), "unix", d.bus.socket)
	if err != nil {
		d.t.Fatal(err)
	}
	conn, err := dbus.NewConn(wire{raw, d})
	if err != nil {
		_ = raw.Close()
		d.t.Fatal(err)
	}
	if err := errors.Join(conn.Auth(nil), conn.Hello()); err != nil {
		_ = conn.Close()
		d.t.Fatal(err)
	}
	return conn
}

// wire is a daemon's connection. A toast stands as soon as its answer is written: whatever the daemon is made to say about a
// toast that stands comes behind the answer, as with daemons that do one thing after the other.
type wire struct {
	net.Conn
	d *Daemon
}

// Write writes what godbus gives it, one message at a time.
func (w wire) Write(p []byte) (int, error) {
	m, err := dbus.DecodeMessage(bytes.NewReader(p))
	if err != nil || m.Type != dbus.TypeMethodReply || len(m.Body) != 1 {
		return w.Conn.Write(p)
	}
	id, _ := m.Body[0].(uint32)
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	n, err := w.Conn.Write(p)
	if c, ok := w.d.answers[id]; ok && err == nil {
		w.d.remove(id)
		w.d.toasts = append(w.d.toasts, c)
	}
	return n, err
}

// Stop takes the daemon off the bus. It may be called again.
func (d *Daemon) Stop() {
	d.mu.Lock()
	conn := d.conn
	d.conn = nil
	d.mu.Unlock()
	if conn != nil {
		_ = conn.Close()
	}
	d.Release()
}

// Release lets a hung daemon answer, and behave from now on.
func (d *Daemon) Release() { d.release.Do(func() { close(d.released) }) }

// Arrived receives every Notify, before it is answered.
func (d *Daemon) Arrived() <-chan Call { return d.arrived }

// Asked counts the questions for capabilities.
func (d *Daemon) Asked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

// Toasts lists the calls behind the toasts that stand, oldest first.
func (d *Daemon) Toasts() []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.toasts)
}

// Standing implements [Screen].
func (d *Daemon) Standing() []Standing { return seen(d.Toasts()) }

// seen is what a person sees of calls.
func seen(calls []Call) []Standing {
	var out []Standing
	for _, c := range calls {
		body, err := Plain(c.Body)
		if err != nil {
			body = err.Error()
		}
		out = append(out, Standing{c.Summary, body})
	}
	return out
}

// Heard implements [Screen].
func (d *Daemon) Heard(title string) bool { return heardIn(d.Toasts(), title) }

// heardIn says what daemons make of the hints about sounds.
func heardIn(calls []Call, title string) bool {
	for _, c := range calls {
		silent, _ := c.Hints["suppress-sound"].Value().(bool)
		if name, _ := c.Hints["sound-name"].Value().(string); c.Summary == title && name == "message-new-instant" && !silent {
			return true
		}
	}
	return false
}

// Changed implements [Screen].
func (d *Daemon) Changed() <-chan struct{} { return d.changed }

// Do implements [Screen].
func (d *Daemon) Do(title string, k notify.EventKind) bool {
	for _, c := range d.Toasts() {
		if c.Summary != title {
			continue
		}
		switch k {
		case notify.Opened:
			d.Act(c.ID, "default")
		case notify.MarkedRead:
			d.Act(c.ID, "mark-read")
		case notify.Dismissed:
			d.Close(c.ID, 2)
		default:
			return false
		}
		return true
	}
	return false
}

// Act presses a button and closes the toast, as daemons do.
func (d *Daemon) Act(id uint32, key string) {
	d.Emit("ActionInvoked", id, key)
	d.Close(id, 2)
}

// Close closes a toast for a reason of the specification: 1 expired, 2 by the person, 3 by call.
func (d *Daemon) Close(id, reason uint32) {
	d.mu.Lock()
	d.remove(id)
	d.mu.Unlock()
	d.Emit("NotificationClosed", id, reason)
}

// Emit sends any signal of the daemon's interface to everybody.
func (d *Daemon) Emit(member string, args ...any) {
	d.mu.Lock()
	conn := d.conn
	d.mu.Unlock()
	if err := conn.Emit(DaemonPath, DaemonName+"."+member, args...); err != nil {
		d.t.Error(err)
	}
}

// Inhibit gives the property Inhibited a value, of whatever type, and tells everybody; silently: as one that is to be asked for.
func (d *Daemon) Inhibit(value any, silently bool) {
	d.mu.Lock()
	d.inhibits = value
	conn := d.conn
	d.mu.Unlock()
	if conn == nil {
		return
	}
	changed, without := map[string]dbus.Variant{"Inhibited": dbus.MakeVariant(value)}, []string{}
	if silently {
		changed, without = map[string]dbus.Variant{}, []string{"Inhibited"}
	}
	if err := conn.Emit(DaemonPath, propertiesName+".PropertiesChanged", DaemonName, changed, without); err != nil {
		d.t.Error(err)
	}
}

func (d *Daemon) property(iface, name string) (dbus.Variant, *dbus.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if iface != DaemonName || name != "Inhibited" || d.inhibits == nil {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
	}
	return dbus.MakeVariant(d.inhibits), nil
}

// Restart implements [Screen]: ids start over.
func (d *Daemon) Restart() bool {
	d.Stop()
	d.start()
	return true
}

func (d *Daemon) notify(app string, replaces uint32, icon, summary, body string, actions []string,
	hints map[string]dbus.Variant, expire int32,
) (uint32, *dbus.Error) {
	c := Call{app, replaces, icon, summary, body, actions, hints, expire, 0}
	d.arrived <- c
	switch d.mode {
	case Failing:
		return 0, dbus.NewError("org.example.Failed", []any{"cannot show " + summary + body})
	case Hung:
		<-d.released
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c.ID = replaces
	if c.ID == 0 {
		d.next++
		c.ID = d.next
	}
	d.answers[c.ID] = c
	return c.ID, nil
}

func (d *Daemon) closeNotification(id uint32) *dbus.Error {
	d.mu.Lock()
	known := d.remove(id)
	d.mu.Unlock()
	if !known {
		return dbus.NewError("org.example.NoSuchToast", nil)
	}
	d.Emit("NotificationClosed", id, uint32(3))
	return nil
}

func (d *Daemon) capabilities() ([]string, *dbus.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if d.mode == NoActions {
		return []string{}, nil
	}
	return []string{"body", "actions", "body-markup"}, nil
}

func (d *Daemon) information() (name, vendor, version, spec string, err *dbus.Error) {
	return "scripted", "securepush", "1", "1.2", nil
}

// remove drops a toast. The caller holds mu.
func (d *Daemon) remove(id uint32) bool {
	before := len(d.toasts)
	delete(d.answers, id)
	d.toasts = slices.DeleteFunc(d.toasts, func(c Call) bool { return c.ID == id })
	select {
	case d.changed <- struct{}{}:
	default:
	}
	return len(d.toasts) < before
}

// Plain reads a toast's markup as a server does; a tag in it is an error.
func Plain(markup string) (string, error) {
	d := xml.NewDecoder(strings.NewReader("<t>" + markup + "</t>"))
	var text strings.Builder
	for depth := 0; ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text.Write(tok)
		case xml.StartElement:
			if depth++; depth > 1 {
				return "", fmt.Errorf("tag %s in the text", tok.Name.Local)
			}
		case xml.EndElement:
		default:
			return "", fmt.Errorf("%T in the text", tok)
		}
	}
}
