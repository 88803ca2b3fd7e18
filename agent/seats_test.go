package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/backend"
	"securepush/pushlistener"
	"securepush/secure"
)

// add signs an account in beside those that are there.
func (w *world) add(c *local.Client, server, user string) local.Account {
	w.Helper()
	account, err := c.AddAccount(w.Context(), server, user, api.NewSecret(password))
	if err != nil {
		w.Fatal(err)
	}
	return account
}

// alone is an agent that does not listen, and its client.
func (w *world) alone(vault secure.Vault) (*Agent, *local.Client) {
	w.Helper()
	a := w.open(vault)
	w.Cleanup(func() { _ = a.Close() })
	return a, &local.Client{Transport: a.Transport()}
}

func (w *world) further() []string {
	w.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, "s", "accounts"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestAnAccountIsNeverHereTwice(t *testing.T) {
	w := newWorld(t)
	a, c := w.alone(secure.NewMemory())
	anna := w.add(c, w.url, "anna")
	bob := w.add(c, w.url, "bob")
	elsewhere := strings.Replace(w.url, "127.0.0.1", "localhost", 1)
	for name, in := range map[string]func() (local.Account, error){
		"added again": func() (local.Account, error) { return c.AddAccount(t.Context(), w.url, "bob", api.NewSecret(password)) },
		"added at another address of the server": func() (local.Account, error) {
			return c.AddAccount(t.Context(), elsewhere, "bob", api.NewSecret(password))
		},
		"signed in in the place of another": func() (local.Account, error) {
			return c.For(anna.ID).SignIn(t.Context(), elsewhere, "bob", api.NewSecret(password))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := in(); err != nil || got.ID != bob.ID {
				t.Fatalf("%+v, %v", got, err)
			}
			s, err := c.Status(t.Context())
			if err != nil || len(s.Accounts) != 2 || s.Accounts[0].Account.ID != anna.ID || len(w.further()) != 1 || s.Accounts[0].SignIn != local.SignInActive {
				t.Errorf("%+v, %v, %q", s.Accounts, err, w.further())
			}
		})
	}
	if in, err := c.For(bob.ID).Inbox(t.Context(), local.InboxQuery{}); err != nil || in.Items == nil {
		t.Errorf("%+v, %v", in, err)
	}
	if list := a.first().readProfile().SignedOut; len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestASignInThatFailsLeavesNoSeat(t *testing.T) {
	w := newWorld(t)
	_, c := w.alone(secure.NewMemory())
	w.add(c, w.url, "anna")
	for name, in := range map[string]struct {
		server, user, password string
		code                   api.Code
	}{
		"a wrong password":         {w.url, "bob", "wrong", api.CodeInvalidGrant},
		"a server that is not one": {"http://127.0.0.1:1", "bob", password, api.CodeUnreachable},
		"no name":                  {w.url, "", password, api.CodeInvalidField},
	} {
		if _, err := c.AddAccount(t.Context(), in.server, in.user, api.NewSecret(in.password)); api.CodeOf(err) != in.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := c.Status(t.Context()); err != nil || len(s.Accounts) != 1 || len(w.further()) != 0 {
		t.Errorf("%+v, %v, %q", s.Accounts, err, w.further())
	}
}

func TestThereAreAsManyAccountsAsMayBe(t *testing.T) {
	w := newWorld(t)
	_, c := w.alone(secure.NewMemory())
	w.admin(func(a *backend.Admin) {
		for i := range local.MaxAccounts + 1 {
			if _, err := a.AddUser(t.Context(), fmt.Sprintf("user%d", i), api.NewSecret(password), nil); err != nil {
				t.Fatal(err)
			}
		}
	})
	for i := range local.MaxAccounts {
		w.add(c, w.url, fmt.Sprintf("user%d", i))
	}
	_, err := c.AddAccount(t.Context(), w.url, fmt.Sprintf("user%d", local.MaxAccounts), api.NewSecret(password))
	if api.CodeOf(err) != api.CodeBadRequest || !strings.Contains(api.Words(err), "8 accounts") {
		t.Errorf("one more: %v", err)
	}
	s, err := c.Status(t.Context())
	if err != nil || len(s.Accounts) != local.MaxAccounts {
		t.Fatalf("%+v, %v", s.Accounts, err)
	}
	var colours []string
	for _, a := range s.Accounts {
		colours = append(colours, a.Colour)
	}
	if !slices.Equal(colours, local.Colours()) {
		t.Errorf("%q", colours)
	}
	if account := w.add(c, w.url, "user3"); account.ID != s.Accounts[3].Account.ID { // one that is there
		t.Errorf("%+v", account)
	}
}

// TestAKillWhileAnAccountIsAdded ends the agent after the server gave the sign-in and the keyring took it, before the account is noted.
func TestAKillWhileAnAccountIsAdded(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	c := &local.Client{Transport: a.Transport()}
	anna := w.add(c, w.url, "anna")
	st, err := a.openSeat(a.freeNumber())
	if err != nil {
		t.Fatal(err)
	}
	base, _ := url.Parse(w.url)
	bob, err := st.session.SignIn(t.Context(), base, "bob", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := vault.Get(t.Context(), bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(st.close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	a, c = w.alone(vault)
	s, err := c.Status(t.Context())
	if err != nil || len(s.Accounts) != 1 || s.Accounts[0].Account.ID != anna.ID || len(w.further()) != 0 || len(s.Conditions) != 0 {
		t.Errorf("%+v, %v, %q", s, err, w.further())
	}
	if list := a.first().readProfile().SignedOut; len(list) != 1 || list[0].ID != bob.ID {
		t.Fatalf("%+v", list)
	}
	a.finishSignOuts(t.Context())
	if _, err := vault.Get(t.Context(), bob.ID); secure.StateOf(err) != secure.VaultAbsent || len(a.first().readProfile().SignedOut) != 0 {
		t.Errorf("it is still in the keyring: %v", err)
	}
	// The server has ended it: what stood in the keyring is worth nothing any more.
	if err := vault.Set(t.Context(), bob.ID, stored); err != nil {
		t.Fatal(err)
	}
	late := secure.OpenSession(secure.SessionOptions{Vault: vault, Client: a.newClient, Account: &bob})
	defer late.Close()
	if _, err := late.Token(t.Context()); api.CodeOf(err) != api.CodeSignInNeeded {
		t.Errorf("its sign-in lives on: %v", err)
	}
}

// TestAKillWhileAnAccountIsSignedOut ends the agent right after the sign-out of a further account began.
func TestAKillWhileAnAccountIsSignedOut(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a, c, stop := w.run(vault)
	w.add(c, w.url, "anna")
	bob := w.add(c, w.url, "bob")
	w.until(func() bool { d, err := c.For(bob.ID).Devices(t.Context()); return err == nil && len(d) == 1 })
	st := a.find(bob.ID)
	st.noteLeaving(t.Context(), st.readProfile())
	stop()
	a, c, _ = w.run(vault)
	if s, err := c.Status(t.Context()); err != nil || len(s.Accounts) != 1 || s.Accounts[0].Account.User != "anna" || len(w.further()) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	w.until(func() bool { return len(a.first().readProfile().SignedOut) == 0 })
	if d, err := w.person("bob").Installations(t.Context()); err != nil || len(d) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestAFinishedSignOutLeavesTheAccountThatCameBack: what is owed of the earlier sign-in must not end the new one.
func TestAFinishedSignOutLeavesTheAccountThatCameBack(t *testing.T) {
	w := newWorld(t)
	a, c := w.alone(secure.NewMemory())
	w.add(c, w.url, "anna")
	bob := w.add(c, w.url, "bob")
	w.away.Store(true)
	if err := c.For(bob.ID).SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.away.Store(false)
	w.add(c, w.url, "bob")
	if list := a.first().readProfile().SignedOut; len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	a.finishSignOuts(t.Context())
	if list := a.first().readProfile().SignedOut; len(list) != 0 {
		t.Errorf("%+v", list)
	}
	if _, err := c.For(bob.ID).Inbox(t.Context(), local.InboxQuery{}); err != nil {
		t.Error(err)
	}
}

// TestAnInstallationOfOneAccountGoesOn begins with the files that there were before there could be several accounts.
func TestAnInstallationOfOneAccountGoesOn(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	c := &local.Client{Transport: a.Transport()}
	anna := w.add(c, w.url, "anna")
	now := a.first().readProfile()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	j, err := pushlistener.OpenJournal(filepath.Join(w.dir, "s", "journal.db"), pushlistener.JournalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	old := fmt.Sprintf(`{"account":{"id":%q,"server":%q,"serverName":"Clinic","user":"anna","claims":["send"]},"installation":%q,"pushUrl":%q,"vapidKey":%q}`,
		anna.ID, w.url, now.Installation, now.PushURL, now.VAPIDKey)
	if err := errors.Join(j.SetAccount([]byte(old)), j.Close()); err != nil {
		t.Fatal(err)
	}
	a, c, _ = w.run(vault)
	w.until(func() bool { s, err := c.Status(t.Context()); return err == nil && s.Link == local.LinkConnected })
	s, err := c.Status(t.Context())
	if err != nil || s.SignIn != local.SignInActive || len(s.Accounts) != 1 || s.Accounts[0].Name != "Clinic" || s.Accounts[0].Colour != "blue" || s.Account.ID != anna.ID {
		t.Errorf("%+v, %v", s, err)
	}
	if got := a.first().readProfile().Installation; got != now.Installation || a.first().tagPrefix() != "" || len(w.further()) != 0 {
		t.Errorf("installation %s, prefix %q, %q", got, a.first().tagPrefix(), w.further())
	}
	bob := w.add(c, w.url, "bob")
	if s, err = c.Status(t.Context()); err != nil || s.Account.ID != anna.ID || len(s.Accounts) != 2 || s.Accounts[1].Account.ID != bob.ID || s.Accounts[1].Colour != "green" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestAnAccountThatCannotBeOpenedLeavesTheOthersAlone(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	c := &local.Client{Transport: a.Transport()}
	w.add(c, w.url, "anna")
	w.add(c, w.url, "bob")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(w.dir, "s", "accounts", "2", "journal.db")
	if err := errors.Join(os.Rename(file, file+"x"), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1", "007", "x", "-3", "100", "../2"} { // not ours
		_ = os.MkdirAll(filepath.Join(w.dir, "s", "accounts", name), 0o700)
	}
	_, c, stop := w.run(vault)
	s, err := c.Status(t.Context())
	if err != nil || len(s.Accounts) != 1 || len(s.Conditions) != 1 || s.Conditions[0].Code != "account_unopened" {
		t.Errorf("%+v, %v", s, err)
	}
	w.until(func() bool { s, err := c.Status(t.Context()); return err == nil && s.Link == local.LinkConnected })
	stop()
	if err := errors.Join(os.Remove(file), os.Rename(file+"x", file)); err != nil {
		t.Fatal(err)
	}
	_, c = w.alone(vault)
	if s, err := c.Status(t.Context()); err != nil || len(s.Accounts) != 2 || len(s.Conditions) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestACallForAnAccountThatIsNotHere(t *testing.T) {
	w := newWorld(t)
	a, c := w.alone(secure.NewMemory())
	anna := w.add(c, w.url, "anna")
	for name, header := range map[string][]string{
		"an unknown ID":            {"6f1c0c1e-0000-4000-8000-000000000000"},
		"a path":                   {"../../etc/passwd"},
		"a number of a folder":     {"2"},
		"its user's name":          {"anna"},
		"the same ID in capitals":  {strings.ToUpper(anna.ID)},
		"the ID and a space":       {anna.ID + " "},
		"something very long":      {strings.Repeat("x", 12_000)},
		"two, of which one is":     {anna.ID, "other"},
		"the same twice":           {anna.ID, anna.ID},
		"two of which none is set": {"", ""},
	} {
		for _, call := range []string{"GET /v1/status", "GET /v1/notifications", "POST /v1/sign-out", "GET /v1/changes", "GET /v1/settings", "GET /v1/doctor", "POST /v1/test/run"} {
			method, path, _ := strings.Cut(call, " ")
			r := httptest.NewRequest(method, "http://agent"+path, http.NoBody)
			r.Header.Set(local.VersionHeader, "1")
			r.Header[http.CanonicalHeaderKey(local.AccountHeader)] = header
			answer := httptest.NewRecorder()
			a.Handler().ServeHTTP(answer, r)
			if answer.Code != http.StatusNotFound && answer.Code != http.StatusBadRequest || strings.Contains(answer.Body.String(), "xxxx") {
				t.Errorf("%s, %s: %d %s", name, call, answer.Code, answer.Body)
			}
		}
	}
	if err := c.Open(t.Context(), local.OpenRequest{Account: "other"}); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("a window at an account that is not here: %v", err)
	}
	if s, err := c.Status(t.Context()); err != nil || s.SignIn != local.SignInActive {
		t.Errorf("%+v, %v", s, err)
	}
}

// lockedFor is a vault of which one account's items are locked.
type lockedFor struct {
	secure.Vault
	id string
}

// Get fails for one account.
func (v *lockedFor) Get(ctx context.Context, key string) (api.Secret, error) {
	if v.id != "" && strings.HasPrefix(key, v.id) {
		return api.Secret{}, &secure.VaultError{State: secure.VaultLocked, Words: "It is locked."}
	}
	return v.Vault.Get(ctx, key)
}

func TestAKeyringThatIsLockedForOneAccountIsSaidOfThatOne(t *testing.T) {
	w := newWorld(t)
	vault := &lockedFor{Vault: secure.NewMemory()}
	_, c, stop := w.run(vault)
	anna, bob := w.add(c, w.url, "anna"), w.add(c, w.url, "bob")
	stop()
	vault.id = bob.ID
	_, c, _ = w.run(vault)
	w.until(func() bool {
		s, err := c.Status(t.Context())
		return err == nil && s.Accounts[0].SignIn == local.SignInActive && s.Accounts[1].SignIn == local.SignInLocked
	})
	if s, err := c.For(anna.ID).Status(t.Context()); err != nil || len(s.Conditions) > 0 {
		t.Errorf("%+v, %v", s.Conditions, err)
	}
	if s, err := c.For(bob.ID).Status(t.Context()); err != nil || len(s.Conditions) != 1 || s.Conditions[0].Code != string(api.CodeKeyringLocked) {
		t.Errorf("%+v, %v", s.Conditions, err)
	}
	if err := c.For(bob.ID).Unlock(t.Context()); api.CodeOf(err) != api.CodeKeyringLocked {
		t.Error(err)
	}
	vault.id = ""
	if err := c.For(bob.ID).Unlock(t.Context()); err != nil {
		t.Error(err)
	}
	if s, err := c.For(bob.ID).Status(t.Context()); err != nil || s.SignIn != local.SignInActive {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestTheDoctorExaminesAllAccountsOrTheOneThatIsNamed(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	_, c := w.alone(secure.NewMemory())
	w.add(c, w.url, "anna")
	bob := w.add(c, other.url, "bob")
	count := func(c *local.Client, name, text string) (n int) {
		checks, err := c.Doctor(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range checks {
			if check.Name == name && strings.Contains(check.Detail, text) {
				n++
			}
		}
		return n
	}
	for _, row := range []struct {
		c          *local.Client
		name, text string
		want       int
	}{
		{c, "sign-in", " at http", 2},
		{c, "sign-in", "anna · Clinic: anna at " + w.url, 1},
		{c, "journal", "", 2},
		{c, "keyring", "", 1},
		{c.For(bob.ID), "sign-in", "", 1},
		{c.For(bob.ID), "sign-in", "bob at " + other.url, 1},
		{c.For(bob.ID), "keyring", "", 1},
	} {
		if n := count(row.c, row.name, row.text); n != row.want {
			t.Errorf("%d checks %s with %q, want %d", n, row.name, row.text, row.want)
		}
	}
	d, err := c.Diagnostics(t.Context())
	if err != nil || !strings.Contains(d.Text, "Account 2") || strings.Contains(d.Text, "anna") || strings.Contains(d.Text, "bob") || strings.Contains(d.Text, bob.ID) {
		t.Errorf("%s, %v", d.Text, err)
	}
}

func TestTheStreamOfAnAccountThatIsGoneSaysSo(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	anna, bob := w.add(c, w.url, "anna"), w.add(c, w.url, "bob")
	got := make(chan local.Change, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.For(bob.ID).Changes(ctx, true, func(ch local.Change) { got <- ch }) }()
	if first := <-got; first.Status == nil || first.Status.Account == nil || first.Status.Account.ID != bob.ID {
		t.Fatalf("%+v", first)
	}
	if err := c.For(bob.ID).SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	for ch := range got {
		if s := ch.Status; s != nil && s.Account == nil && len(s.Accounts) == 1 {
			if s.SignIn != local.SignInNever || s.Accounts[0].Account.ID != anna.ID || s.Link != local.LinkOff {
				t.Errorf("%+v", s)
			}
			break
		}
	}
	if err := c.Open(t.Context(), local.OpenRequest{Account: anna.ID}); err != nil { // it goes on, and is led elsewhere
		t.Fatal(err)
	}
	for ch := range got {
		if ch.Kind == local.ChangeOpen {
			if ch.Account != anna.ID {
				t.Errorf("%+v", ch)
			}
			break
		}
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("the stream ended by itself")
	}
}
