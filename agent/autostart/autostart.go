package autostart

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// unitName is the systemd user unit of the listener.
const unitName = "securepush.service"

// Place is where it is set up, for one person.
type Place struct {
	Executable string // this program
	Config     string // the person's configuration folder, ~/.config
	Runtime    string // the session's folder, /run/user/1000; empty: there is none
	// Systemctl runs systemctl --user; nil: the real one.
	Systemctl func(ctx context.Context, args ...string) error
}

// Way is how the listener is started.
type Way string

// The ways.
const (
	WayNone    Way = ""
	WaySystemd Way = "systemd"
	WayDesktop Way = "desktop"
)

// Status is what is set up.
type Status struct {
	Supported bool
	Enabled   bool   // it starts at login
	Way       Way    // by which it is started, or would be
	File      string // the unit or the entry that is installed; empty: none
}

// ErrUnsupported says that this system has no way that is known here.
var ErrUnsupported = errors.New("starting at login is only set up on Linux so far; start the listener with: securepush listen")

// At is the place of a person's environment.
func At(executable string, getenv func(string) string) (Place, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Place{}, fmt.Errorf("no home folder: %w", err)
	}
	config := getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	return Place{Executable: executable, Config: config, Runtime: getenv("XDG_RUNTIME_DIR")}, nil
}

func (p Place) unit() string { return filepath.Join(p.Config, "systemd", "user", unitName) }

func (p Place) entry() string { return filepath.Join(p.Config, "autostart", "securepush.desktop") }

// Managed says whether the session has a systemd user manager.
func (p Place) Managed() bool {
	return p.Runtime != "" && exists(filepath.Join(p.Runtime, "systemd", "private"))
}

// Installed says whether the unit is there for the manager to start.
func (p Place) Installed() bool { return p.Managed() && exists(p.unit()) }

// Status looks what is set up.
func (p Place) Status() Status {
	s := Status{Supported: runtime.GOOS == "linux", Way: WayDesktop}
	if !s.Supported {
		return Status{}
	}
	if p.Managed() {
		s.Way = WaySystemd
	}
	if exists(p.entry()) { // the unit's manager leaves it to the desktop, see X-systemd-skip
		s.File, s.Enabled = p.entry(), s.Way == WayDesktop
	}
	if exists(p.unit()) {
		s.File = p.unit()
		wanted, _ := filepath.Glob(filepath.Join(p.Config, "systemd", "user", "*.wants", unitName)) // the pattern is good
		s.Enabled = s.Enabled || s.Way == WaySystemd && len(wanted) > 0
	}
	return s
}

// Enable makes the listener start at login and returns the file that says so. It does not start it now.
func (p Place) Enable(ctx context.Context) (file string, err error) {
	if runtime.GOOS != "linux" {
		return "", ErrUnsupported
	}
	if !p.Managed() {
		return p.entry(), install(p.entry(), entryText(p.Executable))
	}
	if err := install(p.unit(), unitText(p.Executable)); err != nil {
		return "", err
	}
	if err := p.systemctl(ctx, "daemon-reload"); err != nil {
		return "", err
	}
	return p.unit(), p.systemctl(ctx, "enable", unitName)
}

// Start starts the unit now.
func (p Place) Start(ctx context.Context) error { return p.systemctl(ctx, "start", unitName) }

// Disable makes it not start at login any more. A listener that runs goes on.
func (p Place) Disable(ctx context.Context) error {
	if p.Installed() {
		if err := p.systemctl(ctx, "disable", unitName); err != nil {
			return err
		}
	}
	return remove(p.entry())
}

// Uninstall removes what Enable has made, and ends the listener if it runs as the unit.
func (p Place) Uninstall(ctx context.Context) error {
	if p.Installed() {
		if err := p.systemctl(ctx, "disable", "--now", unitName); err != nil {
			return err
		}
	}
	return errors.Join(remove(p.unit()), remove(p.entry()))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove: %w", err)
	}
	return nil
}

func (p Place) systemctl(ctx context.Context, args ...string) error {
	if p.Systemctl != nil {
		return p.Systemctl(ctx, args...)
	}
	out, err := exec.CommandContext(ctx, "systemctl", append([]string{"--user"}, args...)...).CombinedOutput() //nolint:gosec // constant words
	if err != nil {
		return fmt.Errorf("systemctl --user %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// install writes a file whole or not at all.
func install(path, text string) error {
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
