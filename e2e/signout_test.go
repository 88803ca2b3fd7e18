//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"go.etcd.io/bbolt"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// kept counts the items of the program in the keyring (Secret Service API, SearchItems).
func (s *stack) kept() int { s.Helper(); return s.keptOn(s.bus()) }

// keptOn does the same over a connection that stands.
func (s *stack) keptOn(bus *dbus.Conn) int {
	s.Helper()
	var unlocked, locked []dbus.ObjectPath
	err := bus.Object(keyringService, "/org/freedesktop/secrets").CallWithContext(s.Context(),
		"org.freedesktop.Secret.Service.SearchItems", 0, map[string]string{"service": "SecurePush"}).Store(&unlocked, &locked)
	if err != nil {
		s.Fatal(err)
	}
	return len(unlocked) + len(locked)
}

func TestSigningOutLeavesNothingBehind(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	spy := &tokenSpy{}
	c := s.behind(spy.answer)
	s.listen()
	s.login(c.url)
	other := s.registered(c.url)
	s.curl(c.url, c.key, message(" eins"))
	m.wait(title + " eins")
	s.until("the toast", func() bool { return s.displayed() == 1 })
	if s.kept() == 0 {
		t.Fatal("nothing is in the keyring")
	}

	s.must("", "logout")
	s.until("the toast is gone", func() bool { return s.displayed() == 0 })
	if devices, err := other.Installations(t.Context()); err != nil || len(devices) != 0 {
		t.Errorf("the server has %d devices, %v", len(devices), err)
	}
	if n := s.kept(); n != 0 {
		t.Errorf("%d items are in the keyring", n)
	}
	if st := s.status(); st.SignIn != local.SignInNever || st.Account != nil || st.Link != local.LinkOff || st.Unread != 0 {
		t.Errorf("status is %+v", st)
	}
	if _, code := s.run("", "inbox"); code != 3 {
		t.Errorf("inbox: exit code %d", code)
	}
	first := spy.first()
	anyone := &api.Client{Base: other.Base, Tokens: fixed(first.AccessToken)}
	if _, err := anyone.Me(t.Context()); api.CodeOf(err) != api.CodeSignInNeeded {
		t.Errorf("the access token still works: %v", err)
	}
	if _, err := anyone.RefreshGrant(t.Context(), api.NewSecret(first.RefreshToken)); api.CodeOf(err) != api.CodeInvalidGrant {
		t.Errorf("the refresh token still works: %v", err)
	}

	t.Log("what is sent afterwards goes to no device of this person")
	sent, err := other.Send(t.Context(), api.SendRequest{Title: title + " zwei", Payload: payload}, "")
	if err != nil || sent.Devices != 0 {
		t.Errorf("sent to %d devices, %v", sent.Devices, err)
	}
	s.listener.stop(os.Interrupt)
	s.emptyJournal(fmt.Sprintf(`{"last":{"server":%q,"user":%q}}`, c.url, user))
	if shown := m.all(); len(shown) != 1 {
		t.Errorf("%d toasts: %+v", len(shown), shown)
	}
}

// emptyJournal reads the journal of a listener that has ended. Of the sign-in it may hold whom to offer at the next one, and nothing else.
func (s *stack) emptyJournal(offered string) {
	s.Helper()
	file := filepath.Join(s.dir, "d", "state", "securepush", "journal.db")
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(bucket []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				last := string(bucket) == "meta" && string(k) == "account" && string(v) == offered
				if string(k) != "version" && !last && (string(bucket) != "meta" || len(v) > len("{}")) {
					s.Errorf("the journal has %s %q: %q", bucket, k, v)
				}
				return nil
			})
		})
	})
	if err != nil {
		s.Error(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	for _, text := range []string{user, "/wpush/"} {
		if bytes.Count(raw, []byte(text)) > strings.Count(offered, text) {
			s.Errorf("%q is still in a free page of the journal", text)
		}
	}
}
