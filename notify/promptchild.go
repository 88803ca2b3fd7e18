package notify

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"
)

// PromptCommand is the hidden subcommand by which the program starts itself for [RunPromptChild].
const PromptCommand = "internal-prompt"

// childTimeout is how long a child may try. The tools that it runs have no deadline of their own.
const childTimeout = 10 * time.Second

// promptChild starts children that show a prompt, one at a time, and ends them.
type promptChild struct {
	executable string
	timeout    time.Duration
	log        *slog.Logger
	ctx        context.Context // the life of the owner, which ends what runs
	cancel     context.CancelFunc
	wg         sync.WaitGroup

	mu      sync.Mutex
	running bool
}

func newPromptChild(ctx context.Context, executable string, log *slog.Logger) (*promptChild, error) {
	if executable == "" {
		var err error
		if executable, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("notify: own executable: %w", err)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	return &promptChild{executable: executable, timeout: childTimeout, log: log, ctx: ctx, cancel: cancel}, nil
}

// start starts a child and does not wait for it: what it reports means little, see [Desktop.ShowPrompt]. While one
// runs, another is not started, and that is no error: the person sees the first.
func (c *promptChild) start(p Prompt, env []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return ErrClosed
	}
	if c.running {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.timeout)
	// All that the child ever learns is the prompt's name; it reads nothing, and what it writes is discarded.
	cmd := exec.CommandContext(ctx, c.executable, PromptCommand, p.String()) //nolint:gosec // own executable
	cmd.Env = append(os.Environ(), env...)
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		cancel()
		return fmt.Errorf("notify: start of the prompt's child: %w", err)
	}
	c.running = true
	c.wg.Go(func() {
		defer cancel()
		if err := cmd.Wait(); err != nil {
			c.log.Info("prompt child ended with an error", "prompt", p.String(), "error", err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running = false
	})
	return nil
}

// close ends a running child and waits for it.
func (c *promptChild) close() {
	c.mu.Lock()
	c.cancel()
	c.mu.Unlock()
	c.wg.Wait()
}
