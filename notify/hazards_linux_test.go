package notify_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"securepush/notify"
	"securepush/notify/notifytest"
)

// short is a deadline for tests in which nothing answers.
const short = 500 * time.Millisecond

// marker is text that must never leave by a side door.
const marker = "CANARY-7f3a"

// within fails when f takes longer than limit and a second for a busy machine.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if d := time.Since(start); d > limit+time.Second {
		t.Errorf("took %v, want at most %v", d, limit)
	}
}

// shows shows the toast, however often a busy machine lets the deadline pass.
func shows(t *testing.T, d *notify.Desktop, toast notify.Toast) {
	t.Helper()
	settles(t, "shows "+toast.Title, func() bool { return d.Show(t.Context(), toast) == nil })
}

// settles waits until ok holds.
func settles(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: never", what)
		}
	}
}

func TestNoDaemonIsAStateThatEnds(t *testing.T) {
	bus := notifytest.StartBus(t)
	d := openDesktop(t, bus, notify.Options{})
	if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}); !errors.Is(err, notify.ErrNoDaemon) {
		t.Fatalf("got %v, want ErrNoDaemon", err)
	}
	if _, err := d.Server(t.Context()); !errors.Is(err, notify.ErrNoDaemon) {
		t.Fatalf("got %v, want ErrNoDaemon", err)
	}
	notifytest.StartDaemon(t, bus, notifytest.Normal)
	if e := notifytest.NextEvent(t, d); e.Kind != notify.DaemonRestarted {
		t.Fatalf("event %+v, want DaemonRestarted: what could not be shown can be now", e)
	}
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
}

func TestNoBusIsAStateWithoutAnyChild(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "started")
	program := script(t, "echo started > "+fifo)
	for name, address := range map[string]string{
		"nothing in the environment":        "",
		"a socket that is gone":             "unix:path=" + filepath.Join(dir, "gone"),
		"a transport that starts a program": "unixexec:path=" + program,
		"automatic start":                   "autolaunch:",
		"another machine":                   "tcp:host=127.0.0.1,port=1",
		"nonsense":                          "%%%;;,=:",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
			t.Setenv("XDG_RUNTIME_DIR", dir)
			d, err := notify.Open(t.Context(), notify.Options{BusAddress: address, Executable: program})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}); !errors.Is(err, notify.ErrNoDaemon) {
				t.Errorf("Show: %v, want ErrNoDaemon", err)
			}
			if err := d.ShowPrompt(t.Context(), "a", notify.PromptSignIn); !errors.Is(err, notify.ErrNoDaemon) {
				t.Errorf("ShowPrompt: %v, want ErrNoDaemon", err)
			}
			if err := d.Withdraw(t.Context(), "a"); err != nil {
				t.Errorf("Withdraw: %v", err)
			}
			if err := d.Close(); err != nil { // waits for children, had there been one
				t.Error(err)
			}
			if _, err := os.Stat(fifo); err == nil {
				t.Error("a program was started")
			}
		})
	}
}

func TestBusIsFoundInTheEnvironment(t *testing.T) {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	bus := notifytest.StartBusAt(t, filepath.Join(dir, "bus"))
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	for name, env := range map[string]string{"by address": bus.Address, "by runtime folder": "", "after one that fails": "unix:path=/gone;" + bus.Address} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", env)
			t.Setenv("XDG_RUNTIME_DIR", dir)
			d, err := notify.Open(t.Context(), notify.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
			nextCall(t, s)
		})
	}
}

func TestRefusalDoesNotRepeatTheText(t *testing.T) {
	bus := notifytest.StartBus(t)
	notifytest.StartDaemon(t, bus, notifytest.Failing)
	d := openDesktop(t, bus, notify.Options{})
	err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: marker, Body: marker})
	if !errors.Is(err, notify.ErrRefused) || !strings.Contains(err.Error(), "org.example.Failed") {
		t.Fatalf("got %v, want ErrRefused with the error's name", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), marker) {
		t.Errorf("the error repeats the toast: %#v", err)
	}
}

func TestHungDaemonHoldsOneToast(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	d := openDesktop(t, bus, notify.Options{Timeout: short})
	base := 0
	for i := range 8 {
		within(t, short, func() {
			if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: fmt.Sprint("t", i), Actions: true}); !errors.Is(err, notify.ErrTimeout) {
				t.Fatalf("got %v, want ErrTimeout", err)
			}
		})
		if i == 0 {
			nextCall(t, s)
			base = runtime.NumGoroutine()
		}
	}
	settles(t, "goroutines back to those of one call", func() bool { return runtime.NumGoroutine() <= base+1 }) // one may not have begun
	if n := len(s.Arrived()); n != 0 {
		t.Errorf("%d more toasts were sent to a daemon that does not answer", n)
	}
	s.Release()
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "t0"})
	shows(t, d, notify.Toast{Tag: "a", Title: "last"})
	if c := nextCall(t, s); c.Replaces != 1 {
		t.Errorf("replaces %d, want the toast that came late", c.Replaces)
	}
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "last"})
}

func TestLateToastIsKnownByItsFirstSignal(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	d := openDesktop(t, bus, notify.Options{Timeout: short})
	if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t", Actions: true}); !errors.Is(err, notify.ErrTimeout) {
		t.Fatalf("got %v, want ErrTimeout", err)
	}
	s.Release()
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "t"})
	if e := notifytest.NextEvent(t, d); e.Kind != notify.DaemonAnswers {
		t.Errorf("event %+v, want DaemonAnswers: what could not be shown can be now", e)
	}
	s.Do("t", notify.Opened)
	if e := notifytest.NextEvent(t, d); e.Kind != notify.Opened || e.Tag != "a" {
		t.Errorf("event %+v", e)
	}
}

func TestWithdrawnWhileTheDaemonHungIsGoneWhenItWakes(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	d := openDesktop(t, bus, notify.Options{Timeout: short})
	if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}); !errors.Is(err, notify.ErrTimeout) {
		t.Fatalf("got %v, want ErrTimeout", err)
	}
	if err := d.Withdraw(t.Context(), "a"); !errors.Is(err, notify.ErrTimeout) {
		t.Fatalf("got %v, want ErrTimeout", err)
	}
	s.Release()
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "t"})
	shows(t, d, notify.Toast{Tag: "b", Title: "other"})
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "other"})
}

func TestDaemonThatDiesWithACallEndsTheCall(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	d := openDesktop(t, bus, notify.Options{})
	got := make(chan error, 1)
	go func() { got <- d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}) }()
	nextCall(t, s)
	s.Stop()
	if err := <-got; !errors.Is(err, notify.ErrNoDaemon) {
		t.Errorf("got %v, want ErrNoDaemon", err)
	}
}

func TestStoppedDunstCostsTwoSecondsAndNothingElse(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDunst(t, bus, "")
	d := openDesktop(t, bus, notify.Options{Timeout: 2 * time.Second})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "before"})
	s.Signal(syscall.SIGSTOP)
	base := runtime.NumGoroutine()
	for range 2 {
		within(t, 2*time.Second, func() {
			if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "meanwhile"}); !errors.Is(err, notify.ErrTimeout) {
				t.Errorf("got %v, want ErrTimeout", err)
			}
		})
	}
	// One waits for the late answer, two for the daemon to wake, and one, if it was asked that late, for whether it is inhibited.
	settles(t, "goroutines back", func() bool { return runtime.NumGoroutine() <= base+4 })
	s.Signal(syscall.SIGCONT)
	if e := notifytest.NextEvent(t, d); e.Kind != notify.DaemonAnswers {
		t.Errorf("event %+v, want DaemonAnswers", e)
	}
	shows(t, d, notify.Toast{Tag: "a", Title: "after"})
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "after"})
	settles(t, "goroutines back", func() bool { return runtime.NumGoroutine() <= base })
}

func TestDeafBusCostsTheDeadline(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "b")
	if len(socket) > 100 {
		t.Skip("the path of the temporary folder is too long for a socket")
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	d, err := notify.Open(t.Context(), notify.Options{BusAddress: "unix:path=" + socket, Timeout: short})
	if err != nil {
		t.Fatal(err)
	}
	within(t, short, func() {
		err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"})
		if !errors.Is(err, notify.ErrNoDaemon) && !errors.Is(err, notify.ErrTimeout) {
			t.Errorf("got %v", err)
		}
	})
	within(t, short, func() { _ = d.Close() })
}

func TestStoppedBusCostsTheDeadline(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{Timeout: short})
	shows(t, d, notify.Toast{Tag: "a", Title: "t"})
	nextCall(t, s)
	if err := syscall.Kill(bus.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		within(t, short, func() {
			if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}); !errors.Is(err, notify.ErrTimeout) {
				t.Errorf("got %v, want ErrTimeout", err)
			}
		})
	}
	if err := syscall.Kill(bus.PID(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	shows(t, d, notify.Toast{Tag: "a", Title: "t"})
}

func TestBusThatComesBackIsUsedAgain(t *testing.T) {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "bus")
	bus := notifytest.StartBusAt(t, socket)
	notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
	bus.Stop()
	settles(t, "loss noticed", func() bool {
		return errors.Is(d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}), notify.ErrNoDaemon)
	})
	s := notifytest.StartDaemon(t, notifytest.StartBusAt(t, socket), notifytest.Normal)
	if e := notifytest.NextEvent(t, d); e.Kind != notify.DaemonRestarted {
		t.Fatalf("event %+v, want DaemonRestarted", e)
	}
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
	if c := nextCall(t, s); c.Replaces != 0 {
		t.Errorf("replaces %d of another bus", c.Replaces)
	}
}

func TestClosedDesktopLeavesNothing(t *testing.T) {
	bus := notifytest.StartBus(t)
	notifytest.StartDaemon(t, bus, notifytest.Normal)
	base := runtime.NumGoroutine()
	for range 20 {
		d := openDesktop(t, bus, notify.Options{})
		mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if _, open := <-d.Events(); open {
			t.Error("an event after Close")
		}
		if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}); !errors.Is(err, notify.ErrClosed) {
			t.Errorf("Show after Close: %v", err)
		}
	}
	settles(t, "goroutines back", func() bool { return runtime.NumGoroutine() <= base })
}
