package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"securepush/agent"
	"securepush/agent/local"
	"securepush/secure"
)

// alone is an agent as a command has it that acts alone, and the folders that it is in.
func alone(t *testing.T) (*agent.Agent, agent.Paths, func(string) string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "spc") // a socket's path is at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "no-bus"))
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "no-bus"))
	env := map[string]string{"XDG_CONFIG_HOME": dir + "/c", "XDG_STATE_HOME": dir + "/s", "XDG_RUNTIME_DIR": dir + "/r"}
	getenv := func(name string) string { return env[name] }
	paths, err := agent.DefaultPaths(getenv)
	if err != nil {
		t.Fatal(err)
	}
	a, err := agent.Open(t.Context(), agent.Options{Paths: paths, Executable: "/bin/false", Vault: secure.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	return a, paths, getenv
}

// start runs a command beside the test; its outcome comes when it ends.
func start(ctx context.Context, getenv func(string) string, args ...string) <-chan outcome {
	ended := make(chan outcome, 1)
	go func() {
		var out, errOut bytes.Buffer
		code := Run(ctx, Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, Executable: "/bin/false", Getenv: getenv})
		ended <- outcome{code, out.String(), errOut.String()}
	}()
	return ended
}

// meanwhile gives the command longer than it waits for the journal's lock, and fails when it ends within.
func meanwhile(t *testing.T, ended <-chan outcome) {
	t.Helper()
	select {
	case got := <-ended:
		t.Fatalf("it did not wait: %+v", got)
	case <-time.After(600 * time.Millisecond):
	}
}

func TestACommandWaitsForAnotherThatActsAlone(t *testing.T) {
	a, _, getenv := alone(t)
	ended := start(t.Context(), getenv, "status")
	meanwhile(t, ended)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-ended; got.code != ExitDone {
		t.Errorf("%+v", got)
	}
}

func TestTheListenerStartsWhenTheCommandThatActsAloneEnds(t *testing.T) {
	a, paths, getenv := alone(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := start(ctx, getenv, "listen")
	meanwhile(t, ended)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	c := local.Dial(paths.Socket())
	defer c.Close()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for end := time.After(time.Minute); ; {
		if s, err := c.Status(ctx); err == nil && s.Listening {
			break
		}
		select {
		case got := <-ended:
			t.Fatalf("it ended: %+v", got)
		case <-end:
			t.Fatal("it does not listen")
		case <-again.C:
		}
	}
	if got := <-start(ctx, getenv, "listen"); got.code != ExitDone || !strings.Contains(got.out, "running already") {
		t.Errorf("a second one: %+v", got)
	}
	cancel()
	if got := <-ended; got.code != ExitDone {
		t.Errorf("%+v", got)
	}
}
