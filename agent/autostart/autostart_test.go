package autostart

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestUnitsQuoteThePathOfTheProgram(t *testing.T) {
	const path = `/home/a b/50%/$x"y\z/securepush`
	if unit := unitText(path); !strings.Contains(unit, `ExecStart="/home/a b/50%%/$$x\"y\\z/securepush" listen`) {
		t.Error(unit)
	}
	if entry := entryText(path); !strings.Contains(entry, `Exec="/home/a b/50%%/\\$x\\"y\\\\z/securepush" listen`) {
		t.Error(entry)
	}
}

// manager is a systemd user manager that does what enable and disable do to files.
func manager(t *testing.T) (Place, *[]string) {
	t.Helper()
	dir := t.TempDir()
	p := Place{Executable: "/usr/bin/securepush", Config: filepath.Join(dir, "config"), Runtime: filepath.Join(dir, "run")}
	if err := os.MkdirAll(filepath.Join(p.Runtime, "systemd", "private"), 0o700); err != nil {
		t.Fatal(err)
	}
	var asked []string
	p.Systemctl = func(_ context.Context, args ...string) error {
		asked = append(asked, strings.Join(args, " "))
		wants := filepath.Join(p.Config, "systemd", "user", "graphical-session.target.wants")
		switch args[0] {
		case "enable":
			return errors.Join(os.MkdirAll(wants, 0o700), os.Symlink(p.unit(), filepath.Join(wants, unitName)))
		case "disable":
			return os.Remove(filepath.Join(wants, unitName))
		}
		return nil
	}
	return p, &asked
}

func TestUnderSystemdTheUnitIsEnabledAndDisabled(t *testing.T) {
	p, asked := manager(t)
	if s := p.Status(); s != (Status{Supported: true, Way: WaySystemd}) {
		t.Errorf("before: %+v", s)
	}
	file, err := p.Enable(t.Context())
	if err != nil || file != p.unit() {
		t.Fatal(file, err)
	}
	if s := p.Status(); !s.Enabled || s.Way != WaySystemd || s.File != file {
		t.Errorf("enabled: %+v", s)
	}
	if err := p.Disable(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := p.Status(); s.Enabled || s.File != file {
		t.Errorf("disabled: %+v", s)
	}
	if !slices.Equal(*asked, []string{"daemon-reload", "enable securepush.service", "disable securepush.service"}) {
		t.Errorf("%q", *asked)
	}
}

func TestUninstallingLeavesNothing(t *testing.T) {
	p, _ := manager(t)
	if _, err := p.Enable(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Uninstall(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := p.Status(); s.Enabled || s.File != "" {
			t.Errorf("%+v", s)
		}
	}
}

func TestWithoutAManagerTheDesktopStartsIt(t *testing.T) {
	p := Place{Executable: "/usr/bin/securepush", Config: t.TempDir()}
	file, err := p.Enable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s := p.Status(); s != (Status{Supported: true, Enabled: true, Way: WayDesktop, File: file}) {
		t.Errorf("%+v", s)
	}
	if b, err := os.ReadFile(file); err != nil || !strings.Contains(string(b), `Exec="/usr/bin/securepush" listen`) {
		t.Errorf("%s, %v", b, err)
	}
	if err := p.Disable(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := p.Status(); s.Enabled || s.File != "" {
		t.Errorf("%+v", s)
	}
}

func TestWhatTheManagerRefusesIsSaid(t *testing.T) {
	p, _ := manager(t)
	broken := errors.New("no bus")
	p.Systemctl = func(context.Context, ...string) error { return broken }
	if _, err := p.Enable(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
	if p.Status().Enabled {
		t.Error("it says that it starts at login")
	}
}
