package storetest

import (
	"strings"
	"sync"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

const day = 24 * time.Hour

var sessionPromises = []promise{
	{"a sign-in gives tokens that work and say whose they are", func(k *kit) {
		a := k.account("anna", api.ClaimSend)
		g := k.signIn(a)
		k.accepted(g)
		same(k, "access ends", g.AccessExpires, k.now().Add(15*time.Minute))
		same(k, "session ends", g.Session.ExpiresAt, k.now().Add(30*day))
		p, err := k.s.Authenticate(k.Context(), g.Access)
		k.must(err)
		same(k, "name", p.Name, "anna")
		same(k, "may send", p.Has(api.ClaimSend), true)
	}},
	{"a sign-in is refused when the password changed after it was checked", func(k *kit) {
		a := k.account("anna")
		k.must(k.s.SetPassword(k.Context(), a.ID, api.NewSecret("new")))
		_, err := k.s.StartSession(k.Context(), store.SignIn{Account: a.ID, VerifiedHash: a.PasswordHash})
		k.wants(store.ErrRefused, err)
		_, err = k.s.StartSession(k.Context(), store.SignIn{Account: a.ID, VerifiedHash: api.NewSecret("new")})
		k.must(err)
	}},
	{"a sign-in of an unknown account is refused", func(k *kit) {
		_, err := k.s.StartSession(k.Context(), store.SignIn{Account: "none"})
		k.wants(store.ErrRefused, err)
	}},
	{"an access token ends after 15 minutes and a refresh gives another", func(k *kit) {
		g := k.signIn(k.account("anna"))
		k.pass(15*time.Minute - time.Second)
		k.accepted(g)
		k.pass(time.Second)
		_, err := k.s.Authenticate(k.Context(), g.Access)
		k.wants(store.ErrRefused, err)
		k.accepted(k.refresh(g.Refresh))
	}},
	{"every refresh rotates", func(k *kit) {
		g := k.signIn(k.account("anna"))
		seen := map[string]bool{g.Refresh.Reveal(): true}
		for range 5 {
			g = k.refresh(g.Refresh)
			if seen[g.Refresh.Reveal()] {
				k.Fatal("a token came twice")
			}
			same(k, "repeated", g.Repeated, false)
			seen[g.Refresh.Reveal()] = true
		}
	}},
	{"the immediate predecessor gets the same successor while that was never presented", func(k *kit) {
		first := k.signIn(k.account("anna"))
		second := k.refresh(first.Refresh)
		for range 3 {
			again := k.refresh(first.Refresh)
			same(k, "repeated", again.Repeated, true)
			same(k, "same successor", again.Refresh.Reveal(), second.Refresh.Reveal())
			k.accepted(again)
		}
		third := k.refresh(second.Refresh)
		k.accepted(third)
	}},
	{"a predecessor whose successor was presented ends the session", func(k *kit) {
		first := k.signIn(k.account("anna"))
		second := k.refresh(first.Refresh)
		third := k.refresh(second.Refresh)
		k.reused(first)
		k.refused(third)
		k.refused(second)
	}},
	{"the repeated answer counts as no presentation, and presenting it ends the grace", func(k *kit) {
		first := k.signIn(k.account("anna"))
		k.refresh(first.Refresh)
		again := k.refresh(first.Refresh)
		k.refresh(again.Refresh)
		k.reused(first)
	}},
	{"a token two generations old ends the session although its successor's successor was never presented", func(k *kit) {
		first := k.signIn(k.account("anna"))
		second := k.refresh(first.Refresh)
		third := k.refresh(second.Refresh)
		k.refresh(second.Refresh) // the grace of the middle one does not reach back
		k.reused(first)
		k.refused(third)
	}},
	{"a very old token ends the session", func(k *kit) {
		first := k.signIn(k.account("anna"))
		g := first
		for range 20 {
			g = k.refresh(g.Refresh)
		}
		k.reused(first)
		k.refused(g)
	}},
	{"reuse ends one session, not the others of the account", func(k *kit) {
		a := k.account("anna")
		first, other := k.signIn(a), k.signIn(a)
		k.refresh(k.refresh(first.Refresh).Refresh)
		k.reused(first)
		k.accepted(other)
	}},
	{"two refreshes of one token at once get the same successor", func(k *kit) {
		g := k.signIn(k.account("anna"))
		var all sync.WaitGroup
		tokens := make([]string, 8)
		for i := range tokens {
			all.Go(func() {
				got, err := k.s.RefreshSession(k.Context(), g.Refresh)
				if err != nil {
					k.Error(err)
				}
				tokens[i] = got.Refresh.Reveal()
			})
		}
		all.Wait()
		for _, token := range tokens {
			same(k, "successor", token, tokens[0])
		}
	}},
	{"what is not a token is refused and ends nothing", func(k *kit) {
		g := k.signIn(k.account("anna"))
		real := g.Refresh.Reveal()
		for _, text := range []string{"", "x", "spr_", "spa_", "spk_", real[:8], strings.ToUpper(real), g.Access.Reveal(), strings.Repeat("a", 10000)} {
			_, err := k.s.RefreshSession(k.Context(), api.NewSecret(text))
			k.wants(store.ErrRefused, err)
			if text == g.Access.Reveal() {
				continue
			}
			_, err = k.s.Authenticate(k.Context(), api.NewSecret(text))
			k.wants(store.ErrRefused, err)
			k.revoke(api.NewSecret(text), "")
		}
		_, err := k.s.Authenticate(k.Context(), g.Refresh)
		k.wants(store.ErrRefused, err)
		k.accepted(g)
	}},
	{"a session ends 30 days after its last refresh", func(k *kit) {
		g := k.signIn(k.account("anna"))
		k.pass(30*day - time.Second)
		g = k.refresh(g.Refresh)
		same(k, "ends", g.Session.ExpiresAt, k.now().Add(30*day))
		k.pass(30 * day)
		k.refused(g)
	}},
	{"a session ends after 90 days however often it is refreshed, and no token outlives it", func(k *kit) {
		g := k.signIn(k.account("anna"))
		end := k.now().Add(90 * day)
		for range 8 {
			k.pass(11 * day)
			g = k.refresh(g.Refresh)
		}
		k.pass(2*day - time.Minute)
		g = k.refresh(g.Refresh)
		same(k, "access ends", g.AccessExpires, end)
		same(k, "session ends", g.Session.ExpiresAt, end)
		k.pass(time.Minute)
		k.refused(g)
	}},
	{"revoking either token ends both", func(k *kit) {
		a := k.account("anna")
		one, two := k.signIn(a), k.signIn(a)
		k.revoke(one.Access, a.ID)
		k.revoke(two.Refresh, a.ID)
		k.refused(one)
		k.refused(two)
		k.revoke(two.Refresh, "")
	}},
	{"sessions are listed, the last used first, and end one by one", func(k *kit) {
		a, b := k.account("anna"), k.account("bob")
		one := k.signIn(a)
		k.pass(time.Minute)
		two := k.signIn(a)
		k.pass(time.Minute)
		one = k.refresh(one.Refresh)
		all, err := k.s.Sessions(k.Context(), a.ID)
		k.must(err)
		same(k, "count", len(all), 2)
		same(k, "first", all[0].ID, one.Session.ID)
		same(k, "device", all[0].Device, "desk")
		same(k, "used", all[0].UsedAt, k.now())
		k.wants(store.ErrNotFound, k.s.RevokeSession(k.Context(), b.ID, one.Session.ID))
		k.must(k.s.RevokeSession(k.Context(), a.ID, one.Session.ID))
		k.refused(one)
		k.accepted(two)
		k.must(k.s.RevokeSessions(k.Context(), a.ID))
		k.refused(two)
	}},
	{"an ended session is not listed", func(k *kit) {
		a := k.account("anna")
		k.signIn(a)
		k.pass(30 * day)
		all, err := k.s.Sessions(k.Context(), a.ID)
		k.must(err)
		same(k, "count", len(all), 0)
		k.must(k.s.Clean(k.Context()))
	}},
}

// reused fails unless the refresh token of a grant counts as used again, and names whose session that ended.
func (k *kit) reused(g store.Grant) {
	k.Helper()
	got, err := k.s.RefreshSession(k.Context(), g.Refresh)
	k.wants(store.ErrReused, err)
	k.wants(store.ErrRefused, err)
	same(k, "session", got.Session.ID, g.Session.ID)
	same(k, "account", got.Account.ID, g.Account.ID)
	same(k, "no token", got.Access.Empty() && got.Refresh.Empty(), true)
	_, err = k.s.Authenticate(k.Context(), g.Access)
	k.wants(store.ErrRefused, err)
}

// revoke ends the session of a token, which has to be the account's.
func (k *kit) revoke(token api.Secret, account string) {
	k.Helper()
	got, err := k.s.RevokeToken(k.Context(), token)
	k.must(err)
	same(k, "the token's account", got, account)
}
