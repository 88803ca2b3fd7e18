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

// inTray runs an agent of anna's on a desktop with a tray.
func (w *world) inTray(start func(env []string) error) (*local.Client, *traytest.Item, func(bool), chan error) {
	w.Helper()
	bus := notifytest.StartBus(w.T)
	w.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	w.Setenv("LC_ALL", "C")
	notifytest.StartDaemon(w.T, bus, notifytest.Normal)
	lock := startSaver(w.T, bus)
	host := traytest.StartHost(w.T, bus.Address, true)
	a := w.open(secure.NewMemory())
	a.o.StartWindow = start
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- a.Run(ctx) }()
	c := local.Dial(a.o.Paths.Socket())
	w.Cleanup(func() {
		cancel()
		c.Close()
		w.until(func() bool { return len(ended) > 0 })
		_ = a.Close()
	})
	return c, host.Item(), lock, ended
}

func TestTheTrayFollowsTheAgentAndTheAgentTheTray(t *testing.T) {
	w := newWorld(t)
	opened := make(chan []string, 8)
	c, item, lock, ended := w.inTray(func(env []string) error { opened <- env; return nil })
	begins := func(want string) {
		t.Helper()
		item.Until(func(labels []string) bool { return labels[0] == want })
	}
	begins("Not signed in")
	w.until(func() bool { s, err := c.Status(t.Context()); return err == nil && s.Tray })
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	begins("Connected")

	if _, err := c.Send(t.Context(), api.SendRequest{Title: "Potassium_1", Payload: "4.1", Sender: "Lab"}); err != nil {
		t.Fatal(err)
	}
	const line = "Lab: Potassium__1"
	item.Until(func(labels []string) bool { return slices.Contains(labels, line) })
	if got := item.Property("Title"); got != "SecurePush: 1 unread" {
		t.Errorf("title %q", got)
	}

	lock(true)
	item.Until(func(labels []string) bool { return slices.Contains(labels, "1 unread notification") })
	if got := strings.Join(item.Labels(), "|"); strings.Contains(got, "Potassium") || strings.Contains(got, "Lab") {
		t.Errorf("on a locked screen: %s", got)
	}
	lock(false)
	item.Until(func(labels []string) bool { return slices.Contains(labels, line) })

	s, err := c.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.ToastContent, s.Language = local.ToastNothing, "de"
	if err := c.SaveSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	item.Until(func(labels []string) bool { return slices.Contains(labels, "1 ungelesene Mitteilung") })
	s.ToastContent, s.Language = local.ToastEverything, ""
	if err := c.SaveSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	item.Until(func(labels []string) bool { return slices.Contains(labels, line) })

	item.Token("token-1")
	item.Click(line)
	if env := <-opened; !slices.Contains(env, "XDG_ACTIVATION_TOKEN=token-1") {
		t.Errorf("the window was started with %q", env)
	}
	item.Click("Pause for 1 hour")
	item.Until(func(labels []string) bool { return strings.HasPrefix(labels[0], "Paused until ") })
	if s, err := c.Settings(t.Context()); err != nil || time.Until(time.Unix(s.QuietUntil, 0)) < 59*time.Minute {
		t.Errorf("quiet until %d, %v", s.QuietUntil, err)
	}
	item.SecondaryActivate()
	begins("Connected")
	item.Click("Mark all read")
	item.Until(func(labels []string) bool { return !slices.Contains(labels, line) && labels[2] == "Open SecurePush" })

	item.Click("Quit")
	select {
	case err := <-ended:
		ended <- err
		if err != nil {
			t.Errorf("the agent ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the agent goes on")
	}
}

func TestWithoutATrayTheStatusSaysSo(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	if s, err := c.Status(t.Context()); err != nil || s.Tray {
		t.Errorf("tray %v, %v", s.Tray, err)
	}
}
