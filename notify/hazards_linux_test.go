package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"securepush/notify"
	"securepush/notify/notifytest"
)

// marker is text that must never leave by a side door.
const marker = "CANARY-7f3a"

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
	d := openDesktop(t, bus, notify.Options{})
	givesUp(t, s, func(ctx context.Context) error {
		return d.Show(ctx, notify.Toast{Tag: "a", Title: "t0", Actions: true})
	})
	base := runtime.NumGoroutine()
	for i := range 7 {
		expires(t, d, fmt.Sprint("t", i+1))
	}
	settles(t, "goroutines back to those of one call", func() bool { return runtime.NumGoroutine() <= base+1 }) // one may not have begun
	if n := len(s.Arrived()); n != 0 {
		t.Errorf("%d more toasts were sent to a daemon that does not answer", n)
	}
	s.Release()
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "t0"})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "last"})
	if c := nextCall(t, s); c.Replaces != 1 {
		t.Errorf("replaces %d, want the toast that came late", c.Replaces)
	}
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "last"})
}

func TestLateToastIsKnownByItsFirstSignal(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	d := openDesktop(t, bus, notify.Options{})
	givesUp(t, s, func(ctx context.Context) error {
		return d.Show(ctx, notify.Toast{Tag: "a", Title: "t", Actions: true})
	})
	s.Release()
	notifytest.AwaitStanding(t, s, notifytest.Standing{Title: "t"})
	s.Do("t", notify.Opened)
	kinds := make(map[notify.EventKind]string)
	for range 2 { // in any order
		e := notifytest.NextEvent(t, d)
		kinds[e.Kind] = e.Tag
	}
	if _, ok := kinds[notify.DaemonAnswers]; !ok {
		t.Errorf("events %v without DaemonAnswers: what could not be shown can be now", kinds)
	}
	if kinds[notify.Opened] != "a" {
		t.Errorf("events %v without the click", kinds)
	}
}

func TestAToastThatCameLateIsNotShownTwice(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	d := openDesktop(t, bus, notify.Options{})
	toast := notify.Toast{Tag: "a", Title: "t", Actions: true}
	givesUp(t, s, func(ctx context.Context) error { return d.Show(ctx, toast) })
	s.Release()
	mustShow(t, d, toast) // which has come meanwhile
	toast.Title = "changed"
	mustShow(t, d, toast)
	mustShow(t, d, toast) // somebody wants it again
	for range 2 {
		if c := nextCall(t, s); c.Summary != "changed" || c.Replaces != 1 {
			t.Errorf("shown %q in the place of %d", c.Summary, c.Replaces)
		}
	}
}

func TestTheFirstSignalIsHeardHoweverCloseToTheAnswerItComes(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	for i := range 200 {
		title := fmt.Sprint("t", i)
		shown := make(chan error, 1)
		go func() { shown <- d.Show(t.Context(), notify.Toast{Tag: "a", Title: title, Actions: true}) }()
		settles(t, "toast stands", func() bool { return s.Do(title, notify.Opened) })
		if e := notifytest.NextEvent(t, d); e.Kind != notify.Opened || e.Tag != "a" {
			t.Fatalf("event %+v", e)
		}
		if err := <-shown; err != nil {
			t.Fatal(err)
		}
	}
}

func TestADaemonThatAnswersOtherQuestionsMeanwhileIsNotAwake(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung) // it answers everything but the toast
	d := openDesktop(t, bus, notify.Options{})
	givesUp(t, s, func(ctx context.Context) error {
		return d.Show(ctx, notify.Toast{Tag: "a", Title: "t"})
	})
	for range 50 { // time enough to ask it, and to hear its answer
		s.Inhibit(true, false)
		wantKind(t, d, notify.Inhibited)
		s.Inhibit(false, false)
		wantKind(t, d, notify.Uninhibited)
	}
	s.Release()
	wantKind(t, d, notify.DaemonAnswers)
}

func TestWithdrawnWhileTheDaemonHungIsGoneWhenItWakes(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	d := openDesktop(t, bus, notify.Options{})
	givesUp(t, s, func(ctx context.Context) error {
		return d.Show(ctx, notify.Toast{Tag: "a", Title: "t"})
	})
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	if err := d.Withdraw(ctx, "a"); !errors.Is(err, notify.ErrTimeout) {
		t.Fatalf("got %v, want ErrTimeout", err)
	}
	s.Release()
	mustShow(t, d, notify.Toast{Tag: "b", Title: "other"})
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

func TestStoppedDunstCostsTheDeadlineAndNothingElse(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDunst(t, bus, "")
	d := openDesktop(t, bus, notify.Options{})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "before"})
	s.Signal(syscall.SIGSTOP)
	base := runtime.NumGoroutine()
	for range 2 {
		expires(t, d, "meanwhile")
	}
	// One waits for the late answer, two for the daemon to wake, and one, if it was asked that late, for whether it is inhibited.
	settles(t, "goroutines back", func() bool { return runtime.NumGoroutine() <= base+4 })
	s.Signal(syscall.SIGCONT)
	if e := notifytest.NextEvent(t, d); e.Kind != notify.DaemonAnswers {
		t.Errorf("event %+v, want DaemonAnswers", e)
	}
	mustShow(t, d, notify.Toast{Tag: "a", Title: "after"})
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
	returns(t, func() {
		err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"})
		if !errors.Is(err, notify.ErrNoDaemon) && !errors.Is(err, notify.ErrTimeout) {
			t.Errorf("got %v", err)
		}
	})
	returns(t, func() { _ = d.Close() })
}

func TestStoppedBusCostsTheDeadline(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
	nextCall(t, s)
	if err := syscall.Kill(bus.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		expires(t, d, "t")
	}
	if err := syscall.Kill(bus.PID(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
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
