package notifytest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/notify"
)

// Display is an X display that nobody sees.
type Display struct{ Name string }

// StartDisplay starts Xvfb and ends it with the test; without Xvfb the test is skipped.
func StartDisplay(t testing.TB) *Display {
	t.Helper()
	program := Need(t, "Xvfb")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-displayfd", "3", "-screen", "0", "1000x680x24", "-nolisten", "tcp") //nolint:gosec,noctx // ended below
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_ = write.Close()
	line, err := bufio.NewReader(read).ReadString('\n')
	_ = read.Close()
	if err != nil {
		t.Fatalf("Xvfb told no display: %v", err)
	}
	return &Display{":" + strings.TrimSpace(line)}
}

// Picture takes a picture of the whole display into file; without ImageMagick the test is skipped.
func (d *Display) Picture(t testing.TB, file string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), Need(t, "import"), "-display", d.Name, "-window", "root", file) //nolint:gosec // test
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("import: %v: %s", err, out)
	}
}

// Dunst is a real notification daemon: a [Screen] that is read by listening to the bus.
type Dunst struct {
	t       testing.TB
	bus     *Bus
	display *Display
	env     []string
	args    []string
	cmd     *exec.Cmd
	owned   chan string // unique names that took the daemon's name
	changed chan struct{}

	mu     sync.Mutex
	calls  map[string]Call // Notify without an answer yet, by caller and serial
	toasts []Call
}

// StartDunst starts dunst with a display of its own and ends both with the test; without them the test is skipped.
// config is the text of a dunstrc's [global] section and what follows, "" for dunst's defaults.
func StartDunst(t testing.TB, bus *Bus, config string) *Dunst {
	t.Helper()
	Need(t, "dunst")
	home := t.TempDir()
	d := &Dunst{
		t: t, bus: bus, display: StartDisplay(t), owned: make(chan string, 64), changed: make(chan struct{}, 1),
		calls: make(map[string]Call),
	}
	d.env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_RUNTIME_DIR="+home,
		"DISPLAY="+d.display.Name, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "WAYLAND_DISPLAY=", "LC_ALL=C.UTF-8")
	file, menu := filepath.Join(home, "dunstrc"), filepath.Join(home, "menu")
	if err := os.WriteFile(menu, []byte("#!/bin/sh\nexec grep -m1 '^#Mark read'\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	config = "[global]\ndmenu = " + menu + "\n" + config
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	d.args = []string{"-conf", file}
	d.watch()
	d.start()
	t.Cleanup(d.stop)
	return d
}

// watch listens to everything on the bus from a connection that only listens.
func (d *Dunst) watch() {
	d.t.Helper()
	conn := d.bus.Dial(d.t)
	rules := []string{
		"interface='" + DaemonName + "'", "type='method_return'",
		"interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" + DaemonName + "'",
	}
	messages := make(chan *dbus.Message, 4096)
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rules, uint32(0)).Err; err != nil {
		d.t.Fatal(err)
	}
	conn.Eavesdrop(messages)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case m, ok := <-messages:
				if !ok {
					return
				}
				d.see(m)
			case <-quit:
				return
			}
		}
	}()
	d.t.Cleanup(func() {
		conn.Eavesdrop(nil) // first: godbus closes the channel and may still send into it
		close(quit)
		<-done
	})
}

// see follows what stands on the screen.
func (d *Dunst) see(m *dbus.Message) {
	sender, _ := m.Headers[dbus.FieldSender].Value().(string)
	to, _ := m.Headers[dbus.FieldDestination].Value().(string)
	member, _ := m.Headers[dbus.FieldMember].Value().(string)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case m.Type == dbus.TypeMethodCall && member == "Notify":
		var c Call
		if dbus.Store(m.Body, &c.AppName, &c.Replaces, &c.AppIcon, &c.Summary, &c.Body, &c.Actions, &c.Hints, &c.Expire) == nil {
			d.calls[fmt.Sprint(sender, m.Serial())] = c
		}
	case m.Type == dbus.TypeMethodReply:
		serial, _ := m.Headers[dbus.FieldReplySerial].Value().(uint32)
		key := fmt.Sprint(to, serial)
		if c, ok := d.calls[key]; ok && len(m.Body) == 1 {
			delete(d.calls, key)
			c.ID, _ = m.Body[0].(uint32)
			d.remove(c.ID)
			d.toasts = append(d.toasts, c)
		}
	case member == "NotificationClosed" && len(m.Body) == 2:
		id, _ := m.Body[0].(uint32)
		d.remove(id)
	case member == "NameOwnerChanged" && len(m.Body) == 3:
		d.toasts = nil
		if owner, _ := m.Body[2].(string); owner != "" {
			d.owned <- owner
		}
	}
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// remove drops a toast. The caller holds mu.
func (d *Dunst) remove(id uint32) {
	d.toasts = slices.DeleteFunc(d.toasts, func(c Call) bool { return c.ID == id })
}

func (d *Dunst) start() {
	d.t.Helper()
	d.cmd = exec.Command("dunst", d.args...) //nolint:noctx,gosec // our own arguments; ended by stop
	d.cmd.Env = d.env
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	select {
	case <-d.owned:
	case <-time.After(patience):
		d.t.Fatal("dunst did not come up")
	}
}

func (d *Dunst) stop() {
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait()
}

// Signal sends a signal to dunst's process, such as SIGSTOP.
func (d *Dunst) Signal(s syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
}

// Display is where dunst draws.
func (d *Dunst) Display() *Display { return d.display }

// Control runs dunstctl and returns what it prints.
func (d *Dunst) Control(args ...string) string {
	d.t.Helper()
	cmd := exec.CommandContext(d.t.Context(), Need(d.t, "dunstctl"), args...) //nolint:gosec // test
	cmd.Env = d.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("dunstctl %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Toasts lists the calls behind the toasts that stand, oldest first.
func (d *Dunst) Toasts() []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.toasts)
}

// Standing implements [Screen].
func (d *Dunst) Standing() []Standing { return seen(d.Toasts()) }

// Heard implements [Screen].
func (d *Dunst) Heard(title string) bool { return heardIn(d.Toasts(), title) }

// Changed implements [Screen].
func (d *Dunst) Changed() <-chan struct{} { return d.changed }

// Do implements [Screen]. Dunst can be told to act on the only toast.
func (d *Dunst) Do(title string, k notify.EventKind) bool {
	if s := d.Standing(); len(s) != 1 || s[0].Title != title {
		return false
	}
	switch k {
	case notify.Opened:
		d.Control("action")
		d.Control("close") // as its mouse buttons do
	case notify.MarkedRead:
		d.Control("context") // the menu, which chooses it
	case notify.Dismissed:
		d.Control("close")
	default:
		return false
	}
	return true
}

// Restart implements [Screen].
func (d *Dunst) Restart() bool {
	d.stop()
	d.start()
	return true
}
