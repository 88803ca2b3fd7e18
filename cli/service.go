package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent"
	"securepush/agent/autostart"
	"securepush/agent/local"
)

func (p *program) service() *cobra.Command {
	c := group(&cobra.Command{Use: "service", Short: "Start the listener at login, stop it, restart it"})
	sub := func(use, short string, run func(context.Context) error) {
		c.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: wrongArgs(cobra.NoArgs),
			RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context()) },
		})
	}
	sub("install", "Start the listener now and at every login", p.serviceInstall)
	sub("uninstall", "Stop it and do not start it at login any more", p.serviceUninstall)
	sub("start", "Start the listener now", p.serviceStart)
	sub("stop", "Stop the listener", p.serviceStop)
	sub("restart", "Stop and start the listener, such as after an update", func(ctx context.Context) error {
		if err := p.stopAgent(ctx); err != nil {
			return err
		}
		return p.serviceStart(ctx)
	})
	sub("status", "Say whether it is installed and running", p.serviceStatus)
	return c
}

// place is where starting at login is set up.
func (p *program) place() (autostart.Place, error) { return autostart.At(p.Executable, p.Getenv) }

func (p *program) serviceInstall(ctx context.Context) error {
	place, err := p.place()
	if err != nil {
		return err
	}
	managed := place.Managed()
	if managed {
		if err := p.stopAgent(ctx); err != nil {
			return err
		}
	}
	file, err := place.Enable(ctx)
	if errors.Is(err, autostart.ErrUnsupported) {
		return usage("%v", err)
	}
	if err != nil {
		return err
	}
	if _, err := p.startNow(ctx); err != nil {
		return err
	}
	if managed {
		return p.say("Installed as a service of your session: %s", file)
	}
	return p.say("Starts at login: %s", file)
}

func (p *program) serviceUninstall(ctx context.Context) error {
	place, err := p.place()
	if err != nil {
		return err
	}
	if err := place.Uninstall(ctx); err != nil {
		return err
	}
	if err := p.stopAgent(ctx); err != nil {
		return err
	}
	return p.say("Uninstalled.")
}

func (p *program) serviceStart(ctx context.Context) error {
	running, err := p.startNow(ctx)
	if err != nil {
		return err
	}
	if running {
		return p.say("The listener is running already.")
	}
	return p.say("Started.")
}

// startNow starts the listener, unless one runs already.
func (p *program) startNow(ctx context.Context) (running bool, err error) {
	place, err := p.place()
	if err != nil {
		return false, err
	}
	err = p.withSocket(ctx, func(c *local.Client, up bool) error {
		running = up
		if up {
			return nil
		}
		if place.Installed() {
			return place.Start(ctx)
		}
		return p.startAgent(ctx, c)
	})
	return running, err
}

func (p *program) serviceStop(ctx context.Context) error {
	if err := p.stopAgent(ctx); err != nil {
		return err
	}
	return p.say("Stopped.")
}

// stopAgent asks the running listener to end, and waits for it. None running is no error.
func (p *program) stopAgent(ctx context.Context) error {
	return p.withSocket(ctx, func(c *local.Client, running bool) error {
		if !running {
			return nil
		}
		s, err := c.Status(ctx)
		if err != nil {
			return err
		}
		process, err := os.FindProcess(s.PID)
		if err != nil {
			return fmt.Errorf("find the listener: %w", err)
		}
		if err := process.Signal(os.Interrupt); err != nil {
			return fmt.Errorf("stop the listener: %w", err)
		}
		ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		again := time.NewTicker(20 * time.Millisecond)
		defer again.Stop()
		for {
			if _, err := c.Status(ctx); err != nil && ctx.Err() == nil {
				return nil
			}
			select {
			case <-again.C:
			case <-ctx.Done():
				return fmt.Errorf("the listener (process %d) does not end: %w", s.PID, ctx.Err())
			}
		}
	})
}

func (p *program) serviceStatus(ctx context.Context) error {
	place, err := p.place()
	if err != nil {
		return err
	}
	installed := place.Status().File
	return p.withSocket(ctx, func(_ *local.Client, running bool) error {
		return p.write(map[string]any{"installed": installed != "", "file": installed, "running": running}, func(w io.Writer) error {
			words := "Not started at login."
			if installed != "" {
				words = "Starts at login: " + installed
			}
			if running {
				words += "\nRunning."
			} else {
				words += "\nNot running."
			}
			_, err := fmt.Fprintln(w, words)
			return err
		})
	})
}

func (p *program) withSocket(ctx context.Context, f func(c *local.Client, running bool) error) error {
	paths, err := agent.DefaultPaths(p.Getenv)
	if err != nil {
		return err
	}
	c := local.Dial(paths.Socket())
	defer c.Close()
	s, err := c.Status(ctx)
	return f(c, err == nil && s.Listening)
}
