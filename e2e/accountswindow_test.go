//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// signInAs fills the page for signing in that has the keyboard.
func (k *keyboard) signInAs(address string) {
	k.Helper()
	k.write(address)
	k.press("Tab")
	k.write(user)
	k.press("Tab")
	k.write(password)
	k.press("Return")
}

// accountAt waits until an account of a back end is connected, and returns its ID.
func (s *stack) accountAt(address string) (id string) {
	s.Helper()
	s.until("an account at "+address, func() bool {
		st, err := s.agent.Status(s.Context())
		if err != nil {
			return false
		}
		for _, a := range st.Accounts {
			if a.Account.Server == address && a.Link == local.LinkConnected && a.SignIn == local.SignInActive {
				id = a.Account.ID
			}
		}
		return id != ""
	})
	return id
}

func TestTwoAccountsInTheWindowByKeyboardOnly(t *testing.T) {
	need(t, missingForKeys())
	s := newStack(t, desktop.Options{Screen: "1920x1080"})
	ward := s.clinic("--name", "Ward 7")
	shop := clinic{data: filepath.Join(s.dir, "shop")}
	shop.backEnd, shop.url = s.serve("shop", "--listen", "127.0.0.1:0", "--name", "Garden & Home")
	shop.key = s.accounts(shop.data)
	s.listen()
	k := s.keyboard()
	read := func(c clinic, id string) func() bool {
		sender := &api.Client{Base: mustURL(s, c.url), Tokens: fixed(c.key)}
		return func() bool {
			d, err := sender.Status(t.Context(), api.ID(id))
			return err == nil && d.State == api.StageRead
		}
	}

	t.Log("one account, and a second one beside it")
	k.shows("Sign in – SecurePush")
	k.signInAs(ward.url)
	k.shows("Inbox – SecurePush")
	s.accountAt(ward.url)
	k.press("ctrl+f", "Tab", "Tab", "space", "Up", "Up", "Return") // the last entry but one of the menu
	k.shows("Add an account – SecurePush")
	k.signInAs(shop.url)
	shopID := s.accountAt(shop.url)
	k.shows("Inbox – SecurePush")

	t.Log("what comes for either is counted, and is read where it belongs")
	here, there := s.curl(shop.url, shop.key, message(" for the shop")), s.curl(ward.url, ward.key, message(" for the ward"))
	k.shows("(2) Inbox – SecurePush")
	k.press("ctrl+f", "Return", "Down")
	s.until("the shop knows that it was read", read(shop, here))
	k.shows("(1) Inbox – SecurePush")
	if read(ward, there)() {
		t.Error("that of the ward is read, too")
	}

	t.Log("a draft stays with its account")
	k.press("ctrl+n")
	k.shows("(1) New notification – SecurePush")
	k.write("Half")
	k.press("ctrl+1")
	k.shows("(1) Inbox – SecurePush")
	s.until("the ward knows that it was read", func() bool {
		k.press("Down") // the list has the keyboard, and may still be on its way
		return read(ward, there)()
	})
	k.shows("Inbox – SecurePush")
	k.press("ctrl+2")
	k.shows("New notification – SecurePush")
	k.press("ctrl+1")
	k.shows("Inbox – SecurePush")

	t.Log("a click on a toast of the other account leads there, and the window begins with it the next time")
	next := s.curl(shop.url, shop.key, message(" for the shop again"))
	k.shows("(1) Inbox – SecurePush")
	if err := s.agent.Open(t.Context(), local.OpenRequest{ID: api.ID(next), Account: shopID}); err != nil {
		t.Fatal(err)
	}
	s.until("the shop knows that it was read", read(shop, next))
	k.shows("Inbox – SecurePush")
	k.press("ctrl+comma")
	k.shows("Settings – SecurePush")
	k.window.stop(os.Interrupt)
	k.window = s.start()
	k.shows("Inbox – SecurePush")
	last := s.curl(shop.url, shop.key, message(" for the shop at last"))
	k.shows("(1) Inbox – SecurePush")
	s.until("the shop knows that it was read", func() bool {
		k.press("Home")
		return read(shop, last)()
	})
}
