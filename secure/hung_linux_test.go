package secure

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const hungKey = "6f1c0c1e-0000-4000-8000-000000000000"

// hungKeyring is one behind a bus that accepts and never answers. A call costs the timeout.
func hungKeyring(t *testing.T) *Keyring {
	t.Helper()
	dir, err := os.MkdirTemp("", "sps") // a socket's path has 107 bytes at most, t.TempDir may be longer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "bus")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return NewKeyring(KeyringOptions{BusAddress: "unix:path=" + socket, Timeout: 300 * time.Millisecond})
}

func TestWhoWaitedForAHungKeyringDoesNotWaitAgain(t *testing.T) {
	k := hungKeyring(t)
	end := time.After(time.Minute)
	for waited := 0; ; waited++ {
		_, err := k.Get(t.Context(), hungKey)
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

func TestAKeyringThatAnsweredMeanwhileIsAskedAgain(t *testing.T) {
	k := hungKeyring(t)
	end := time.After(time.Minute)
	for hung := false; !hung; {
		_, err := k.Get(t.Context(), hungKey)
		hung = StateOf(err) == VaultTimedOut && k.stillHung()
		select {
		case <-end: // on a busy machine a call may come too late to find it hung
			t.Fatal("it never counted as hung")
		default:
		}
	}
	k.answered(VaultReady) // as the watch learns it
	if _, err := k.Get(t.Context(), hungKey); errors.Is(err, errStillHung) {
		t.Error("the call that was to follow the answer was not made")
	}
}
