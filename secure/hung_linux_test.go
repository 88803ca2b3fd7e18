package secure_test

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"securepush/secure"
)

func TestWhoWaitedForAHungKeyringDoesNotWaitAgain(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus") // accepts and never answers
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	const timeout = 300 * time.Millisecond
	k := secure.NewKeyring(secure.KeyringOptions{BusAddress: "unix:path=" + socket, Timeout: timeout})
	const key = "6f1c0c1e-0000-4000-8000-000000000000"
	start := time.Now()
	for range 5 {
		if _, err := k.Get(t.Context(), key); secure.StateOf(err) != secure.VaultTimedOut {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took > 3*timeout {
		t.Errorf("five calls in a row took %s, with a timeout of %s each", took, timeout)
	}
}
