package storetest

import (
	"fmt"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

var sendPromises = []promise{
	{"what is sent is read back as it was", func(k *kit) {
		a := k.account("anna")
		m := store.Message{
			Title: "Potassium ☃", Payload: "K 4.1 mmol/l\n\x00'\"", Sender: "Lab", Priority: api.PriorityHigh,
			URL: "https://lab.example/1", Key: "k", ExpiresAt: after(k.now(), time.Hour),
		}
		id := k.send(a, m)
		n, err := k.s.Notification(k.Context(), a.ID, id)
		k.must(err)
		same(k, "expires", *n.ExpiresAt, *m.ExpiresAt)
		n.ExpiresAt = nil
		same(k, "notification", n, api.Notification{
			ID: id, Title: m.Title, Payload: m.Payload, Sender: m.Sender, Priority: m.Priority, URL: m.URL, Key: m.Key,
			CreatedAt: k.now(),
		})
	}},
	{"no priority counts as normal", func(k *kit) {
		a := k.account("anna")
		n, err := k.s.Notification(k.Context(), a.ID, k.send(a, store.Message{Payload: "x"}))
		k.must(err)
		same(k, "priority", n.Priority, api.PriorityNormal)
	}},
	{"a send to many stores one for each, in order", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		to := []store.Recipient{{Account: bob.ID, ID: api.NewID()}, {Account: anna.ID, ID: api.NewID()}}
		sent, err := k.s.Send(k.Context(), store.Message{Payload: "x"}, to, nil)
		k.must(err)
		same(k, "count", len(sent.Items), 2)
		for i, item := range sent.Items {
			same(k, "ID", item.ID, to[i].ID)
			same(k, "account", item.Account, to[i].Account)
			_, err := k.s.Notification(k.Context(), to[i].Account, to[i].ID)
			k.must(err)
		}
	}},
	{"a send to many of whom one is unknown stores nothing", func(k *kit) {
		anna := k.account("anna")
		to := []store.Recipient{{Account: anna.ID, ID: api.NewID()}, {Account: "none", ID: api.NewID()}}
		_, err := k.s.Send(k.Context(), store.Message{Payload: "x"}, to, nil)
		k.wants(store.ErrNotFound, err)
		_, err = k.s.Notification(k.Context(), anna.ID, to[0].ID)
		k.wants(store.ErrNotFound, err)
		same(k, "unread", k.unread(anna), 0)
	}},
	{"an ID that is taken is refused, also when it is another's", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		id := k.send(anna, store.Message{Title: "A"})
		for _, a := range []store.Account{anna, bob} {
			_, err := k.s.Send(k.Context(), store.Message{Title: "B"}, []store.Recipient{{Account: a.ID, ID: id}}, nil)
			k.wants(store.ErrExists, err)
		}
		same(k, "unread of anna", k.unread(anna), 1)
		same(k, "unread of bob", k.unread(bob), 0)
	}},
	{"a key replaces the earlier one of the same account and key, which is gone", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		old := k.send(anna, store.Message{Title: "A", Key: "alarm"})
		foreign := k.send(bob, store.Message{Title: "A", Key: "alarm"})
		other := k.send(anna, store.Message{Title: "B", Key: "another"})
		id := api.NewID()
		sent, err := k.s.Send(k.Context(), store.Message{Title: "C", Key: "alarm"}, []store.Recipient{{Account: anna.ID, ID: id}}, nil)
		k.must(err)
		same(k, "replaced", len(sent.Items[0].Replaced), 1)
		same(k, "which", sent.Items[0].Replaced[0], old)
		_, err = k.s.Notification(k.Context(), anna.ID, old)
		k.wants(store.ErrGone, err)
		_, err = k.s.Notification(k.Context(), bob.ID, foreign)
		k.must(err)
		_, err = k.s.Notification(k.Context(), anna.ID, other)
		k.must(err)
		same(k, "unread", k.unread(anna), 2)
		same(k, "inbox", titles(k.page(anna, store.PageQuery{})), "BC")
	}},
	{"a key that only an expired one had replaces nothing that anybody could miss", func(k *kit) {
		a := k.account("anna")
		k.send(a, store.Message{Title: "A", Key: "alarm", ExpiresAt: after(k.now(), time.Minute)})
		k.pass(time.Hour)
		k.send(a, store.Message{Title: "B", Key: "alarm"})
		k.must(k.s.Clean(k.Context()))
		k.send(a, store.Message{Title: "C", Key: "alarm"})
		same(k, "inbox", titles(k.page(a, store.PageQuery{})), "C")
		same(k, "unread", k.unread(a), 1)
	}},
}

var idempotencyPromises = []promise{
	{"the same key and body give the same result and store nothing more", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		once := &store.Idempotency{Sender: anna.ID, Key: "k1", Hash: [32]byte{1}}
		_, err := k.s.Sent(k.Context(), *once)
		k.wants(store.ErrNotFound, err)
		first, err := k.s.Send(k.Context(), store.Message{Title: "A"}, to(anna, bob), once)
		k.must(err)
		again, err := k.s.Send(k.Context(), store.Message{Title: "A"}, to(anna, bob), once)
		k.must(err)
		same(k, "first replayed", first.Replayed, false)
		same(k, "then replayed", again.Replayed, true)
		same(k, "count", len(again.Items), 2)
		for i := range first.Items {
			same(k, "ID", again.Items[i].ID, first.Items[i].ID)
			same(k, "account", again.Items[i].Account, first.Items[i].Account)
		}
		known, err := k.s.Sent(k.Context(), *once)
		k.must(err)
		same(k, "known", fmt.Sprint(known), fmt.Sprint(again))
		same(k, "unread", k.unread(anna), 1)
	}},
	{"the same key with another body is a conflict", func(k *kit) {
		a := k.account("anna")
		_, err := k.s.Send(k.Context(), store.Message{}, to(a), &store.Idempotency{Sender: a.ID, Key: "k", Hash: [32]byte{1}})
		k.must(err)
		other := store.Idempotency{Sender: a.ID, Key: "k", Hash: [32]byte{2}}
		_, err = k.s.Send(k.Context(), store.Message{}, to(a), &other)
		k.wants(store.ErrConflict, err)
		_, err = k.s.Sent(k.Context(), other)
		k.wants(store.ErrConflict, err)
		same(k, "unread", k.unread(a), 1)
	}},
	{"another sender may use the same key", func(k *kit) {
		a := k.account("anna")
		for _, sender := range []string{"one", "two"} {
			sent, err := k.s.Send(k.Context(), store.Message{}, to(a), &store.Idempotency{Sender: sender, Key: "k"})
			k.must(err)
			same(k, "replayed", sent.Replayed, false)
		}
	}},
	{"a send that failed leaves its key unused", func(k *kit) {
		a := k.account("anna")
		once := &store.Idempotency{Sender: a.ID, Key: "k"}
		_, err := k.s.Send(k.Context(), store.Message{}, []store.Recipient{{Account: "none", ID: api.NewID()}}, once)
		k.wants(store.ErrNotFound, err)
		sent, err := k.s.Send(k.Context(), store.Message{}, to(a), once)
		k.must(err)
		same(k, "replayed", sent.Replayed, false)
	}},
	{"a key is forgotten after 24 hours, with a clean-up or without", func(k *kit) {
		a := k.account("anna")
		for _, key := range []string{"one", "two"} {
			once := &store.Idempotency{Sender: a.ID, Key: key}
			_, err := k.s.Send(k.Context(), store.Message{}, to(a), once)
			k.must(err)
			k.pass(store.IdempotencyKept - time.Second)
			k.must(k.s.Clean(k.Context()))
			sent, err := k.s.Send(k.Context(), store.Message{}, to(a), once)
			k.must(err)
			same(k, "replayed", sent.Replayed, true)
			k.pass(time.Second)
			if key == "two" {
				k.must(k.s.Clean(k.Context()))
			}
			_, err = k.s.Sent(k.Context(), *once)
			k.wants(store.ErrNotFound, err)
			sent, err = k.s.Send(k.Context(), store.Message{}, to(a), once)
			k.must(err)
			same(k, "replayed", sent.Replayed, false)
		}
	}},
	{"many at once with one key store one", func(k *kit) {
		a := k.account("anna")
		once := &store.Idempotency{Sender: a.ID, Key: "k"}
		ids := parallel(k, 16, func() (string, error) {
			sent, err := k.s.Send(k.Context(), store.Message{}, to(a), once)
			if err != nil {
				return "", err
			}
			return string(sent.Items[0].ID), nil
		})
		for _, id := range ids {
			same(k, "ID", id, ids[0])
		}
		same(k, "unread", k.unread(a), 1)
	}},
	{"any text is a key", func(k *kit) {
		a := k.account("anna")
		for _, key := range []string{"'; DROP TABLE idempotency; --", "☃", strings.Repeat("k", 255)} {
			_, err := k.s.Send(k.Context(), store.Message{}, to(a), &store.Idempotency{Sender: a.ID, Key: key})
			k.must(err)
		}
		same(k, "unread", k.unread(a), 3)
	}},
}

// to makes recipients with new IDs.
func to(accounts ...store.Account) []store.Recipient {
	var all []store.Recipient
	for _, a := range accounts {
		all = append(all, store.Recipient{Account: a.ID, ID: api.NewID()})
	}
	return all
}
