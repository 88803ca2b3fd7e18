package traytest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	watcher  = "org.kde.StatusNotifierWatcher"
	path     = dbus.ObjectPath("/StatusNotifierWatcher")
	item     = "org.kde.StatusNotifierItem"
	menu     = "com.canonical.dbusmenu"
	patience = time.Minute
)

// Host is a tray. Its methods fail the test when something goes wrong.
type Host struct {
	t     testing.TB
	conn  *dbus.Conn
	items chan string // names as they register

	mu     sync.Mutex
	there  bool
	silent chan struct{} // not nil: nothing is answered before it is closed
	asked  chan struct{}
}

// StartHost starts a tray on the bus at the address; there says whether it has a host from the start.
func StartHost(t testing.TB, address string, there bool) *Host {
	t.Helper()
	h := &Host{t: t, items: make(chan string, 64), there: there, asked: make(chan struct{}, 1024)}
	var err error
	if h.conn, err = dbus.Connect(address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Stop)
	h.check(h.conn.Export(registry{h}, path, watcher))
	h.check(h.conn.Export(values{h}, path, "org.freedesktop.DBus.Properties"))
	h.own()
	return h
}

func (h *Host) own() {
	h.t.Helper()
	reply, err := h.conn.RequestName(watcher, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		h.t.Fatal("the tray's name cannot be had", reply, err)
	}
}

func (h *Host) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// Stop ends the tray. It may be called again.
func (h *Host) Stop() {
	h.Answer()
	_ = h.conn.Close()
}

// Hang makes the tray take calls without answering them.
func (h *Host) Hang() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent = make(chan struct{})
}

// Answer ends Hang.
func (h *Host) Answer() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.silent != nil {
		close(h.silent)
		h.silent = nil
	}
}

// Asked waits for a question whether there is a host.
func (h *Host) Asked() {
	h.t.Helper()
	h.await(h.asked, "a question for a host")
}

func (h *Host) await(c <-chan struct{}, what string) {
	h.t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		h.t.Fatal("nothing came: ", what)
	}
}

// Show makes a host come or go, and says so.
func (h *Host) Show(there bool) {
	h.t.Helper()
	h.mu.Lock()
	h.there = there
	h.mu.Unlock()
	name := ".StatusNotifierHostUnregistered"
	if there {
		name = ".StatusNotifierHostRegistered"
	}
	h.check(h.conn.Emit(path, watcher+name))
}

// registry is what items call.
type registry struct{ h *Host }

// RegisterStatusNotifierItem takes an item.
func (r registry) RegisterStatusNotifierItem(name string, from dbus.Sender) *dbus.Error {
	r.h.wait()
	if name == "" || name[0] == '/' {
		name = string(from)
	}
	r.h.items <- name
	return nil
}

// values are the watcher's properties.
type values struct{ h *Host }

// Get answers.
func (v values) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	v.h.asked <- struct{}{}
	v.h.wait()
	v.h.mu.Lock()
	defer v.h.mu.Unlock()
	if iface != watcher || name != "IsStatusNotifierHostRegistered" {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
	}
	return dbus.MakeVariant(v.h.there), nil
}

func (h *Host) wait() {
	h.mu.Lock()
	silent := h.silent
	h.mu.Unlock()
	if silent != nil {
		<-silent
	}
}

// Item is one that has registered, as the host sees it.
type Item struct {
	h       *Host
	conn    *dbus.Conn
	name    string
	signals chan *dbus.Signal
}

// Item waits for the next item that registers.
func (h *Host) Item() *Item {
	h.t.Helper()
	select {
	case name := <-h.items:
		i := &Item{h: h, conn: h.conn, name: name, signals: make(chan *dbus.Signal, 256)}
		h.check(h.conn.AddMatchSignal(dbus.WithMatchSender(name)))
		h.conn.Signal(i.signals)
		return i
	case <-time.After(patience):
		h.t.Fatal("no item registered")
		return nil
	}
}

// Name is the item's name on the bus.
func (i *Item) Name() string { return i.name }

// Conn is the host's connection, for calls that no good host makes.
func (i *Item) Conn() *dbus.Conn { return i.conn }

// Call calls a method of the item, or of its menu when the name begins so.
func (i *Item) Call(method string, args ...any) *dbus.Call {
	at := dbus.ObjectPath("/StatusNotifierItem")
	if len(method) > len(menu) && method[:len(menu)] == menu {
		at = "/MenuBar"
	}
	return i.conn.Object(i.name, at).CallWithContext(i.h.t.Context(), method, 0, args...)
}

// Property reads one of the item's.
func (i *Item) Property(name string) any {
	i.h.t.Helper()
	var v dbus.Variant
	i.h.check(i.Call("org.freedesktop.DBus.Properties.Get", item, name).Store(&v))
	return v.Value()
}

// Properties reads all of the item's.
func (i *Item) Properties() map[string]dbus.Variant {
	i.h.t.Helper()
	var all map[string]dbus.Variant
	i.h.check(i.Call("org.freedesktop.DBus.Properties.GetAll", item).Store(&all))
	return all
}

// Activate is a click with the first button.
func (i *Item) Activate() {
	i.h.t.Helper()
	i.h.check(i.Call(item+".Activate", int32(1), int32(2)).Err)
}

// SecondaryActivate is a click with the middle button.
func (i *Item) SecondaryActivate() {
	i.h.t.Helper()
	i.h.check(i.Call(item+".SecondaryActivate", int32(1), int32(2)).Err)
}

// Token gives the item an activation token, without waiting for an answer, as hosts do.
func (i *Item) Token(token string) {
	i.conn.Object(i.name, "/StatusNotifierItem").Go(item+".ProvideXdgActivationToken", dbus.FlagNoReplyExpected, nil, token)
}

// Line is a line of the menu.
type Line struct {
	ID        int32
	Label     string
	Enabled   bool
	Separator bool
}

// Menu reads the menu, and its revision.
func (i *Item) Menu() ([]Line, uint32) {
	i.h.t.Helper()
	type node struct {
		ID         int32
		Properties map[string]dbus.Variant
		Children   []dbus.Variant
	}
	var revision uint32
	var root node
	i.h.check(i.Call(menu+".GetLayout", int32(0), int32(-1), []string{}).Store(&revision, &root))
	var lines []Line
	for _, c := range root.Children {
		var n node
		i.h.check(c.Store(&n))
		l := Line{ID: n.ID, Enabled: true}
		for name, v := range n.Properties {
			switch name {
			case "label":
				l.Label, _ = v.Value().(string)
			case "enabled":
				l.Enabled, _ = v.Value().(bool)
			case "type":
				l.Separator = v.Value() == "separator"
			}
		}
		lines = append(lines, l)
	}
	return lines, revision
}

// Labels are the menu's lines, "-" for a separator.
func (i *Item) Labels() []string {
	i.h.t.Helper()
	lines, _ := i.Menu()
	var out []string
	for _, l := range lines {
		if l.Separator {
			l.Label = "-"
		}
		out = append(out, l.Label)
	}
	return out
}

// Line finds the number of the line with the label.
func (i *Item) Line(label string) int32 {
	i.h.t.Helper()
	lines, _ := i.Menu()
	at := slices.IndexFunc(lines, func(l Line) bool { return l.Label == label })
	if at < 0 {
		i.h.t.Fatalf("no line %q in %+v", label, lines)
	}
	return lines[at].ID
}

// Click clicks the line with the label.
func (i *Item) Click(label string) {
	i.h.t.Helper()
	i.h.check(i.ClickID(i.Line(label)))
}

// ClickID clicks the line with the number.
func (i *Item) ClickID(id int32) error {
	return i.Call(menu+".Event", id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
}

// Signal waits for a signal of the item, by its last name, and returns what it carries. Others are passed over.
func (i *Item) Signal(name string) []any {
	i.h.t.Helper()
	end := time.After(patience)
	for {
		select {
		case s := <-i.signals:
			if s == nil {
				i.h.t.Fatal("the bus is gone")
			}
			if s.Name == item+"."+name || s.Name == menu+"."+name {
				return s.Body
			}
		case <-end:
			i.h.t.Fatalf("no signal %s; the menu: %q", name, i.Labels())
		}
	}
}

// Until reads the menu after each change until ok is content with its labels.
func (i *Item) Until(ok func(labels []string) bool) {
	i.h.t.Helper()
	for {
		labels := i.Labels()
		if ok(labels) {
			return
		}
		i.Signal("LayoutUpdated")
	}
}

// ErrorName is the name of a D-Bus error.
func ErrorName(err error) string {
	if e, ok := errors.AsType[dbus.Error](err); ok {
		return e.Name
	}
	return fmt.Sprint(err)
}
