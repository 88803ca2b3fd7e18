package notify_test

import (
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"securepush/notify"
	"securepush/notify/notifytest"
)

func TestForgedAndMalformedSignalsAreIgnored(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t", Actions: true})
	forger := bus.Dial(t)
	for _, f := range forgeries() {
		for _, to := range append(names(t, forger), "") {
			forge(t, forger, to, f)
		}
		if f.odd { // the real daemon may be broken, too
			s.Emit(f.member, f.body...)
		}
	}
	// Everything above was sent before this, on the same bus.
	s.Emit("ActivationToken", uint32(1), "token-1")
	s.Do("t", notify.MarkedRead)
	if e := notifytest.NextEvent(t, d); e != (notify.Event{Kind: notify.MarkedRead, Tag: "a", ActivationToken: "token-1"}) {
		t.Fatalf("event %+v, want the person's", e)
	}
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
	select {
	case e := <-d.Events():
		t.Errorf("event %+v from nobody", e)
	default:
	}
}

// forgery is a signal; odd: no daemon may send it.
type forgery struct {
	member string
	odd    bool
	body   []any
}

func forgeries() []forgery {
	return []forgery{
		{"ActionInvoked", false, []any{uint32(1), "default"}},
		{"NotificationClosed", false, []any{uint32(1), uint32(2)}},
		{"ActivationToken", false, []any{uint32(1), "forged"}},
		{"ActionInvoked", true, nil},
		{"ActionInvoked", true, []any{uint32(1)}},
		{"ActionInvoked", true, []any{uint32(1), uint32(2)}},
		{"ActionInvoked", true, []any{int32(1), "default"}},
		{"ActionInvoked", true, []any{"1", "default"}},
		{"ActionInvoked", true, []any{uint32(1), "default", "more"}},
		{"ActionInvoked", true, []any{uint32(1), "no-such-action"}},
		{"ActionInvoked", true, []any{uint32(99), "default"}},
		{"NotificationClosed", true, []any{uint32(1), "2"}},
		{"NotificationClosed", true, []any{dbus.MakeVariant(uint32(1)), uint32(2)}},
		{"NotificationClosed", true, []any{uint32(1)}},
		{"ActivationToken", true, []any{uint32(1), []string{"x"}}},
		{"ActivationToken", true, []any{uint32(1), "line\nbreak"}},
		{"ActivationToken", true, []any{uint32(1), strings.Repeat("x", 300)}},
		{"NoSuchSignal", true, []any{uint32(1), "default"}},
	}
}

func names(t *testing.T, c *dbus.Conn) (unique []string) {
	t.Helper()
	var all []string
	if err := c.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&all); err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		if strings.HasPrefix(n, ":") {
			unique = append(unique, n)
		}
	}
	return unique
}

// forge sends the signal to one name, or with "" to everybody; also one about the daemon's name.
func forge(t *testing.T, c *dbus.Conn, to string, f forgery) {
	t.Helper()
	for _, about := range []struct {
		iface, member string
		body          []any
	}{
		{notifytest.DaemonName, f.member, f.body},
		{"org.freedesktop.DBus", "NameOwnerChanged", []any{notifytest.DaemonName, "", c.Names()[0]}},
		{"org.freedesktop.DBus", "NameAcquired", nil},
	} {
		m := &dbus.Message{Type: dbus.TypeSignal, Body: about.body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath:      dbus.MakeVariant(dbus.ObjectPath(notifytest.DaemonPath)),
			dbus.FieldInterface: dbus.MakeVariant(about.iface),
			dbus.FieldMember:    dbus.MakeVariant(about.member),
		}}
		if len(about.body) > 0 {
			m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(about.body...))
		}
		if to != "" {
			m.Headers[dbus.FieldDestination] = dbus.MakeVariant(to)
		}
		if call := c.Send(m, nil); call.Err != nil {
			t.Fatal(call.Err)
		}
	}
}
