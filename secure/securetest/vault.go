package securetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"securepush/api"
	"securepush/secure"
)

const (
	account = "6f1c0c1e-8a55-4e0b-9d52-0d9b7d1f2a33"
	other   = "b0a1d9a2-35ce-4d40-8a7e-5c2f8f6f9e10"
)

// RunVault runs the conformance suite. open gives an empty vault that is ready; a failure of the vault under test is
// the only thing that fails it.
func RunVault(t *testing.T, open func(t *testing.T) secure.Vault) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(t *testing.T, v secure.Vault)
	}{
		{"a value that was never written is absent", absent},
		{"a value written is read back, and a second write replaces it", roundTrip},
		{"a value of the full length survives", longest},
		{"keys do not see each other's values", separate},
		{"a removed value is gone, and removing nothing is no error", removed},
		{"keys and values outside the rules are refused", refused},
		{"a cancelled call times out and changes nothing", cancelled},
		{"many callers at once never see half a value", concurrent},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func absent(t *testing.T, v secure.Vault) {
	wantState(t, secure.VaultAbsent, getErr(t.Context(), v, account))
}

func roundTrip(t *testing.T, v secure.Vault) {
	for _, want := range []string{"first~!", "second"} {
		must(t, v.Set(t.Context(), account, api.NewSecret(want)))
		wantValue(t, v, account, want)
	}
}

func longest(t *testing.T, v secure.Vault) {
	want := strings.Repeat("Ab1-_", secure.MaxValue/5) + "xyz"
	must(t, v.Set(t.Context(), account, api.NewSecret(want)))
	wantValue(t, v, account, want)
}

func separate(t *testing.T, v secure.Vault) {
	for key, value := range map[string]string{account: "1", account + ".journal": "2", other: "3"} {
		must(t, v.Set(t.Context(), key, api.NewSecret(value)))
	}
	must(t, v.Delete(t.Context(), account))
	wantState(t, secure.VaultAbsent, getErr(t.Context(), v, account))
	wantValue(t, v, account+".journal", "2")
	wantValue(t, v, other, "3")
}

func removed(t *testing.T, v secure.Vault) {
	must(t, v.Delete(t.Context(), account))
	must(t, v.Set(t.Context(), account, api.NewSecret("x")))
	must(t, v.Delete(t.Context(), account))
	wantState(t, secure.VaultAbsent, getErr(t.Context(), v, account))
}

func refused(t *testing.T, v secure.Vault) {
	for _, key := range []string{
		"", "anna", strings.ToUpper(account), account + ":x", account + ".", account + ".A", account + ".journal.journal.x",
		account + "\x00", account[:35], account + "x",
	} {
		if err := v.Set(t.Context(), key, api.NewSecret("x")); !errors.Is(err, secure.ErrBadValue) {
			t.Errorf("key %q: %v", key, err)
		}
		if err := getErr(t.Context(), v, key); !errors.Is(err, secure.ErrBadValue) {
			t.Errorf("get of key %q: %v", key, err)
		}
		if err := v.Delete(t.Context(), key); !errors.Is(err, secure.ErrBadValue) {
			t.Errorf("delete of key %q: %v", key, err)
		}
	}
	for _, value := range []string{"", "a b", "ä", "a\n", "\x7f", strings.Repeat("x", secure.MaxValue+1)} {
		if err := v.Set(t.Context(), account, api.NewSecret(value)); !errors.Is(err, secure.ErrBadValue) {
			t.Errorf("value of %d bytes: %v", len(value), err)
		}
	}
	wantState(t, secure.VaultAbsent, getErr(t.Context(), v, account))
}

func cancelled(t *testing.T, v secure.Vault) {
	must(t, v.Set(t.Context(), account, api.NewSecret("kept")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantState(t, secure.VaultTimedOut, getErr(ctx, v, account))
	wantState(t, secure.VaultTimedOut, v.Set(ctx, account, api.NewSecret("lost")))
	wantState(t, secure.VaultTimedOut, v.Delete(ctx, account))
	wantValue(t, v, account, "kept")
}

func concurrent(t *testing.T, v secure.Vault) {
	a, b := strings.Repeat("a", 500), strings.Repeat("b", 900)
	must(t, v.Set(t.Context(), account, api.NewSecret(a)))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			value := a
			if i%2 == 1 {
				value = b
			}
			// Callers queue, so that one may run out of time on a slow machine; what is never allowed is half a value.
			if err := v.Set(t.Context(), account, api.NewSecret(value)); err != nil && secure.StateOf(err) != secure.VaultTimedOut {
				t.Errorf("set: %v", err)
			}
			got, err := v.Get(t.Context(), account)
			if err == nil && got.Reveal() != a && got.Reveal() != b {
				t.Errorf("read a torn value of %d bytes", len(got.Reveal()))
			}
			if err != nil && secure.StateOf(err) != secure.VaultTimedOut {
				t.Errorf("get: %v", err)
			}
		})
	}
	wg.Wait()
}

func getErr(ctx context.Context, v secure.Vault, key string) error {
	_, err := v.Get(ctx, key)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantValue(t *testing.T, v secure.Vault, key, want string) {
	t.Helper()
	got, err := v.Get(t.Context(), key)
	must(t, err)
	if got.Reveal() != want {
		t.Fatalf("read a value of %d bytes, want the %d bytes written", len(got.Reveal()), len(want))
	}
}

func wantState(t *testing.T, want secure.VaultState, err error) {
	t.Helper()
	v, ok := errors.AsType[*secure.VaultError](err)
	if !ok || v.State != want {
		t.Fatalf("got %v, want state %v", err, want)
	}
	if v.Words == "" {
		t.Fatalf("state %v has no words", want)
	}
}
