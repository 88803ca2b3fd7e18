//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/cli/desktop"
)

// binary is the program under test: the one that SECUREPUSH_BINARY names, or one built here.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if binary = os.Getenv("SECUREPUSH_BINARY"); binary != "" {
			return m.Run()
		}
		dir, err := os.MkdirTemp("", "securepush-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		binary = filepath.Join(dir, "securepush")
		build := exec.Command("go", "build", "-o", binary, "securepush")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build the program:", err)
			return 1
		}
		return m.Run()
	}())
}

// patience bounds each wait; a loaded machine may be slow, a broken program waits for ever.
const patience = time.Minute

// stack is a desktop with the program on it.
type stack struct {
	*testing.T
	desk  *desktop.Desktop
	dir   string
	env   []string
	agent *local.Client
	// listener is the one that was started last, parts are all that was started.
	listener *process
	parts    []*process
}

// process is one running part of the program.
type process struct {
	cmd    *exec.Cmd
	out    *output
	exited chan struct{}
}

// output is what a process printed so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// need skips a test for which packages are missing, or fails it where all have to be there.
func need(t *testing.T, missing []string) {
	t.Helper()
	switch {
	case len(missing) == 0:
	case os.Getenv("SECUREPUSH_REQUIRE_DESKTOP") != "":
		t.Fatalf("missing packages: %s", strings.Join(missing, " "))
	default:
		t.Skipf("needs the packages %s", strings.Join(missing, " "))
	}
}

func newStack(t *testing.T, o desktop.Options) *stack {
	t.Helper()
	need(t, desktop.Missing())
	dir, err := os.MkdirTemp("", "sp") // a socket's path is at most 107 bytes, so not t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		allEnded(t, dir)
		_ = os.RemoveAll(dir)
	})
	o.Dir = filepath.Join(dir, "d")
	d, err := desktop.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	s := &stack{T: t, desk: d, dir: dir, env: append(d.Env(), "SECUREPUSH_LOG=debug")}
	s.agent = local.Dial(filepath.Join(o.Dir, "run", "securepush", "agent.sock"))
	t.Cleanup(s.agent.Close)
	return s
}

// in is the stack as a subtest uses it.
func (s *stack) in(t *testing.T) *stack {
	sub := *s
	sub.T = t
	return &sub
}

// allEnded waits for what the test did not start itself, such as a window: it ends with its display.
func allEnded(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // the test's own is over
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for left := onDesktop(dir); len(left) > 0; left = onDesktop(dir) {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Errorf("these go on: %v", left)
			return
		}
	}
}

// start starts a part that goes on; it is ended with the test.
func (s *stack) start(args ...string) *process {
	s.Helper()
	return s.startAs(exec.Command(binary, args...))
}

// startAs does so with another command line.
func (s *stack) startAs(cmd *exec.Cmd) *process {
	s.Helper()
	p := &process{cmd: cmd, out: &output{}, exited: make(chan struct{})}
	p.cmd.Env = s.env
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	s.parts = append(s.parts, p)
	s.Cleanup(func() {
		p.stop(os.Interrupt)
		if s.Failed() {
			s.Logf("%s:\n%s", strings.Join(cmd.Args[1:], " "), p.out)
		}
	})
	return p
}

// stop ends a part and waits for it.
func (p *process) stop(sig os.Signal) {
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.exited:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// run runs a command to its end and returns its standard output and exit code.
func (s *stack) run(stdin string, args ...string) (string, int) {
	s.Helper()
	out, errOut, code := s.runBoth(stdin, args...)
	if code != 0 {
		s.Logf("securepush %s: exit code %d: %s", strings.Join(args, " "), code, errOut)
	}
	return out, code
}

// runBoth does the same, and returns standard error too.
func (s *stack) runBoth(stdin string, args ...string) (out, errOut string, code int) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = s.env
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		s.Fatalf("securepush %s: %v", strings.Join(args, " "), err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// must runs a command that has to succeed.
func (s *stack) must(stdin string, args ...string) string {
	s.Helper()
	out, code := s.run(stdin, args...)
	if code != 0 {
		s.Fatalf("securepush %s: exit code %d", strings.Join(args, " "), code)
	}
	return out
}

// until waits for a condition.
func (s *stack) until(what string, ok func() bool) {
	s.Helper()
	waitFor(s.T, what, ok)
}

// waitFor waits for a condition.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("not seen in %s: %s", patience, what)
		}
	}
}

// serve starts a back end and returns where it listens.
func (s *stack) serve(data string, args ...string) (*process, string) {
	s.Helper()
	p := s.start(append([]string{"serve", "--data", filepath.Join(s.dir, data)}, args...)...)
	return p, s.listensAt(p)
}

// listensAt waits until a back end listens, and returns where.
func (s *stack) listensAt(p *process) (url string) {
	s.Helper()
	s.until("the back end listens", func() bool {
		_, after, found := strings.Cut(p.out.String(), "Listening on ")
		line, _, whole := strings.Cut(after, "\n")
		url = strings.TrimSpace(line)
		return found && whole
	})
	return url
}

// listen starts the listener and waits until it answers.
func (s *stack) listen() *process {
	s.Helper()
	s.listener = s.start("listen")
	s.until("the listener answers", func() bool {
		st, err := s.agent.Status(s.Context())
		return err == nil && st.Listening
	})
	return s.listener
}

// status asks the listener.
func (s *stack) status() local.Status {
	s.Helper()
	st, err := s.agent.Status(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return st
}

func (s *stack) connected() {
	s.Helper()
	s.until("the listener is connected", func() bool {
		st, err := s.agent.Status(s.Context())
		return err == nil && st.Link == local.LinkConnected
	})
}

// curl sends a notification as the README shows it, and returns its ID.
func (s *stack) curl(url, key string, notification map[string]any) string {
	s.Helper()
	body, err := json.Marshal(notification)
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "curl", "-sS", "--fail-with-body", url+"/api/notifications",
		"-H", "Authorization: Bearer "+key, "-H", "Content-Type: application/json", "--data-binary", "@-")
	cmd.Stdin = bytes.NewReader(body)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("curl: %v: %s", err, out)
	}
	var result struct{ IDs []string }
	if err := json.Unmarshal(out, &result); err != nil || len(result.IDs) != 1 {
		s.Fatalf("curl: %s", out)
	}
	return result.IDs[0]
}
