package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// unprivileged runs a function whose file access is not that of root, who may write everywhere.
func unprivileged(t *testing.T, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		do()
		return
	}
	const nobody = 65534
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := syscall.Setfsuid(nobody); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-ended
}

// reachable is a temporary folder that everybody may look into.
func reachable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	dir := reachable(t)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "securepush.db"), filepath.Join(dir, "more", "securepush.db")} {
		unprivileged(t, func() {
			_, err := Open(t.Context(), Options{Path: path})
			f, ok := errors.AsType[*Failure](err)
			if !ok || !errors.Is(err, ErrReadOnly) || !strings.Contains(f.Words, "right to write") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAFileThatCannotBeWrittenIsNamed(t *testing.T) {
	path := filepath.Join(reachable(t), "securepush.db")
	s := openForTest(t, Options{Path: path})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o444); err != nil { // readable: writing is what fails
		t.Fatal(err)
	}
	unprivileged(t, func() {
		if _, err := Open(t.Context(), Options{Path: path}); !errors.Is(err, ErrReadOnly) {
			t.Errorf("got %v", err)
		}
	})
}
