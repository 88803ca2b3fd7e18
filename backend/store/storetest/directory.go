package storetest

import (
	"fmt"
	"time"

	"securepush/backend/store"
)

// due are the devices of which the hub is to be told, with what and which version.
func (k *kit) due(after string, limit int) (all string) {
	k.Helper()
	found, err := k.s.DueInstallations(k.Context(), after, limit)
	k.must(err)
	for _, in := range found {
		all += fmt.Sprintf("%s:%s%d ", in.InstallationID, []string{"", "put", "delete"}[in.Due], in.Version)
	}
	return all
}

func (k *kit) own(a store.Account, id string, tags ...string) {
	k.Helper()
	k.must(k.s.PutInstallation(k.Context(), a.ID, device(id, "https://push/"+id, tags...)))
}

func (k *kit) count(of ...store.Account) int {
	k.Helper()
	ids := []string{"unknown"}
	for _, a := range of {
		ids = append(ids, a.ID)
	}
	n, err := k.s.CountInstallations(k.Context(), ids)
	k.must(err)
	return n
}

var directoryPromises = []promise{
	{"a device is due at the hub until the hub has it", func(k *kit) {
		a := k.account("anna")
		k.own(a, "d1")
		same(k, "due", k.due("", 0), "d1:put1 ")
		k.must(k.s.SettleInstallation(k.Context(), "d1", 1))
		same(k, "due", k.due("", 0), "")
		got, err := k.s.Installation(k.Context(), a.ID, "d1")
		k.must(err)
		same(k, "state", got.Due, store.DueNothing)
		same(k, "version", got.Version, 1)
		k.must(k.s.SettleInstallation(k.Context(), "unknown", 1))
	}},
	{"a device that was put meanwhile stays due", func(k *kit) {
		a := k.account("anna")
		k.own(a, "d1")
		k.own(a, "d1")
		k.must(k.s.SettleInstallation(k.Context(), "d1", 1))
		same(k, "due", k.due("", 0), "d1:put2 ")
		k.must(k.s.SettleInstallation(k.Context(), "d1", 2))
		k.own(a, "d1")
		same(k, "due", k.due("", 0), "d1:put3 ")
	}},
	{"what is due comes in pages in order of ID", func(k *kit) {
		a, b := k.account("anna"), k.account("bob")
		for i := range 3 {
			k.own(a, fmt.Sprint("d", i))
			k.own(b, fmt.Sprint("e", i))
		}
		k.must(k.s.SettleInstallation(k.Context(), "d1", 1))
		same(k, "first", k.due("", 3), "d0:put1 d2:put1 e0:put1 ")
		same(k, "second", k.due("e0", 3), "e1:put1 e2:put1 ")
	}},
	{"a forgotten device is found by nothing and removed when the hub has deleted it", func(k *kit) {
		a := k.account("anna")
		k.own(a, "d1", "t")
		k.must(k.s.ForgetInstallation(k.Context(), a.ID, "d1"))
		_, err := k.s.Installation(k.Context(), a.ID, "d1")
		k.wants(store.ErrNotFound, err)
		all, err := k.s.Installations(k.Context(), a.ID)
		k.must(err)
		same(k, "devices", len(all), 0)
		same(k, "by tag", k.tagged("t", "", 10), "")
		same(k, "count", k.count(a), 0)
		k.wants(store.ErrNotFound, k.s.ForgetInstallation(k.Context(), a.ID, "d1"))

		same(k, "due", k.due("", 0), "d1:delete2 ")
		left, err := k.s.DueInstallations(k.Context(), "", 0)
		k.must(err)
		same(k, "content", left[0].PushChannel.Endpoint+left[0].PushChannel.Auth+left[0].Name+fmt.Sprint(left[0].Tags), "[]")
		k.must(k.s.SettleInstallation(k.Context(), "d1", 1))
		same(k, "due", k.due("", 0), "d1:delete2 ")
		k.must(k.s.SettleInstallation(k.Context(), "d1", 2))
		same(k, "due", k.due("", 0), "")
		k.own(a, "d1")
		same(k, "due", k.due("", 0), "d1:put1 ")
	}},
	{"a forgotten device is whose it is put by next", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		k.own(anna, "d1", "t")
		k.wants(store.ErrNotFound, k.s.ForgetInstallation(k.Context(), bob.ID, "d1"))
		k.must(k.s.ForgetInstallation(k.Context(), anna.ID, "d1"))
		k.own(anna, "d1", "t")
		same(k, "by tag", k.tagged("t", "", 10), "d1 ")
		k.must(k.s.ForgetInstallation(k.Context(), anna.ID, "d1"))
		k.own(bob, "d1", "u")
		got, err := k.s.Installation(k.Context(), bob.ID, "d1")
		k.must(err)
		same(k, "endpoint", got.PushChannel.Endpoint, "https://push/d1")
		_, err = k.s.Installation(k.Context(), anna.ID, "d1")
		k.wants(store.ErrNotFound, err)
		same(k, "by tag", k.tagged("t", "", 10)+k.tagged("u", "", 10), "d1 ")
		same(k, "due", k.due("", 0), "d1:put5 ")
		k.must(k.s.SettleInstallation(k.Context(), "d1", 4)) // the removal there was before
		same(k, "due", k.due("", 0), "d1:put5 ")
	}},
	{"a device that leaves the hub leaves the directory, unless the hub is to be told of it", func(k *kit) {
		a := k.account("anna")
		k.own(a, "d1", "t")
		k.must(k.s.DeleteHubInstallation(k.Context(), "d1"))
		same(k, "due", k.due("", 0), "d1:put1 ")
		k.must(k.s.SettleInstallation(k.Context(), "d1", 1))
		k.must(k.s.DeleteHubInstallation(k.Context(), "d1"))
		same(k, "by tag", k.tagged("t", "", 10), "")
		_, err := k.s.Installation(k.Context(), a.ID, "d1")
		k.wants(store.ErrNotFound, err)
	}},
	{"a dead device is not put at the hub, and deleted there when it is forgotten", func(k *kit) {
		a := k.account("anna")
		k.own(a, "d1")
		k.own(a, "d2")
		for _, id := range []string{"d1", "d2"} {
			k.must(k.s.MarkInstallationGone(k.Context(), id, "https://push/"+id))
		}
		same(k, "due", k.due("", 0), "")
		k.must(k.s.ForgetInstallation(k.Context(), a.ID, "d1"))
		same(k, "due", k.due("", 0), "d1:delete2 ")
		k.pass(30 * day)
		k.must(k.s.Clean(k.Context()))
		same(k, "due", k.due("", 0), "d1:delete2 d2:delete2 ")
	}},
	{"another hub is told of every device, and the same one of none", func(k *kit) {
		a := k.account("anna")
		k.must(k.s.SetHub(k.Context(), "one"))
		for i := range 3 {
			k.own(a, fmt.Sprint("d", i))
			k.must(k.s.SettleInstallation(k.Context(), fmt.Sprint("d", i), 1))
		}
		k.must(k.s.ForgetInstallation(k.Context(), a.ID, "d1"))
		k.must(k.s.SetHub(k.Context(), "one"))
		same(k, "due at the same", k.due("", 0), "d1:delete2 ")
		k.must(k.s.SetHub(k.Context(), "two"))
		same(k, "due at another", k.due("", 0), "d0:put2 d1:delete2 d2:put2 ")
		k.must(k.s.SettleInstallation(k.Context(), "d0", 1)) // of the hub before
		same(k, "due at another", k.due("", 0), "d0:put2 d1:delete2 d2:put2 ")
	}},
	{"devices of several accounts are counted, without the dead ones", func(k *kit) {
		anna, bob, carl := k.account("anna"), k.account("bob"), k.account("carl")
		k.own(anna, "d1")
		k.own(anna, "d2")
		k.own(bob, "d3")
		k.own(carl, "d4")
		same(k, "two accounts", k.count(anna, bob, anna), 3)
		k.must(k.s.MarkInstallationGone(k.Context(), "d1", "https://push/d1"))
		same(k, "one dead", k.count(anna, bob), 2)
		same(k, "nobody", k.count(), 0)
	}},
	{"a setting is read by another as it was set last", func(k *kit) {
		_, err := k.s.Setting(k.Context(), "url")
		k.wants(store.ErrNotFound, err)
		for _, value := range []string{"https://one", "https://two", "https://two", ""} {
			k.must(k.s.SetSetting(k.Context(), "url", value))
			k.pass(time.Second)
			got, err := k.s.Setting(k.Context(), "url")
			k.must(err)
			same(k, "value", got, value)
		}
	}},
}
