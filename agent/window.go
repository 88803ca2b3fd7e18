package agent

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"os/exec"
	"time"

	"securepush/agent/local"
	"securepush/api"
)

// windowPatience is how long a window that is being started may take before another click starts another one.
const windowPatience = 15 * time.Second

// openWindow brings the window up: an open one shows itself, otherwise one is started. What it has to show waits here for
// it, because arguments can be read by every user of the machine.
func (a *Agent) openWindow(_ context.Context, change local.Change) error {
	change.Kind = local.ChangeOpen
	if a.changes.publish(change) > 0 {
		return nil
	}
	a.mu.Lock()
	starting := a.openNext != nil && a.now().Sub(a.openedAt) < windowPatience
	a.openNext, a.openedAt = &change, a.now()
	a.mu.Unlock()
	if starting {
		return nil
	}
	var env []string
	if activation := change.Token; activation != "" {
		env = []string{"XDG_ACTIVATION_TOKEN=" + activation, "DESKTOP_STARTUP_ID=" + activation}
	}
	start := a.o.StartWindow
	if start == nil {
		start = a.startWindow
	}
	if err := start(env); err != nil {
		return api.NewProblem(api.CodeInternal, "The window cannot be started.").Because(err)
	}
	return nil
}

// toOpen is what a request wants to have shown. One that says nothing leaves it to the window.
func (a *Agent) toOpen(r *http.Request, in local.OpenRequest) (local.Change, error) {
	change := local.Change{ID: in.ID, Account: cmp.Or(in.Account, r.Header.Get(local.AccountHeader))}
	if change.Account == "" && in.ID == "" {
		return change, nil
	}
	st, err := a.named(change.Account)
	if err == nil {
		change.Account = st.id()
	}
	return change, err
}

// takeOpen hands out what the window has to show first.
func (a *Agent) takeOpen() *local.Change {
	a.mu.Lock()
	defer a.mu.Unlock()
	change := a.openNext
	a.openNext = nil
	if change != nil && a.now().Sub(a.openedAt) >= windowPatience {
		return nil // the click of long ago
	}
	return change
}

// startWindow starts this program's window in a session of its own: it lives on when the agent ends.
func (a *Agent) startWindow(env []string) error {
	cmd := exec.Command(a.o.Executable) //nolint:gosec,noctx // our own program, which outlives us on purpose
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = ownSession()
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // reaps the window; it ends with the window, which may outlive the agent
	return nil
}
