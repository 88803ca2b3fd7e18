package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent"
	"securepush/agent/local"
)

// unitName is the systemd user unit of the listener.
const unitName = "securepush.service"

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

// serviceFiles are the places of the two ways to start at login.
func (p *program) serviceFiles() (unit, autostart string, err error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", "", fmt.Errorf("no home folder: %w", err)
	}
	config := p.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	return filepath.Join(config, "systemd", "user", unitName), filepath.Join(config, "autostart", "securepush.desktop"), nil
}

// underSystemd says whether the session has a systemd user manager.
func (p *program) underSystemd() bool {
	dir := p.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "systemd", "private"))
	return err == nil
}

func (p *program) serviceInstall(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		return usage("starting at login is only set up on Linux so far; start the listener with: securepush listen")
	}
	unit, autostart, err := p.serviceFiles()
	if err != nil {
		return err
	}
	if p.underSystemd() {
		if err := installFile(unit, unitText(p.Executable)); err != nil {
			return err
		}
		if err := p.stopAgent(ctx); err != nil {
			return err
		}
		for _, args := range [][]string{{"daemon-reload"}, {"enable", "--now", unitName}} {
			if err := systemctl(ctx, args...); err != nil {
				return err
			}
		}
		return p.say("Installed as a service of your session: %s", unit)
	}
	if err := installFile(autostart, autostartText(p.Executable)); err != nil {
		return err
	}
	if _, err := p.startNow(ctx); err != nil {
		return err
	}
	return p.say("Starts at login: %s", autostart)
}

func (p *program) serviceUninstall(ctx context.Context) error {
	unit, autostart, err := p.serviceFiles()
	if err != nil {
		return err
	}
	if _, err := os.Stat(unit); err == nil && p.underSystemd() {
		if err := systemctl(ctx, "disable", "--now", unitName); err != nil {
			return err
		}
	}
	for _, f := range []string{unit, autostart} {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove: %w", err)
		}
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
	unit, _, err := p.serviceFiles()
	if err != nil {
		return false, err
	}
	err = p.withSocket(ctx, func(c *local.Client, up bool) error {
		running = up
		if up {
			return nil
		}
		if _, err := os.Stat(unit); err == nil && p.underSystemd() {
			return systemctl(ctx, "start", unitName)
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
	unit, autostart, err := p.serviceFiles()
	if err != nil {
		return err
	}
	installed := ""
	for _, f := range []string{unit, autostart} {
		if _, err := os.Stat(f); err == nil {
			installed = f
		}
	}
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

func systemctl(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, "systemctl", append([]string{"--user"}, args...)...).CombinedOutput() //nolint:gosec // constant words
	if err != nil {
		return fmt.Errorf("systemctl --user %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// installFile writes a file whole or not at all.
func installFile(path, text string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("install: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
