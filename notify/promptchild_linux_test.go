package notify

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestChildIsKilledWithItsGroupAtTheDeadline(t *testing.T) {
	fifo, program := filepath.Join(t.TempDir(), "pipe"), filepath.Join(t.TempDir(), "program")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	body := "#!/bin/sh\nexec 3>" + fifo + "\ntrap '' TERM INT HUP\nsleep 600 &\necho started >&3\nwait\n"
	if err := os.WriteFile(program, []byte(body), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(fifo, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	c, err := newPromptChild(t.Context(), program, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for c.timeout = 100 * time.Millisecond; ; c.timeout *= 2 { // it may end before the program has got to run
		if err := c.start(PromptSignIn, nil); err != nil {
			t.Fatal(err)
		}
		c.wg.Wait()
		if c.running {
			t.Error("still counted as running")
		}
		b, err := io.ReadAll(f) // ends when shell and sleep are gone
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 0 {
			return
		}
	}
}
