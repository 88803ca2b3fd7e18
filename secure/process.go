package secure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"securepush/api"
)

// afterKill is how long a child's pipes may stay open when it has ended. It is also the time that we have to read its answer
// then, on a machine that has other things to do.
const afterKill = 2 * time.Second

// childMark is set in the environment of a child.
const childMark = "SECUREPUSH_KEYRING_CHILD"

var errInChild = errors.New("secure: a keyring child uses no keyring child")

// runChild asks in a child process and kills it, with all it started, when ctx ends. Its stdin stays open for as long as
// somebody waits for it, so that it ends with us whatever it hangs in. Nothing that it is asked is in argv or environment,
// and nothing that it prints besides its answer is kept.
func (k *Keyring) runChild(ctx context.Context, bus string, req request) (answer, error) {
	if os.Getenv(childMark) != "" { // a program that does not hand over to RunKeyringChild would start itself without end
		return answer{}, vaultError(VaultUnavailable, errInChild)
	}
	line, err := json.Marshal(req)
	if err != nil {
		return answer{}, vaultError(VaultUnavailable, err)
	}
	cmd := exec.CommandContext(ctx, executable(k.opt.Executable), ChildCommand) //nolint:gosec // this program, or one that the options name
	cmd.Args[0] = "securepush"
	cmd.Env = childEnv(os.Environ(), bus)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = afterKill
	ownGroup(cmd)
	out := &capped{left: maxLine}
	cmd.Stdout = out
	stdin, err := cmd.StdinPipe() // closed by Wait
	if err != nil {
		return answer{}, vaultError(VaultUnavailable, err)
	}
	if err := cmd.Start(); err != nil {
		return answer{}, vaultError(VaultUnavailable, fmt.Errorf("secure: keyring child: %w", err))
	}
	_, writeErr := stdin.Write(append(line, '\n')) // fits the pipe: it does not wait for the child
	err = cmd.Wait()
	if ctx.Err() != nil {
		return answer{}, vaultError(VaultTimedOut, ctx.Err())
	}
	var a answer
	if err := errors.Join(writeErr, err, api.DecodeStrict(out.Bytes(), &a)); err != nil {
		return answer{}, vaultError(VaultUnavailable, because(ErrBadProvider, err))
	}
	return a, nil
}

// executable is the program to run. On Linux this very binary, even when an update has replaced its file.
func executable(path string) string {
	if path != "" {
		return path
	}
	if runtime.GOOS == "linux" {
		if _, err := os.Stat("/proc/self/exe"); err == nil {
			return "/proc/self/exe"
		}
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// childEnv gives the bus address explicitly: without one the library's D-Bus package starts a bus of its own.
func childEnv(env []string, bus string) []string {
	const name = "DBUS_SESSION_BUS_ADDRESS="
	out := make([]string, 0, len(env)+2)
	for _, e := range env {
		if !strings.HasPrefix(e, name) {
			out = append(out, e)
		}
	}
	if bus != "" {
		out = append(out, name+bus)
	}
	return append(out, childMark+"=1")
}

// capped keeps the first bytes that are written to it and drops the rest.
type capped struct {
	bytes.Buffer
	left int
}

// Write keeps what there is room for and never fails.
func (c *capped) Write(p []byte) (int, error) {
	n := min(len(p), c.left)
	c.left -= n
	_, _ = c.Buffer.Write(p[:n])
	return len(p), nil
}
