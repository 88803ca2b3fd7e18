package agent

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"securepush/agent/local"
	"securepush/api"
	"securepush/secure"
)

// profile is the agent's record in the journal, of which there is a copy: who is signed in and how this device is known. Nothing in it is secret.
//
// Example: {"account":{"id":"6f1c…",…},"installation":"0b7e…","pushUrl":"wss://push.example/push","vapidKey":"BHaW…"}.
type profile struct {
	Account      *secure.Account `json:"account,omitempty"`
	Installation string          `json:"installation,omitempty"` // this device's ID at the back end
	PushURL      string          `json:"pushUrl,omitempty"`      // of the push service, as .well-known last said
	VAPIDKey     string          `json:"vapidKey,omitempty"`     // of the back end, likewise
	Order        int             `json:"order,omitempty"`        // in which the accounts were added
	Colour       string          `json:"colour,omitempty"`       // that was free then
	// Last is who was signed out last, for the next sign-in. The first seat keeps it, for all.
	Last *local.LastSignIn `json:"last,omitempty"`
	// SignedOut are accounts whose sign-out the server or the keyring has not confirmed yet.
	SignedOut []secure.Account `json:"signedOut,omitempty"`
}

// recordName is a copy of the account record beside the journal, for when nothing of a damaged journal can be read: the account
// would be gone, and its sign-in live on in the keyring and at the server.
const recordName = "account.json"

// loadProfile reads the record from the journal, or from the copy when a damaged journal has just lost it.
func (st *seat) loadProfile() error {
	b, err := st.journal.Account()
	if err != nil {
		return fmt.Errorf("read the account record: %w", err)
	}
	path := filepath.Join(st.dir, recordName)
	lost := b == nil && st.journal.SetAside() != ""
	if lost {
		b, _ = os.ReadFile(path) //nolint:gosec // our own file; where there is none the person signs in again
	}
	if b == nil {
		return nil
	}
	var p profile
	switch err := json.Unmarshal(b, &p); {
	case err != nil && lost:
		st.log.Warn("the copy of the account record cannot be read", slog.Any("error", err))
		return nil
	case err != nil:
		return fmt.Errorf("read the account record: %w", err)
	case lost:
		return st.changeProfile(func(now *profile) { *now = p })
	}
	st.profile = p
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) { // of a version that made none
		st.copyRecord(b)
	}
	return nil
}

// copyRecord keeps the copy. An old one would bring back an account that has gone, so it rather has none.
func (st *seat) copyRecord(b []byte) {
	path := filepath.Join(st.dir, recordName)
	if err := writeWhole(path, b); err != nil {
		st.log.Warn("the copy of the account record cannot be written", slog.Any("error", errors.Join(err, os.Remove(path))))
	}
}

// changeProfile changes the record, on disk and in memory.
func (st *seat) changeProfile(change func(*profile)) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	next := st.profile
	change(&next)
	b, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("write the account record: %w", err)
	}
	if err := st.journal.SetAccount(b); err != nil {
		return fmt.Errorf("write the account record: %w", err)
	}
	st.profile = next
	st.copyRecord(b)
	return nil
}

func (st *seat) readProfile() profile {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.profile
}

// learn keeps what a server says of itself. It reports whether the way of pushes changed.
func (st *seat) learn(w api.WellKnown) (changed bool, err error) {
	before := st.readProfile()
	if before.Account == nil { // the answer came after the sign-out
		return false, nil
	}
	if before.PushURL == w.PushURL && before.VAPIDKey == w.VAPIDPublicKey && before.Account.ServerName == w.Name {
		return false, nil
	}
	err = st.changeProfile(func(p *profile) {
		if p.Account == nil {
			return
		}
		p.PushURL, p.VAPIDKey = w.PushURL, w.VAPIDPublicKey
		account := *p.Account
		account.ServerName = w.Name
		p.Account = &account
	})
	return before.PushURL != w.PushURL || before.VAPIDKey != w.VAPIDPublicKey, err
}

// newInstallationID draws a UUID (RFC 9562 section 5.4).
func newInstallationID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24: it ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
