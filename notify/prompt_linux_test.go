package notify_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"securepush/notify"
	"securepush/notify/notifytest"
)

// script makes a program.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// pipe makes a named pipe and opens it for reading: what reads from it ends when the last writer has ended.
func pipe(t *testing.T) (path string, open func() *bufio.Reader) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func() *bufio.Reader {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return bufio.NewReader(f)
	}
}

func line(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	s, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(s)
}

func TestChildLearnsOnlyThePromptsName(t *testing.T) {
	bus := notifytest.StartBus(t)
	path, open := pipe(t)
	// The program tells its arguments, that its input is empty, and starts another that would stay.
	program := script(t, "exec 3>"+path+"\necho $$ \"$@\" >&3\nread x || echo \"no input$x\" >&3\nsleep 600 3>&3 &\necho $! >&3\nwait")
	d := openDesktop(t, bus, notify.Options{Executable: program})
	if err := d.Show(t.Context(), notify.Toast{Tag: marker, Title: marker, Body: marker, Sender: marker}); !errors.Is(err, notify.ErrNoDaemon) {
		t.Fatalf("got %v, want ErrNoDaemon", err)
	}
	if err := d.ShowPrompt(t.Context(), marker, notify.PromptKeyring); err != nil {
		t.Fatal(err)
	}
	r := open()
	pid, args, _ := strings.Cut(line(t, r), " ")
	if args != "internal-prompt keyring" {
		t.Errorf("arguments %q", args)
	}
	if got := line(t, r); got != "no input" {
		t.Errorf("input: %q", got)
	}
	tool := line(t, r)
	for _, p := range []string{pid, tool} {
		for _, file := range []string{"cmdline", "environ"} {
			b, err := os.ReadFile(filepath.Join("/proc", p, file))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), marker) {
				t.Errorf("content in %s of process %s: %q", file, p, b)
			}
		}
	}
	if err := d.ShowPrompt(t.Context(), marker, notify.PromptSignIn); err != nil { // one child at a time
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 { // ends only when both processes have
		t.Errorf("after Close: %q, %v", rest, err)
	}
}

func TestContentNeverStartsAChild(t *testing.T) {
	bus := notifytest.StartBus(t)
	notifytest.StartDaemon(t, bus, notifytest.Failing)
	started := filepath.Join(t.TempDir(), "started")
	d := openDesktop(t, bus, notify.Options{Executable: script(t, "touch "+started)})
	for range 3 {
		if err := d.Show(t.Context(), notify.Toast{Tag: "a", Title: "t"}); !errors.Is(err, notify.ErrRefused) {
			t.Fatalf("got %v, want ErrRefused", err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(started); err == nil {
		t.Error("a child was started")
	}
}

func TestHungDaemonGetsNoPromptFromAChild(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Hung)
	started := filepath.Join(t.TempDir(), "started")
	d := openDesktop(t, bus, notify.Options{Executable: script(t, "touch "+started)})
	givesUp(t, s, func(ctx context.Context) error { return d.ShowPrompt(ctx, "a", notify.PromptSignIn) })
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(started); err == nil {
		t.Error("a child was started: the prompt would show twice when the daemon wakes")
	}
}

func TestBeeepShowsTheConstantWords(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Failing)
	d := openDesktop(t, bus, notify.Options{}) // the child is this test's binary, see TestMain
	if err := d.ShowPrompt(t.Context(), marker, notify.PromptSignIn); err != nil {
		t.Fatal(err)
	}
	nextCall(t, s) // ours, refused
	title, body := notify.PromptSignIn.Words()
	if c := nextCall(t, s); c.Summary != title || c.Body != body || c.AppName != "SecurePush" {
		t.Errorf("beeep sent %+v", c)
	}
}

func TestPromptChildRefusesAnythingElse(t *testing.T) {
	for _, args := range [][]string{nil, {""}, {"unknown"}, {"sign-in", "more"}, {"You have a new notification"}, {strconv.Itoa(1)}} {
		if code := notify.RunPromptChild(args); code != 2 {
			t.Errorf("%q: exit code %d, want 2", args, code)
		}
	}
}
