package storetest

import (
	"slices"

	"securepush/api"
	"securepush/backend/store"
)

var accountPromises = []promise{
	{"an account is found by ID and by name in any case", func(k *kit) {
		a := k.account("Änne", api.ClaimSend, api.ClaimManage)
		for _, name := range []string{"Änne", "änne", "ÄNNE"} {
			got, err := k.s.AccountByName(k.Context(), name)
			k.must(err)
			same(k, "ID", got.ID, a.ID)
			same(k, "name", got.Name, "Änne")
			same(k, "hash", got.PasswordHash.Reveal(), "hash of Änne")
			same(k, "created", got.CreatedAt, k.now())
		}
		got, err := k.s.Account(k.Context(), a.ID)
		k.must(err)
		if !slices.Equal(got.Claims, []string{api.ClaimSend, api.ClaimManage}) {
			k.Fatal(got.Claims)
		}
	}},
	{"a name is taken in any case", func(k *kit) {
		k.account("anna")
		_, err := k.s.AddAccount(k.Context(), "ANNA", api.NewSecret("x"), nil)
		k.wants(store.ErrExists, err)
	}},
	{"an unknown account is not found by anything", func(k *kit) {
		_, err := k.s.Account(k.Context(), "none")
		k.wants(store.ErrNotFound, err)
		_, err = k.s.AccountByName(k.Context(), "none")
		k.wants(store.ErrNotFound, err)
		k.wants(store.ErrNotFound, k.s.SetPassword(k.Context(), "none", api.NewSecret("x")))
		k.wants(store.ErrNotFound, k.s.SetDisabled(k.Context(), "none", true))
		k.wants(store.ErrNotFound, k.s.SetClaims(k.Context(), "none", nil))
	}},
	{"accounts are listed by name", func(k *kit) {
		k.account("Zoe")
		k.account("anna")
		k.account("Bob")
		all, err := k.s.Accounts(k.Context())
		k.must(err)
		var names string
		for _, a := range all {
			names += a.Name + " "
		}
		same(k, "names", names, "anna Bob Zoe ")
	}},
	{"a claim with a space is refused, as it would become two", func(k *kit) {
		for _, claim := range []string{"send manage", "", " send", "a\tb"} {
			if _, err := k.s.AddAccount(k.Context(), "anna", api.NewSecret("x"), []string{claim}); err == nil {
				k.Fatalf("%q was taken", claim)
			}
		}
	}},
	{"a new password ends all sessions of the account and of nobody else", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		one, two, other := k.signIn(anna), k.signIn(anna), k.signIn(bob)
		k.must(k.s.SetPassword(k.Context(), anna.ID, api.NewSecret("new")))
		k.refused(one)
		k.refused(two)
		k.accepted(other)
		got, err := k.s.Account(k.Context(), anna.ID)
		k.must(err)
		same(k, "hash", got.PasswordHash.Reveal(), "new")
	}},
	{"disabling ends all sessions and enabling does not bring them back", func(k *kit) {
		anna := k.account("anna")
		g := k.signIn(anna)
		k.must(k.s.SetDisabled(k.Context(), anna.ID, true))
		k.refused(g)
		_, err := k.s.StartSession(k.Context(), store.SignIn{Account: anna.ID})
		k.wants(store.ErrRefused, err)
		k.must(k.s.SetDisabled(k.Context(), anna.ID, false))
		k.refused(g)
		k.accepted(k.signIn(anna))
	}},
	{"new claims hold for a running session at once", func(k *kit) {
		anna := k.account("anna")
		g := k.signIn(anna)
		k.must(k.s.SetClaims(k.Context(), anna.ID, []string{api.ClaimSend}))
		p, err := k.s.Authenticate(k.Context(), g.Access)
		k.must(err)
		same(k, "may send", p.Has(api.ClaimSend), true)
		same(k, "may manage", p.Has(api.ClaimManage), false)
	}},
}

// accepted fails unless the access token of a grant works.
func (k *kit) accepted(g store.Grant) {
	k.Helper()
	p, err := k.s.Authenticate(k.Context(), g.Access)
	k.must(err)
	same(k, "account", p.Account, g.Account.ID)
	same(k, "session", p.Session, g.Session.ID)
}

// refused fails unless both tokens of a grant are worth nothing.
func (k *kit) refused(g store.Grant) {
	k.Helper()
	_, err := k.s.Authenticate(k.Context(), g.Access)
	k.wants(store.ErrRefused, err)
	_, err = k.s.RefreshSession(k.Context(), g.Refresh)
	k.wants(store.ErrRefused, err)
}

var keyPromises = []promise{
	{"a key speaks for itself and holds its claims", func(k *kit) {
		key, secret, err := k.s.AddSenderKey(k.Context(), "Lab", []string{api.ClaimSend})
		k.must(err)
		p, err := k.s.Authenticate(k.Context(), secret)
		k.must(err)
		same(k, "key", p.Key, key.ID)
		same(k, "name", p.Name, "Lab")
		same(k, "account", p.Account, "")
		same(k, "may send", p.Has(api.ClaimSend), true)
	}},
	{"a name of a key is taken in any case", func(k *kit) {
		_, _, err := k.s.AddSenderKey(k.Context(), "Lab", nil)
		k.must(err)
		_, _, err = k.s.AddSenderKey(k.Context(), "LAB", nil)
		k.wants(store.ErrExists, err)
	}},
	{"a revoked key is refused at once and its name is free again", func(k *kit) {
		_, secret, err := k.s.AddSenderKey(k.Context(), "Lab", nil)
		k.must(err)
		k.must(k.s.RevokeSenderKey(k.Context(), "lab"))
		_, err = k.s.Authenticate(k.Context(), secret)
		k.wants(store.ErrRefused, err)
		k.wants(store.ErrNotFound, k.s.RevokeSenderKey(k.Context(), "lab"))
		_, _, err = k.s.AddSenderKey(k.Context(), "Lab", nil)
		k.must(err)
	}},
	{"keys are listed by name", func(k *kit) {
		for _, name := range []string{"ward", "Lab"} {
			_, _, err := k.s.AddSenderKey(k.Context(), name, []string{api.ClaimSend})
			k.must(err)
		}
		all, err := k.s.SenderKeys(k.Context())
		k.must(err)
		same(k, "count", len(all), 2)
		same(k, "first", all[0].Name, "Lab")
		same(k, "created", all[0].CreatedAt, k.now())
	}},
}
