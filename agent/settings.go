package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"securepush/agent/local"
)

// settingsFile owns config.toml. It is safe for concurrent use.
type settingsFile struct {
	path string
	read time.Time // when

	mu     sync.Mutex
	now    local.Settings
	bad    []badSetting // stand in the file and cannot be used; they stay until the person chooses something else
	broken string       // why the file cannot be read at all
	aside  string       // where it was moved then
}

// openSettings reads the file; one that is not there gives the defaults. Of one that was not written as it should be, what can
// be used counts, and the rest is told by conditions.
func openSettings(path string) (*settingsFile, error) {
	s := &settingsFile{path: path, read: time.Now(), now: withDefaults(local.Settings{})}
	b, err := os.ReadFile(path) //nolint:gosec // our own file
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	read := local.Settings{}
	if err := decodeSettings(b, &read); err == nil && len(settingTroubles(withDefaults(read))) == 0 {
		s.now = withDefaults(read)
		return s, nil
	}
	read, s.bad, err = salvageSettings(b)
	if err != nil {
		s.broken = brokenWords(err)
	}
	s.now = withDefaults(read)
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

func (s *settingsFile) get() local.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// change writes the file whole or not at all, and returns the settings before and after.
func (s *settingsFile) change(f func(*local.Settings)) (before, after local.Settings, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.now
	f(&n)
	n = withDefaults(n)
	if err := checkSettings(n); err != nil {
		return s.now, s.now, err
	}
	b, left, err := s.encode(n)
	if err != nil {
		return s.now, s.now, fmt.Errorf("encode settings: %w", err)
	}
	if s.broken != "" && s.aside == "" {
		if err := os.Rename(s.path, s.path+".broken"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return s.now, s.now, fmt.Errorf("set broken settings aside: %w", err)
		}
		s.aside = s.path + ".broken"
	}
	if err := writeWhole(s.path, b); err != nil {
		return s.now, s.now, fmt.Errorf("write settings: %w", err)
	}
	before, s.now, s.bad = s.now, n, left
	return before, n, nil
}

// encode writes n with what stands in the file and cannot be used, unless n has another choice there. The caller holds mu.
func (s *settingsFile) encode(n local.Settings) (b []byte, left []badSetting, err error) {
	if b, err = toml.Marshal(n); err != nil || len(s.bad) == 0 {
		return b, nil, err
	}
	old, err := toml.Marshal(s.now)
	if err != nil {
		return nil, nil, err
	}
	var was, is map[string]any
	if err := errors.Join(toml.Unmarshal(old, &was), toml.Unmarshal(b, &is)); err != nil {
		return nil, nil, err
	}
	for _, bad := range s.bad {
		if reflect.DeepEqual(was[bad.name], is[bad.name]) {
			is[bad.name] = bad.value
			left = append(left, bad)
		}
	}
	b, err = toml.Marshal(is)
	return b, left, err
}

// conditions say what of the file cannot be used.
func (s *settingsFile) conditions() []local.Condition {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := filepath.Base(s.path)
	condition := func(title, advice string) local.Condition {
		return local.Condition{Code: "settings", Severity: local.SeverityAttention, Title: title, Advice: advice, Since: s.read}
	}
	var out []local.Condition
	if s.broken != "" {
		advice := "Correct it and restart the agent. Until then toasts say only that there is something."
		if s.aside != "" {
			advice = "It was set aside as " + filepath.Base(s.aside) + ", and the settings begin anew."
		}
		out = append(out, condition(name+" cannot be read: "+s.broken, advice))
	}
	for _, bad := range s.bad {
		out = append(out, condition("The setting "+bad.name+" cannot be used", bad.words+" Correct it in "+name+" and restart the agent, or choose in the window."))
	}
	return out
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
