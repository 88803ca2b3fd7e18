package agent

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/backend"
	"securepush/secure"
)

// wreck makes a journal a file of which nothing can be read.
func (w *world) wreck(journal string) {
	w.Helper()
	if err := os.WriteFile(journal, make([]byte, 64<<10), 0o600); err != nil {
		w.Fatal(err)
	}
}

func TestAJournalThatCannotBeReadTakesNoAccountWithIt(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	c := &local.Client{Transport: a.Transport()}
	anna, bob := w.add(c, w.url, "anna"), w.add(c, w.url, "bob")
	before := []profile{a.find(anna.ID).readProfile(), a.find(bob.ID).readProfile()}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	w.wreck(filepath.Join(w.dir, "s", "journal.db"))
	w.wreck(filepath.Join(w.dir, "s", "accounts", "2", "journal.db"))
	for _, start := range []string{"at once", "and once more"} {
		a = w.open(vault)
		c = &local.Client{Transport: a.Transport()}
		s, err := c.Status(t.Context())
		if err != nil || len(s.Accounts) != 2 || s.Accounts[0].Account.ID != anna.ID || s.Accounts[1].Account.ID != bob.ID {
			t.Fatalf("%s: %+v, %v", start, s.Accounts, err)
		}
		for i, account := range []local.Account{anna, bob} {
			if _, err := c.For(account.ID).Inbox(t.Context(), local.InboxQuery{}); err != nil || s.Accounts[i].SignIn != local.SignInActive {
				t.Errorf("%s: %s: %v, %s", start, account.User, err, s.Accounts[i].SignIn)
			}
			if now := a.find(account.ID).readProfile(); now.Installation != before[i].Installation || now.PushURL != before[i].PushURL {
				t.Errorf("%s: %+v", start, now)
			}
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnInstallationWithoutACopyOfItsRecordMakesOne(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	anna := w.add(&local.Client{Transport: a.Transport()}, w.url, "anna")
	state := filepath.Join(w.dir, "s")
	if err := errors.Join(a.Close(), os.Remove(filepath.Join(state, recordName))); err != nil {
		t.Fatal(err)
	}
	a = w.open(vault)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	w.wreck(filepath.Join(state, "journal.db"))
	a, _ = w.alone(vault)
	if a.find(anna.ID) == nil {
		t.Error("the account is gone")
	}
}

func TestAnAccountThatWasSignedOutDoesNotComeBackWithAWreckedJournal(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	c := &local.Client{Transport: a.Transport()}
	anna := w.add(c, w.url, "anna")
	if err := errors.Join(c.For(anna.ID).SignOut(t.Context()), a.Close()); err != nil {
		t.Fatal(err)
	}
	w.wreck(filepath.Join(w.dir, "s", "journal.db"))
	_, c = w.alone(vault)
	if s, err := c.Status(t.Context()); err != nil || len(s.Accounts) != 0 || s.Last == nil || s.Last.User != "anna" {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestAnInterruptedSignOutIsFinishedToTheEnd ends the agent right after the sign-out of a further account began.
func TestAnInterruptedSignOutIsFinishedToTheEnd(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	c := &local.Client{Transport: a.Transport()}
	w.add(c, w.url, "anna")
	bob := w.add(c, w.url, "bob")
	err := c.SaveSettings(t.Context(), local.Settings{
		ToastContent: local.ToastEverything, Theme: "system", Accounts: map[string]local.AccountSettings{bob.ID: {Name: "Lab"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Get(t.Context(), bob.ID+".journal"); err != nil {
		t.Fatal(err)
	}
	st := a.find(bob.ID)
	st.noteLeaving(t.Context(), st.readProfile())
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a, _ = w.alone(vault)
	a.finishSignOuts(t.Context())
	for _, key := range []string{bob.ID, bob.ID + ".journal"} {
		if _, err := vault.Get(t.Context(), key); secure.StateOf(err) != secure.VaultAbsent {
			t.Errorf("%s is still in the keyring: %v", key, err)
		}
	}
	if left := a.settings.get().Accounts; len(left) != 0 || len(a.first().readProfile().SignedOut) != 0 {
		t.Errorf("%+v, %+v", left, a.first().readProfile())
	}
}

// TestASignOutThatWaitedLeavesWhoCameMeanwhile: the account that it was for has gone, and its place is another one's.
func TestASignOutThatWaitedLeavesWhoCameMeanwhile(t *testing.T) {
	w := newWorld(t)
	a, c := w.alone(secure.NewMemory())
	anna := w.add(c, w.url, "anna")
	leave, err := a.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		st := a.find(anna.ID)
		meant := st.id()
		close(begun)
		ended <- a.signOutOf(t.Context(), st, meant)
	}()
	<-begun
	bob := secure.Account{ID: "6f1c0c1e-0000-4000-8000-000000000000", Server: w.url, User: "bob"}
	if err := a.first().changeProfile(func(p *profile) { p.Account = &bob }); err != nil {
		t.Fatal(err)
	}
	leave()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if a.find(bob.ID) == nil {
		t.Error("another one was signed out")
	}
}

func TestASignInWhoseAccountHasGoneTakesNobodyElsesPlace(t *testing.T) {
	w := newWorld(t)
	a, c := w.alone(secure.NewMemory())
	anna := w.add(c, w.url, "anna")
	gone, err := a.openSeat(a.freeNumber())
	if err != nil {
		t.Fatal(err)
	}
	a.clearAway(gone)
	in := local.SignInRequest{Server: w.url, User: "bob", Password: password}
	if _, err := a.signIn(t.Context(), gone, in); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Status(t.Context()); err != nil || len(s.Accounts) != 2 || s.Accounts[0].Account.ID != anna.ID {
		t.Errorf("%+v, %v", s.Accounts, err)
	}
}

func TestWhatAServerSaysAfterTheSignOutIsNotKept(t *testing.T) {
	w := newWorld(t)
	a, c := w.alone(secure.NewMemory())
	w.add(c, w.url, "anna")
	if err := c.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	changed, err := a.first().learn(api.WellKnown{Name: "Clinic", PushURL: "wss://push.example/push"})
	if p := a.first().readProfile(); changed || err != nil || p.PushURL != "" {
		t.Errorf("%v, %v, %+v", changed, err, p)
	}
}

// TestAKillWhileAnotherPersonSignsIn ends the agent after the server gave the sign-in and the keyring took it, before it is noted that
// another person has the seat.
func TestAKillWhileAnotherPersonSignsIn(t *testing.T) {
	for name, further := range map[string]bool{"at the first account's place": false, "at a further one's place": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.admin(func(a *backend.Admin) {
				if _, err := a.AddUser(t.Context(), "carl", api.NewSecret(password), nil); err != nil {
					t.Fatal(err)
				}
			})
			vault := secure.NewMemory()
			a := w.open(vault)
			c := &local.Client{Transport: a.Transport()}
			anna := w.add(c, w.url, "anna")
			st := a.find(anna.ID)
			if further {
				st = a.find(w.add(c, w.url, "bob").ID)
			}
			base, _ := url.Parse(w.url)
			carl, err := st.session.SignIn(t.Context(), base, "carl", api.NewSecret(password))
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			a, _ = w.alone(vault)
			a.finishSignOuts(t.Context())
			if _, err := vault.Get(t.Context(), carl.ID); secure.StateOf(err) != secure.VaultAbsent || len(a.first().readProfile().SignedOut) != 0 {
				t.Errorf("it is still in the keyring: %v", err)
			}
		})
	}
}

func TestACertificateFileThatHasGoneKeepsNobodyFromAnotherChoice(t *testing.T) {
	w := newWorld(t)
	a, c := w.alone(secure.NewMemory())
	file := newAuthority(t).file
	if err := errors.Join(a.changeSettings(func(s *local.Settings) { s.CAFile = file }), os.Remove(file)); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Pause(t.Context(), time.Now().Add(time.Hour)); err != nil || s.Quiet == nil {
		t.Errorf("a pause: %+v, %v", s.Quiet, err)
	}
	if err := a.changeSettings(func(s *local.Settings) { s.CAFile = file + "x" }); api.CodeOf(err) != api.CodeInvalidField {
		t.Errorf("another one that is not there: %v", err)
	}
}
