package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"securepush/agent/local"
	"securepush/api"
)

// settingsFile owns config.toml. It is safe for concurrent use.
type settingsFile struct {
	path    string
	changed chan struct{} // has room for one

	mu  sync.Mutex
	now local.Settings
}

// openSettings reads the file; one that is not there gives the defaults, one that cannot be read is set aside.
func openSettings(path string) (*settingsFile, error) {
	s := &settingsFile{path: path, changed: make(chan struct{}, 1), now: withDefaults(local.Settings{})}
	b, err := os.ReadFile(path) //nolint:gosec // our own file
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	var read local.Settings
	if err := toml.Unmarshal(b, &read); err != nil {
		if err := os.Rename(path, path+".broken"); err != nil {
			return nil, fmt.Errorf("set broken settings aside: %w", err)
		}
		return s, nil
	}
	if read = withDefaults(read); checkSettings(read) == nil {
		s.now = read
	}
	return s, nil
}

func withDefaults(s local.Settings) local.Settings {
	if s.ToastContent == "" {
		s.ToastContent = local.ToastEverything
	}
	if s.Theme == "" {
		s.Theme = "system"
	}
	return s
}

// checkSettings says in words what is wrong.
func checkSettings(s local.Settings) error {
	wrong := func(field, detail string) error {
		p := api.NewProblem(api.CodeInvalidField, detail)
		p.Field = field
		return p
	}
	switch s.ToastContent {
	case local.ToastEverything, local.ToastNothing:
	default:
		return wrong("toastContent", "A toast shows everything or nothing.")
	}
	switch s.Theme {
	case "system", "light", "dark":
	default:
		return wrong("theme", "The theme is system, light or dark.")
	}
	if !canBeTag(s.Language) {
		return wrong("language", "The language is system, or a tag such as de or pt-BR.")
	}
	if s.TextSize != 0 && (s.TextSize < 100 || s.TextSize > 200) {
		return wrong("textSize", "The size of text is between 100 and 200 per cent.")
	}
	if s.CAFile != "" && !filepath.IsAbs(s.CAFile) {
		return wrong("caFile", "Give the full path of the certificate file.")
	}
	return nil
}

// canBeTag says whether a text looks like the tag of a language. Which ones are spoken, the window knows.
func canBeTag(s string) bool {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}
	return len(s) <= 35 && !strings.ContainsFunc(s, odd)
}

func (s *settingsFile) get() local.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// set writes the file whole or not at all.
func (s *settingsFile) set(n local.Settings) error {
	n = withDefaults(n)
	if err := checkSettings(n); err != nil {
		return err
	}
	b, err := toml.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := writeWhole(s.path, b); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	s.now = n
	select {
	case s.changed <- struct{}{}:
	default: // one is waiting already
	}
	return nil
}

// writeWhole replaces a file by temp, fsync and rename: whoever reads sees the old or the new one.
func writeWhole(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
