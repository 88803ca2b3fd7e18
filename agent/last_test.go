package agent

import (
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/secure"
)

func TestServerAndUserAreRememberedAfterASignOutAndARestart(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	_, c, stop := w.run(vault)
	if s, err := c.Status(t.Context()); err != nil || s.Last != nil {
		t.Fatalf("before any sign-in: %+v, %v", s.Last, err)
	}
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Status(t.Context()); err != nil || s.Last != nil {
		t.Errorf("signed in: %+v, %v", s.Last, err)
	}
	if err := c.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := local.LastSignIn{Server: w.url, User: "anna"}
	if s, err := c.Status(t.Context()); err != nil || s.Last == nil || *s.Last != want {
		t.Errorf("signed out: %+v, %v", s.Last, err)
	}
	stop()
	_, c, _ = w.run(vault)
	if s, err := c.Status(t.Context()); err != nil || s.Last == nil || *s.Last != want || s.Account != nil {
		t.Errorf("after a restart: %+v, %v", s.Last, err)
	}
}

func TestAFurtherAccountIsRememberedToo(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	anna, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	bob, err := c.AddAccount(t.Context(), w.url, "bob", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range []local.Account{anna, bob} {
		if err := c.For(account.ID).SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := c.Status(t.Context()); err != nil || s.Last == nil || s.Last.User != "bob" {
		t.Errorf("%+v, %v", s.Last, err)
	}
}
