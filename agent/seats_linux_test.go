package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/notify"
	"securepush/notify/notifytest"
	"securepush/secure"
)

// pair is one agent with anna at one server and bob at another, on a desktop that shows toasts.
type pair struct {
	*world
	other     *world // bob's server
	a         *Agent
	toasts    *notifytest.Daemon
	vault     secure.Vault
	anna, bob *local.Client
	annaID    string
	bobID     string
	stop      func()
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{world: newWorld(t), other: newWorld(t), vault: secure.NewMemory()}
	bus := notifytest.StartBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	p.toasts = notifytest.StartDaemon(t, bus, notifytest.Normal)
	p.start()
	for _, in := range []struct {
		w    *world
		user string
		id   *string
	}{{p.world, "anna", &p.annaID}, {p.other, "bob", &p.bobID}} {
		account, err := p.anna.AddAccount(t.Context(), in.w.url, in.user, api.NewSecret(password))
		if err != nil {
			t.Fatal(err)
		}
		*in.id = account.ID
	}
	p.anna, p.bob = p.anna.For(p.annaID), p.anna.For(p.bobID)
	p.connected()
	return p
}

func (p *pair) start() {
	p.Helper()
	p.a, p.anna, p.stop = p.run(p.vault)
	p.anna = p.anna.For(p.annaID)
	p.bob = p.anna.For(p.bobID)
}

// connected waits until both have a push connection and are registered.
func (p *pair) connected() {
	p.Helper()
	for _, c := range []*local.Client{p.anna, p.bob} {
		p.until(func() bool {
			s, err := c.Status(p.Context())
			d, listed := c.Devices(p.Context())
			return err == nil && listed == nil && s.Link == local.LinkConnected && len(d) == 1
		})
	}
}

// standing waits until these toasts stand, each as title and the rest, in whatever order.
func (p *pair) standing(want ...string) {
	p.Helper()
	slices.Sort(want)
	var got []string
	ok := func() bool {
		got = nil
		for _, s := range p.toasts.Standing() {
			got = append(got, s.Title+"|"+strings.ReplaceAll(s.Body, "\n", "|"))
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	}
	defer func() {
		if p.Failed() {
			p.Logf("on the desktop %q, want %q", got, want)
		}
	}()
	p.until(ok)
}

func (p *pair) status(c *local.Client) local.Status {
	p.Helper()
	s, err := c.Status(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	return s
}

func (p *pair) change(f func(*local.Settings)) {
	p.Helper()
	s, err := p.anna.Settings(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if s.Accounts == nil {
		s.Accounts = map[string]local.AccountSettings{}
	}
	f(&s)
	if err := p.anna.SaveSettings(p.Context(), s); err != nil {
		p.Fatal(err)
	}
}

func TestTwoAccountsAtTwoServersBothReceive(t *testing.T) {
	p := newPair(t)
	ctx := t.Context()
	one, two := p.send("anna", "one"), p.other.send("bob", "two")
	p.standing("one|one|anna · Clinic · lab", "two|two|bob · Clinic · lab")

	for c, want := range map[*local.Client]api.ID{p.anna: one, p.bob: two, p.anna.For(""): one} {
		in, err := c.Inbox(ctx, local.InboxQuery{})
		if err != nil || len(in.Items) != 1 || in.Items[0].ID != want {
			t.Errorf("%+v, %v", in, err)
		}
	}
	p.until(func() bool {
		s := p.status(p.bob)
		return len(s.Accounts) == 2 && s.Accounts[0].Unread == 1 && s.Accounts[1].Unread == 1
	})
	s := p.status(p.bob)
	if s.Account.ID != p.bobID || s.Accounts[0].Account.ID != p.annaID || s.Accounts[1].Account.ID != p.bobID ||
		s.Accounts[0].Colour != "blue" || s.Accounts[1].Colour != "green" || s.Accounts[0].Name != "anna · Clinic" ||
		s.Accounts[1].SignIn != local.SignInActive || s.Accounts[1].Link != local.LinkConnected {
		t.Errorf("%+v", s)
	}
	opened := make(chan local.Change, 8)
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := make(chan struct{})
	go func() {
		_ = p.bob.Changes(watching, true, func(ch local.Change) {
			switch ch.Kind {
			case local.ChangeOpen:
				opened <- ch
			case local.ChangeStatus:
				select {
				case <-begun:
				default:
					close(begun)
				}
				if ch.Status.Account == nil || ch.Status.Account.ID != p.bobID || len(ch.Status.Accounts) != 2 {
					t.Errorf("bob's stream has %+v", ch.Status)
				}
			}
		})
	}()
	<-begun
	p.toasts.Do("one", notify.Opened)
	if ch := <-opened; ch.Account != p.annaID || ch.ID != one {
		t.Errorf("%+v", ch)
	}
	p.toasts.Do("two", notify.MarkedRead)
	p.standing()
	p.until(func() bool { n, err := p.bob.Notification(ctx, two); return err == nil && n.Read })
	if n, err := p.anna.Notification(ctx, one); err != nil || n.Read {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestTheDigestsOfTwoAccountsStandBesideEachOther(t *testing.T) {
	p := newPair(t)
	p.change(func(s *local.Settings) { s.QuietUntil = 1 << 31 }) // until 2038, a pause may be a year only by the route for it
	for _, text := range []string{"a", "b"} {
		p.send("anna", text)
		p.other.send("bob", text)
	}
	p.until(func() bool {
		s := p.status(p.anna)
		return s.Accounts[0].Waiting == 2 && s.Accounts[1].Waiting == 2
	})
	p.change(func(s *local.Settings) { s.QuietUntil = 0 })
	p.standing("2 new notifications|b|a|anna · Clinic", "2 new notifications|b|a|bob · Clinic")
}

func TestAnAccountWhoseSignInEndsPromptsOnceAndTheOtherGoesOn(t *testing.T) {
	p := newPair(t)
	p.a.find(p.annaID).session.GiveUp(errors.New("refused"))
	for _, text := range []string{"1", "2", "3"} {
		p.send("anna", text)
	}
	p.until(func() bool { s := p.status(p.anna); return s.SignIn == local.SignInEnded && s.Waiting == 3 })
	p.other.send("bob", "two")
	sign, _ := notify.PromptSignIn.Words()
	_, body := notify.PromptSignIn.Words()
	p.standing("two|two|bob · Clinic · lab", sign+"|"+body)
	s := p.status(p.bob)
	if s.SignIn != local.SignInActive || len(s.Conditions) != 0 || s.Accounts[0].SignIn != local.SignInEnded || s.Counters.Prompts != 0 {
		t.Errorf("%+v", s)
	}
	if n := p.status(p.anna).Counters.Prompts; n != 1 {
		t.Errorf("%d prompts", n)
	}
	// Signed in anew without saying where: it is still one account, and what waited is shown.
	account, err := p.bob.SignIn(t.Context(), p.url, "anna", api.NewSecret(password))
	if err != nil || account.ID != p.annaID {
		t.Fatalf("%+v, %v", account, err)
	}
	p.until(func() bool {
		s := p.status(p.anna)
		return s.Waiting == 0 && s.SignIn == local.SignInActive && len(s.Accounts) == 2
	})
}

func TestAMutedAccountShowsNothingAndAfterwardsOneDigest(t *testing.T) {
	p := newPair(t)
	p.change(func(s *local.Settings) { s.Accounts[p.bobID] = local.AccountSettings{Muted: true, Name: "Ward"} })
	for _, text := range []string{"1", "2", "3", "4", "5", "6"} {
		p.other.send("bob", text)
	}
	p.until(func() bool { s := p.status(p.bob); return s.Waiting == 6 && s.Unread == 6 })
	p.send("anna", "one")
	p.standing("one|one|Clinic · lab")
	s := p.status(p.bob)
	if s.Quiet == nil || s.Quiet.Reason != local.QuietMuted || !s.Accounts[1].Muted || s.Accounts[1].Name != "Ward" || p.status(p.anna).Quiet != nil {
		t.Errorf("%+v", s)
	}
	p.change(func(s *local.Settings) {
		s.ToastContent = local.ToastNothing
		s.Accounts[p.bobID] = local.AccountSettings{Name: "Ward", ToastContent: local.ToastEverything}
	})
	p.standing("one|one|Clinic · lab", "6 new notifications|6|5|4|Ward")
}

func TestSigningOutOneLeavesTheOther(t *testing.T) {
	for name, first := range map[string]bool{"the first": true, "the further one": false} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			ctx := t.Context()
			goes, goesID, stays, staysID := p.bob, p.bobID, p.anna, p.annaID
			if first {
				goes, goesID, stays, staysID = p.anna, p.annaID, p.bob, p.bobID
			}
			p.change(func(s *local.Settings) {
				for _, id := range []string{p.annaID, p.bobID} {
					s.Accounts[id] = local.AccountSettings{Colour: "red"}
				}
			})
			p.send("anna", "one")
			p.other.send("bob", "two")
			p.standing("one|one|anna · Clinic · lab", "two|two|bob · Clinic · lab")
			dir := p.a.find(p.bobID).dir
			if err := goes.SignOut(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := goes.Status(ctx); api.CodeOf(err) != api.CodeNotFound {
				t.Errorf("its status: %v", err)
			}
			for _, key := range []string{goesID, goesID + ".journal"} {
				if _, err := p.vault.Get(ctx, key); secure.StateOf(err) != secure.VaultAbsent {
					t.Errorf("%s is still in the keyring: %v", key, err)
				}
			}
			s := p.status(stays.For(""))
			if s.Account == nil || s.Account.ID != staysID || len(s.Accounts) != 1 || s.Accounts[0].Link != local.LinkConnected {
				t.Errorf("%+v", s)
			}
			if got, err := stays.Settings(ctx); err != nil || len(got.Accounts) != 1 || got.Accounts[staysID].Colour != "red" {
				t.Errorf("%+v, %v", got.Accounts, err)
			}
			if _, err := os.Stat(dir); first != (err == nil) {
				t.Errorf("its folder: %v", err)
			}
			if first {
				p.standing("two|two|bob · Clinic · lab")
				p.other.send("bob", "three")
				p.standing("two|two|bob · Clinic · lab", "three|three|lab") // there is only one now
			} else {
				p.standing("one|one|anna · Clinic · lab")
			}
			// The one that comes back is the last.
			w, user := p.other, "bob"
			if first {
				w, user = p.world, "anna"
			}
			if _, err := stays.AddAccount(ctx, w.url, user, api.NewSecret(password)); err != nil {
				t.Fatal(err)
			}
			if s := p.status(stays); len(s.Accounts) != 2 || s.Accounts[0].Account.ID != staysID || s.Accounts[1].Account.ID != goesID {
				t.Errorf("%+v", s.Accounts)
			}
			p.connected()
		})
	}
}

func TestARestartKeepsAllAccounts(t *testing.T) {
	p := newPair(t)
	p.other.send("bob", "two")
	p.standing("two|two|bob · Clinic · lab")
	p.stop()
	p.start()
	p.connected()
	p.send("anna", "one")
	p.other.send("bob", "three")
	p.standing("two|two|bob · Clinic · lab", "one|one|anna · Clinic · lab", "three|three|bob · Clinic · lab")
	if s := p.status(p.anna); len(s.Accounts) != 2 || s.Accounts[1].Account.ID != p.bobID {
		t.Errorf("%+v", s.Accounts)
	}
}

func TestAnAccountWhoseServerIsAwayIsSignedOutLater(t *testing.T) {
	p := newPair(t)
	ctx := t.Context()
	p.other.away.Store(true)
	if err := p.bob.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	if s := p.status(p.anna); len(s.Accounts) != 1 || s.Accounts[0].Link != local.LinkConnected {
		t.Errorf("%+v", s)
	}
	if list := p.a.first().readProfile().SignedOut; len(list) != 1 || list[0].ID != p.bobID || list[0].Installation == "" {
		t.Fatalf("%+v", list)
	}
	if entries, err := os.ReadDir(filepath.Join(p.dir, "s", "accounts")); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
	p.other.away.Store(false)
	p.stop()
	p.bobID = ""
	p.start()
	p.until(func() bool { return len(p.a.first().readProfile().SignedOut) == 0 })
	devices, err := p.other.person("bob").Installations(ctx)
	if err != nil || len(devices) != 0 {
		t.Errorf("%+v, %v", devices, err)
	}
}
