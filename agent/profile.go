package agent

import (
	"crypto/rand"
	"encoding/json"
	"fmt"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
	"securepush/secure"
)

// profile is the agent's record in the journal: who is signed in and how this device is known. Nothing in it is secret.
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

func readProfile(j *pushlistener.Journal) (profile, error) {
	b, err := j.Account()
	if err != nil {
		return profile{}, fmt.Errorf("read the account record: %w", err)
	}
	var p profile
	if b == nil {
		return p, nil
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return profile{}, fmt.Errorf("read the account record: %w", err)
	}
	return p, nil
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
	if before.PushURL == w.PushURL && before.VAPIDKey == w.VAPIDPublicKey && (before.Account == nil || before.Account.ServerName == w.Name) {
		return false, nil
	}
	err = st.changeProfile(func(p *profile) {
		p.PushURL, p.VAPIDKey = w.PushURL, w.VAPIDPublicKey
		if p.Account != nil {
			account := *p.Account
			account.ServerName = w.Name
			p.Account = &account
		}
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
