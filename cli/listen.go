package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent"
	"securepush/agent/local"
	"securepush/api"
)

func (p *program) listen() *cobra.Command {
	return &cobra.Command{
		Use:   "listen",
		Short: "Run the background listener",
		Long: "Run the background listener of this person: it holds the sign-in and the push connection and shows the toasts.\n" +
			"One runs at a time; a second one says so and leaves. To start it at login: securepush service install.",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			paths, err := agent.DefaultPaths(p.Getenv)
			if err != nil {
				return err
			}
			log := p.logger("info")
			a, err := openListener(cmd.Context(), agent.Options{Paths: paths, Executable: p.Executable, Version: p.Version, Logger: log})
			if errors.Is(err, agent.ErrRunning) {
				return p.say("The listener is running already.")
			}
			if err != nil {
				return err
			}
			defer func() { _ = a.Close() }()
			defer time.AfterFunc(trimAfter, debug.FreeOSMemory).Stop()
			log.InfoContext(cmd.Context(), "listening", slog.String("socket", paths.Socket()))
			return a.Run(cmd.Context())
		},
	}
}

// openListener opens the agent. Whoever has the journal need not be a listener: a command that acts alone, or a listener
// that is ending, lets go of it some time, and until then is waited for. [agent.ErrRunning] means that a listener answers.
func openListener(ctx context.Context, o agent.Options) (*agent.Agent, error) {
	c := local.Dial(o.Paths.Socket())
	defer c.Close()
	for told := false; ; told = true {
		a, err := agent.Open(ctx, o)
		if !errors.Is(err, agent.ErrRunning) {
			return a, err
		}
		if s, asked := c.Status(ctx); asked == nil && s.Listening {
			return nil, err
		}
		if !told {
			o.Logger.InfoContext(ctx, "waiting for another command to end")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// trimAfter is when the start's garbage is given back: what the program's packages set up is twice what a listener keeps.
const trimAfter = 10 * time.Second

// startAgent starts the listener in the background and waits until it answers.
func (p *program) startAgent(ctx context.Context, c *local.Client) error {
	child := exec.Command(p.Executable, "listen") //nolint:gosec,noctx // our own program, and it outlives us on purpose
	child.SysProcAttr = detached()
	child.Env = os.Environ()
	if err := child.Start(); err != nil {
		return fmt.Errorf("start the listener: %w", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- child.Wait() }() // ends with the child, or with this process
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if s, err := c.Status(ctx); err == nil && s.Listening {
			return nil
		}
		select {
		case <-again.C:
		case err := <-exited:
			if err != nil {
				return api.NewProblem(api.CodeUnavailable, "The listener ended at once. Its reason: securepush listen.").Because(err)
			}
			exited = nil // it found another one running
		case <-ctx.Done():
			return api.NewProblem(api.CodeUnavailable, "The listener does not answer. Look at: securepush listen.").Because(ctx.Err())
		}
	}
}

// runWindow opens the window, and starts the listener first if none runs.
func (p *program) runWindow(ctx context.Context) error {
	if p.Window == nil {
		return usage("this build has no window: it is for servers and for the listener alone. See: securepush --help")
	}
	if !hasDisplay(p.Getenv) {
		return usage("there is no display to open the window on. The commands work without one: securepush --help")
	}
	paths, err := agent.DefaultPaths(p.Getenv)
	if err != nil {
		return err
	}
	c := local.Dial(paths.Socket())
	defer c.Close()
	if s, err := c.Status(ctx); err != nil || !s.Listening {
		if err := p.startAgent(ctx, c); err != nil {
			return err
		}
	}
	return p.Window(ctx, WindowOptions{
		Agent:      c,
		StartAgent: func(ctx context.Context) error { return p.startAgent(ctx, c) },
	})
}
