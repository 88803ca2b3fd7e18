package notify_test

import (
	"testing"

	"github.com/godbus/dbus/v5"

	"securepush/notify"
	"securepush/notify/notifytest"
)

// wantKind waits for an event of the desktop's.
func wantKind(t *testing.T, d *notify.Desktop, want notify.EventKind) {
	t.Helper()
	if e := notifytest.NextEvent(t, d); e != (notify.Event{Kind: want}) {
		t.Fatalf("event %v of %q, want %v", e.Kind, e.Tag, want)
	}
}

func TestADesktopThatWantsNoNotificationsIsHeard(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	s.Inhibit(true, false)
	d := openDesktop(t, bus, notify.Options{})
	wantKind(t, d, notify.Inhibited) // it was asked
	s.Inhibit(false, false)
	wantKind(t, d, notify.Uninhibited)
	s.Inhibit(true, true)
	wantKind(t, d, notify.Inhibited) // and asked again
	s.Inhibit(true, false)
	s.Inhibit("yes", false) // of another type: no word
	s.Restart()
	wantKind(t, d, notify.Uninhibited)
	wantKind(t, d, notify.DaemonRestarted)
	s.Inhibit(true, false)
	wantKind(t, d, notify.Inhibited)
	s.Stop()
	wantKind(t, d, notify.Uninhibited)
}

func TestNobodyElseSaysThatTheDesktopWantsNoNotifications(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t", Actions: true})
	forger := bus.Dial(t)
	for _, body := range [][]any{
		{notifytest.DaemonName, map[string]dbus.Variant{"Inhibited": dbus.MakeVariant(true)}, []string{}},
		{notifytest.DaemonName, map[string]dbus.Variant{}, []string{"Inhibited"}},
		{notifytest.DaemonName},
		{"x", 1, 2},
		nil,
	} {
		for _, to := range names(t, forger) { // not to everybody: the bus would keep that from us
			m := &dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
				dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath(notifytest.DaemonPath)),
				dbus.FieldInterface:   dbus.MakeVariant("org.freedesktop.DBus.Properties"),
				dbus.FieldMember:      dbus.MakeVariant("PropertiesChanged"),
				dbus.FieldDestination: dbus.MakeVariant(to),
			}}
			if len(body) > 0 {
				m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
			}
			if call := forger.Send(m, nil); call.Err != nil {
				t.Fatal(call.Err)
			}
		}
	}
	s.Do("t", notify.MarkedRead) // came after all that, over the same bus
	if e := notifytest.NextEvent(t, d); e.Kind != notify.MarkedRead {
		t.Errorf("event %+v", e)
	}
}
