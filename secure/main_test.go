package secure_test

import (
	"context"
	"os"
	"testing"
	"time"

	"securepush/secure"
	"securepush/secure/securetest"
)

const (
	alice = "6f1c0c1e-8a55-4e0b-9d52-0d9b7d1f2a33"
	bob   = "b0a1d9a2-35ce-4d40-8a7e-5c2f8f6f9e10"

	childEnv = "SECUREPUSH_TEST_CHILD" // what this binary is to be instead of a test: a name of testPrograms
)

// patience is how long a test waits for what has to happen; only a broken test waits that long.
const patience = time.Minute

// testPrograms are run by processes that tests start of this binary.
var testPrograms = map[string]func() int{"fetch": fetch, "renew": renewForEver}

// TestMain lets the test binary be the keyring child, as the program does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == secure.ChildCommand {
		os.Exit(secure.RunKeyringChild(os.Stdin, os.Stdout))
	}
	if run, ok := testPrograms[os.Getenv(childEnv)]; ok {
		os.Exit(run())
	}
	// A program built with -race waits a second at its end, and these tests start hundreds of children.
	_ = os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	os.Exit(m.Run())
}

func TestTheMemoryVaultConforms(t *testing.T) {
	securetest.RunVault(t, func(*testing.T) secure.Vault { return secure.NewMemory() })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually asks again until it is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !is() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// pass lets time pass in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }
