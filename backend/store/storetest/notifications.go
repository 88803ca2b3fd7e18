package storetest

import (
	"math/rand/v2"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

var notificationPromises = []promise{
	{"somebody else's and an unknown one are the same: not found", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		live, dead := k.send(anna, store.Message{}), k.send(anna, store.Message{})
		k.must(k.s.DeleteNotification(k.Context(), anna.ID, dead))
		for _, id := range []api.ID{live, dead, api.NewID()} {
			_, err := k.s.Notification(k.Context(), bob.ID, id)
			k.wants(store.ErrNotFound, err)
			_, err = k.s.SetRead(k.Context(), bob.ID, id, true, "")
			k.wants(store.ErrNotFound, err)
			k.wants(store.ErrNotFound, k.s.DeleteNotification(k.Context(), bob.ID, id))
		}
		found, err := k.s.NotificationsByID(k.Context(), bob.ID, []api.ID{live, dead})
		k.must(err)
		same(k, "found", len(found), 0)
		changed, err := k.s.SetReadMany(k.Context(), bob.ID, []api.ID{live}, true, "")
		k.must(err)
		same(k, "changed", len(changed), 0)
		same(k, "unread", k.unread(anna), 1)
	}},
	{"the read state is set and unset, and tells whether that changed it", func(k *kit) {
		a := k.account("anna")
		id := k.send(a, store.Message{})
		for _, step := range []struct{ read, changed bool }{{true, true}, {true, false}, {false, true}, {false, false}} {
			changed, err := k.s.SetRead(k.Context(), a.ID, id, step.read, "")
			k.must(err)
			same(k, "changed", changed, step.changed)
			n, err := k.s.Notification(k.Context(), a.ID, id)
			k.must(err)
			same(k, "read", n.Read, step.read)
		}
	}},
	{"several are read at once and those that changed are told", func(k *kit) {
		a := k.account("anna")
		one, two, three := k.send(a, store.Message{}), k.send(a, store.Message{}), k.send(a, store.Message{})
		_, err := k.s.SetRead(k.Context(), a.ID, one, true, "")
		k.must(err)
		changed, err := k.s.SetReadMany(k.Context(), a.ID, []api.ID{one, two, api.NewID()}, true, "")
		k.must(err)
		same(k, "changed", len(changed), 1)
		same(k, "which", changed[0], two)
		same(k, "unread", k.unread(a), 1)
		changed, err = k.s.SetReadMany(k.Context(), a.ID, nil, true, "")
		k.must(err)
		same(k, "changed", len(changed), 1)
		same(k, "which", changed[0], three)
		same(k, "unread", k.unread(a), 0)
	}},
	{"reading all leaves others alone and passes over what is gone", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		k.send(bob, store.Message{})
		k.must(k.s.DeleteNotification(k.Context(), anna.ID, k.send(anna, store.Message{})))
		k.send(anna, store.Message{ExpiresAt: after(k.now(), time.Second)})
		k.pass(time.Minute)
		changed, err := k.s.SetReadMany(k.Context(), anna.ID, nil, true, "")
		k.must(err)
		same(k, "changed", len(changed), 0)
		same(k, "unread of bob", k.unread(bob), 1)
	}},
	{"a deleted one is gone for its owner and nowhere to be seen", func(k *kit) {
		a := k.account("anna")
		id := k.send(a, store.Message{Title: "secret"})
		k.must(k.s.DeleteNotification(k.Context(), a.ID, id))
		k.gone(a, id)
		same(k, "unread", k.unread(a), 0)
	}},
	{"an expired one is gone to the second, before and after the clean-up", func(k *kit) {
		a := k.account("anna")
		id := k.send(a, store.Message{Title: "A", ExpiresAt: after(k.now(), time.Minute)})
		k.pass(time.Minute - time.Second)
		_, err := k.s.Notification(k.Context(), a.ID, id)
		k.must(err)
		same(k, "unread", k.unread(a), 1)
		k.pass(time.Second)
		k.gone(a, id)
		k.must(k.s.Clean(k.Context()))
		k.gone(a, id)
		same(k, "unread", k.unread(a), 0)
	}},
	{"what expired after it was read is counted once", func(k *kit) {
		a := k.account("anna")
		id := k.send(a, store.Message{ExpiresAt: after(k.now(), time.Minute)})
		_, err := k.s.SetRead(k.Context(), a.ID, id, true, "")
		k.must(err)
		k.send(a, store.Message{})
		k.pass(time.Hour)
		same(k, "unread", k.unread(a), 1)
		k.must(k.s.Clean(k.Context()))
		same(k, "unread", k.unread(a), 1)
	}},
	{"a tombstone is forgotten after 30 days, and the order of arrival does not begin anew", func(k *kit) {
		a := k.account("anna")
		id := k.send(a, store.Message{})
		cursor := k.page(a, store.PageQuery{}).Next
		k.must(k.s.DeleteNotification(k.Context(), a.ID, id))
		k.pass(30*day - time.Second)
		k.must(k.s.Clean(k.Context()))
		k.gone(a, id)
		k.pass(time.Second)
		k.must(k.s.Clean(k.Context()))
		_, err := k.s.Notification(k.Context(), a.ID, id)
		k.wants(store.ErrNotFound, err)
		k.send(a, store.Message{Title: "B"})
		same(k, "after the cursor", titles(k.page(a, store.PageQuery{Cursor: cursor})), "B")
	}},
	{"a clean-up finds everything, however much there is", func(k *kit) {
		a := k.account("anna")
		var to []store.Recipient
		for range 1200 {
			to = append(to, store.Recipient{Account: a.ID, ID: api.NewID()})
		}
		_, err := k.s.Send(k.Context(), store.Message{ExpiresAt: after(k.now(), time.Minute)}, to, nil)
		k.must(err)
		k.pass(time.Hour)
		k.must(k.s.Clean(k.Context()))
		k.pass(30 * day)
		k.must(k.s.Clean(k.Context()))
		for _, r := range to {
			_, err := k.s.Notification(k.Context(), a.ID, r.ID)
			k.wants(store.ErrNotFound, err)
		}
	}},
	{"several are fetched by ID, in order of arrival, without what is gone", func(k *kit) {
		a := k.account("anna")
		one, two, three := k.send(a, store.Message{Title: "A"}), k.send(a, store.Message{Title: "B"}), k.send(a, store.Message{Title: "C"})
		k.must(k.s.DeleteNotification(k.Context(), a.ID, two))
		found, err := k.s.NotificationsByID(k.Context(), a.ID, []api.ID{three, two, one, three, api.NewID(), `"`})
		k.must(err)
		same(k, "inbox", titles(api.Page{Items: found}), "AC")
		found, err = k.s.NotificationsByID(k.Context(), a.ID, nil)
		k.must(err)
		same(k, "none", len(found), 0)
	}},
	{"the unread count agrees with the inbox after any history", func(k *kit) {
		a := k.account("anna")
		rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same history in every run
		var ids []api.ID
		for step := range 400 {
			k.randomStep(a, rnd, &ids)
			if step%10 == 0 {
				page := k.page(a, store.PageQuery{Unread: true, Limit: store.PageMax})
				same(k, "unread", k.unread(a), len(page.Items))
				same(k, "on the page", page.Unread, len(page.Items))
			}
		}
	}},
}

// randomStep does one of the things that happen to an inbox.
func (k *kit) randomStep(a store.Account, rnd *rand.Rand, ids *[]api.ID) {
	k.Helper()
	if len(*ids) == 0 || rnd.IntN(3) == 0 {
		m := store.Message{}
		if rnd.IntN(2) == 0 {
			m.Key = []string{"a", "b", "c", "d"}[rnd.IntN(4)]
		}
		if rnd.IntN(2) == 0 {
			m.ExpiresAt = after(k.now(), time.Duration(rnd.IntN(120))*time.Second)
		}
		*ids = append(*ids, k.send(a, m))
		return
	}
	id := (*ids)[rnd.IntN(len(*ids))]
	switch rnd.IntN(6) {
	case 0:
		_, _ = k.s.SetRead(k.Context(), a.ID, id, rnd.IntN(2) == 0, "") // gone ones fail, as they should
	case 1:
		_, err := k.s.SetReadMany(k.Context(), a.ID, (*ids)[:rnd.IntN(len(*ids))+1], rnd.IntN(2) == 0, "")
		k.must(err)
	case 2:
		_ = k.s.DeleteNotification(k.Context(), a.ID, id) // likewise
	case 3:
		k.pass(time.Duration(rnd.IntN(20)) * time.Second)
	case 4:
		k.must(k.s.Clean(k.Context()))
	case 5:
		if rnd.IntN(20) == 0 {
			_, err := k.s.SetReadMany(k.Context(), a.ID, nil, true, "")
			k.must(err)
		}
	}
}

// gone fails unless a notification is gone in every way of asking.
func (k *kit) gone(a store.Account, id api.ID) {
	k.Helper()
	_, err := k.s.Notification(k.Context(), a.ID, id)
	k.wants(store.ErrGone, err)
	_, err = k.s.SetRead(k.Context(), a.ID, id, true, "")
	k.wants(store.ErrGone, err)
	k.wants(store.ErrGone, k.s.DeleteNotification(k.Context(), a.ID, id))
	changed, err := k.s.SetReadMany(k.Context(), a.ID, []api.ID{id}, true, "")
	k.must(err)
	same(k, "changed", len(changed), 0)
	found, err := k.s.NotificationsByID(k.Context(), a.ID, []api.ID{id})
	k.must(err)
	same(k, "found", len(found), 0)
	same(k, "on a page", len(k.page(a, store.PageQuery{}).Items), 0)
}
