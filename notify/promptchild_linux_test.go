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
	body := "#!/bin/sh\nexec 3>" + fifo + "\ntrap '' TERM INT HUP\nsleep 600 & wait\n"
	if err := os.WriteFile(program, []byte(body), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := newPromptChild(t.Context(), program, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	c.timeout = 200 * time.Millisecond
	if err := c.start(PromptSignIn, nil); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := io.ReadAll(f); err != nil { // ends when shell and sleep are gone
		t.Fatal(err)
	}
	c.wg.Wait()
	if c.running {
		t.Error("still counted as running")
	}
}
