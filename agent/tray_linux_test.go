package agent

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/agent/local"
	"securepush/agent/tray/traytest"
	"securepush/api"
	"securepush/notify/notifytest"
	"securepush/secure"
)

// saver is the session's screen saver.
type saver struct{ locked atomic.Bool }

// GetActive says whether the screen is locked.
func (s *saver) GetActive() (bool, *dbus.Error) { return s.locked.Load(), nil }

const saverName = "org.freedesktop.ScreenSaver"

func startSaver(t *testing.T, bus *notifytest.Bus) (lock func(bool)) {
	t.Helper()
	c := bus.Dial(t)
	const path = dbus.ObjectPath("/org/freedesktop/ScreenSaver")
	s := &saver{}
	if err := c.Export(s, path, saverName); err != nil {
		t.Fatal(err)
	}
	if reply, err := c.RequestName(saverName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return func(locked bool) {
		s.locked.Store(locked)
		if err := c.Emit(path, saverName+".ActiveChanged", locked); err != nil {
			t.Fatal(err)
		}
	}
}

// trayed is an agent on a desktop with a tray, a screen saver and a notification daemon.
type trayed struct {
	*local.Client
	item   *traytest.Item
	lock   func(bool)
	toasts *notifytest.Daemon
	opened chan []string // environments of windows that were started
	ended  chan error
}

func (w *world) inTray() *trayed {
	w.Helper()
	bus := notifytest.StartBus(w.T)
	w.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	w.Setenv("LC_ALL", "C")
	d := &trayed{toasts: notifytest.StartDaemon(w.T, bus, notifytest.Normal), lock: startSaver(w.T, bus), opened: make(chan []string, 8), ended: make(chan error, 1)}
	host := traytest.StartHost(w.T, bus.Address, true)
	a := w.open(secure.NewMemory())
	a.o.StartWindow = func(env []string) error { d.opened <- env; return nil }
	ctx, cancel := context.WithCancel(context.Background())
	go func() { d.ended <- a.Run(ctx) }()
	d.Client = local.Dial(a.o.Paths.Socket())
	w.Cleanup(func() {
		cancel()
		d.Close()
		w.until(func() bool { return len(d.ended) > 0 })
		_ = a.Close()
	})
	d.item = host.Item()
	return d
}

// says waits until a line of the menu is so.
func (d *trayed) says(place int, want string) {
	d.item.Until(func(labels []string) bool { return len(labels) > place && strings.HasPrefix(labels[place], want) })
}

const (
	stateLine = 0
	firstItem = 2
)

// withNotification signs anna in and sends her one, which the tray then names.
func (d *trayed) withNotification(w *world) (label string) {
	w.Helper()
	if _, err := d.SignIn(w.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		w.Fatal(err)
	}
	d.says(stateLine, "Connected")
	if _, err := d.Send(w.Context(), api.SendRequest{Title: "Potassium_1", Payload: "4.1", Sender: "Lab"}); err != nil {
		w.Fatal(err)
	}
	d.says(firstItem, "Lab: Potassium__1")
	return "Lab: Potassium__1"
}

func TestTheTrayFollowsTheAgent(t *testing.T) {
	w := newWorld(t)
	d := w.inTray()
	d.says(stateLine, "Not signed in")
	w.until(func() bool { s, err := d.Status(t.Context()); return err == nil && s.Tray })
	line := d.withNotification(w)
	if got := d.item.Property("Title"); got != "SecurePush: 1 unread" {
		t.Errorf("title %q", got)
	}
	d.item.Token("token-1")
	d.item.Click(line)
	if env := <-d.opened; !slices.Contains(env, "XDG_ACTIVATION_TOKEN=token-1") {
		t.Errorf("the window was started with %q", env)
	}
	d.item.Click("Pause for 1 hour")
	d.says(stateLine, "Paused until ")
	if s, err := d.Settings(t.Context()); err != nil || time.Until(time.Unix(s.QuietUntil, 0)) < 59*time.Minute {
		t.Errorf("quiet until %d, %v", s.QuietUntil, err)
	}
	d.item.SecondaryActivate()
	d.says(stateLine, "Connected")
	d.item.Click("Mark all read")
	d.says(firstItem, "Open SecurePush")
	if in, err := d.Inbox(t.Context(), local.InboxQuery{}); err != nil || len(in.Items) != 1 || !in.Items[0].Read {
		t.Errorf("inbox %+v, %v", in, err)
	}
	_ = d.item.ClickID(d.item.Line("Quit")) // an agent that ends need not answer
	select {
	case err := <-d.ended:
		d.ended <- err
		if err != nil {
			t.Errorf("the agent ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the agent goes on")
	}
}

func TestTheTrayHidesWhatToastsHide(t *testing.T) {
	w := newWorld(t)
	d := w.inTray()
	line := d.withNotification(w)
	set := func(change func(*local.Settings)) {
		t.Helper()
		s, err := d.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		change(&s)
		if err := d.SaveSettings(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name       string
		hide, show func()
		want       string
	}{
		{"a locked screen", func() { d.lock(true) }, func() { d.lock(false) }, "1 unread notification"},
		{"a desktop that asks not to disturb", func() { d.toasts.Inhibit(true, false) }, func() { d.toasts.Inhibit(false, false) }, "1 unread notification"},
		{
			"a person who wants no content, in German", func() { set(func(s *local.Settings) { s.ToastContent, s.Language = local.ToastNothing, "de" }) },
			func() { set(func(s *local.Settings) { s.ToastContent, s.Language = local.ToastEverything, "" }) }, "1 ungelesene Mitteilung",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.hide()
			d.says(firstItem, c.want)
			if got := strings.Join(d.item.Labels(), "|"); strings.Contains(got, "Potassium") || strings.Contains(got, "Lab") {
				t.Errorf("the menu says %s", got)
			}
			c.show()
			d.says(firstItem, line)
		})
	}
	set(func(s *local.Settings) { s.ToastContent = local.ToastSender })
	d.item.Until(func(labels []string) bool { return labels[firstItem] == "Lab" })
}

func TestWithoutATrayTheStatusSaysSo(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	if s, err := c.Status(t.Context()); err != nil || s.Tray {
		t.Errorf("tray %v, %v", s.Tray, err)
	}
}
