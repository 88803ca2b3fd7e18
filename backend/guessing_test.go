package backend

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"securepush/api"
)

// work keeps what each hash of a password cost.
type work struct {
	mu    sync.Mutex
	costs []string
}

// watch makes a hasher tell its work.
func (k *work) watch(h *hasher) {
	derive := h.derive
	h.derive = func(password, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.costs = append(k.costs, fmt.Sprintf("%d passes over %d KiB in %d lanes, salt of %d, key of %d", passes, memory, lanes, len(salt), size))
		return derive(password, salt, passes, memory, lanes, size)
	}
}

// take returns what was done since the last time.
func (k *work) take() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	done := strings.Join(k.costs, "; ")
	k.costs = nil
	return done
}

// How long an answer takes says nothing about an account when the same work is done for it; that can be counted, where a clock would only
// tell how busy the machine is.
func TestWrongPasswordAndUnknownUserLookTheSame(t *testing.T) {
	st := newSite(t)
	st.addUser("anna")
	st.addUser("ben")
	if err := st.admin.SetDisabled(t.Context(), "ben", true); err != nil {
		t.Fatal(err)
	}
	var k work
	k.watch(st.hasher)
	ask := func(name, password string) (string, string) {
		resp, body := st.ask(http.MethodPost, "/oauth/token", "", url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}})
		return fmt.Sprint(resp.StatusCode, len(resp.Header), body), k.take()
	}
	want, cost := ask("anna", "wrong")
	if cost == "" || strings.Contains(cost, ";") {
		t.Fatalf("a wrong password costs %q", cost)
	}
	for name, password := range map[string]string{
		"zoe": "wrong", "Anna ": "wrong", "ANNA": "wrong", "a/../b": "wrong", strings.Repeat("z", 300): "wrong", "ben": testPassword, "zoë": testPassword,
	} {
		got, done := ask(name, password)
		if got != want {
			t.Errorf("%q is told %s, and a wrong password %s", name, got, want)
		}
		if done != cost {
			t.Errorf("%q costs %q, and a wrong password %q", name, done, cost)
		}
	}
}

func TestNothingThatOpensADoorStandsInAFile(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	renewed, err := anna.RefreshGrant(t.Context(), api.NewSecret(anna.tokens.RefreshToken))
	if err != nil {
		t.Fatal(err)
	}
	again, err := anna.RefreshGrant(t.Context(), api.NewSecret(renewed.RefreshToken))
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := st.admin.AddKey(t.Context(), "lab", []string{api.ClaimSend})
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"the password": testPassword, "a sender's key": st.key, "another sender's key": second.Reveal()}
	for i, tokens := range []api.Tokens{anna.tokens, renewed, again} {
		secrets[fmt.Sprintf("access token %d", i)] = tokens.AccessToken
		secrets[fmt.Sprintf("refresh token %d", i)] = tokens.RefreshToken
		secrets[fmt.Sprintf("the end of refresh token %d", i)] = tokens.RefreshToken[len(tokens.RefreshToken)-22:]
	}
	files := readFiles(t, st.dir)
	if !bytes.Contains(files, []byte("anna")) || !bytes.Contains(files, []byte("$argon2id$")) {
		t.Fatal("the database was not read")
	}
	for name, secret := range secrets {
		for form, text := range map[string][]byte{
			"plain": []byte(secret), "hex": []byte(hex.EncodeToString([]byte(secret))), "base64": []byte(base64.RawStdEncoding.EncodeToString([]byte(secret))),
			"its random bytes": decoded(secret),
		} {
			if len(text) > 0 && bytes.Contains(files, text) {
				t.Errorf("%s stands in a file (%s)", name, form)
			}
		}
	}
}

// decoded are the bytes that the end of a token stands for.
func decoded(token string) []byte {
	_, text, found := strings.Cut(token, "_")
	if !found {
		return nil
	}
	b, _ := base64.RawURLEncoding.DecodeString(text[max(0, len(text)-40):])
	return b
}

// readFiles reads all files of a folder.
func readFiles(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
