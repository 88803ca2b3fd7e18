package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Paths are the files of one person's agent. Folders are made with mode 0700 when they are first used.
type Paths struct {
	ConfigDir  string // config.toml
	StateDir   string // journal, log, lock
	RuntimeDir string // socket
}

// DefaultPaths follows the XDG base directories on Linux and the system's own places elsewhere. getenv is os.Getenv.
func DefaultPaths(getenv func(string) string) (Paths, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Paths{}, fmt.Errorf("no home folder: %w", err)
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		config, err := os.UserConfigDir()
		if err != nil {
			return Paths{}, fmt.Errorf("no configuration folder: %w", err)
		}
		cache, err := os.UserCacheDir() // %LocalAppData% on Windows: state that does not roam
		if err != nil {
			return Paths{}, fmt.Errorf("no local folder: %w", err)
		}
		state := filepath.Join(cache, "securepush")
		return Paths{ConfigDir: filepath.Join(config, "securepush"), StateDir: state, RuntimeDir: state}, nil
	}
	base := func(variable, fallback string) string {
		if dir := getenv(variable); filepath.IsAbs(dir) { // the specification: ignore relative ones
			return filepath.Join(dir, "securepush")
		}
		return filepath.Join(home, fallback, "securepush")
	}
	p := Paths{ConfigDir: base("XDG_CONFIG_HOME", ".config"), StateDir: base("XDG_STATE_HOME", ".local/state")}
	p.RuntimeDir = filepath.Join(p.StateDir, "run")
	if dir := getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		p.RuntimeDir = filepath.Join(dir, "securepush")
	}
	return p, nil
}

// Socket is where the agent listens.
func (p Paths) Socket() string { return filepath.Join(p.RuntimeDir, "agent.sock") }

// journalName is a journal's file in the folder of its account.
const journalName = "journal.db"

// Journal is the database that also serves as the lock of the one agent.
func (p Paths) Journal() string { return filepath.Join(p.StateDir, journalName) }

// Settings is the file of the person's choices.
func (p Paths) Settings() string { return filepath.Join(p.ConfigDir, "config.toml") }

// make creates the folders, and refuses one that others could write to.
func (p Paths) make() error {
	for _, dir := range []string{p.ConfigDir, p.StateDir, p.RuntimeDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		info, err := os.Lstat(dir)
		if err != nil {
			return fmt.Errorf("look at folder: %w", err)
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs its x bit
				return fmt.Errorf("folder %s is open to others: %w", dir, err)
			}
		}
	}
	return nil
}

// errNotOurs says that a socket's peer is another user.
var errNotOurs = errors.New("agent: the peer is another user")
