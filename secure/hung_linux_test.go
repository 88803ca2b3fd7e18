package secure

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWhoWaitedForAHungKeyringDoesNotWaitAgain(t *testing.T) {
	dir, err := os.MkdirTemp("", "sps") // a socket's path has 107 bytes at most, t.TempDir may be longer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "bus") // accepts and never answers
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	k := NewKeyring(KeyringOptions{BusAddress: "unix:path=" + socket, Timeout: 300 * time.Millisecond})
	const key = "6f1c0c1e-0000-4000-8000-000000000000"
	end := time.After(time.Minute)
	for waited := 0; ; waited++ {
		_, err := k.Get(t.Context(), key)
		if StateOf(err) != VaultTimedOut {
			t.Fatal(err)
		}
		if errors.Is(err, errStillHung) {
			if waited == 0 {
				t.Error("nobody had asked it")
			}
			return
		}
		select {
		case <-end: // however late a call comes behind the other on a busy machine
			t.Fatalf("%d calls in a row have all waited", waited)
		default:
		}
	}
}
