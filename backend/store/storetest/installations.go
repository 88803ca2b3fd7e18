package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

func device(id, endpoint string, tags ...string) api.Installation {
	return api.Installation{
		InstallationID: id, Platform: "browser", Name: "Desk-12", Tags: tags,
		PushChannel: api.PushChannel{Endpoint: endpoint, P256DH: "B", Auth: "k"},
	}
}

var installationPromises = []promise{
	{"a device is read back as it was put, with the time", func(k *kit) {
		a := k.account("anna")
		in := device("d1", "https://push/1", "ward:7", "username:anna")
		k.must(k.s.PutInstallation(k.Context(), a.ID, in))
		got, err := k.s.Installation(k.Context(), a.ID, "d1")
		k.must(err)
		same(k, "account", got.Account, a.ID)
		same(k, "gone", got.Gone, false)
		same(k, "channel", got.PushChannel, in.PushChannel)
		same(k, "name", got.Name, in.Name)
		same(k, "platform", got.Platform, in.Platform)
		same(k, "updated", *got.LastUpdate, k.now())
		same(k, "tags", slices.Equal(got.Tags, in.Tags), true)
	}},
	{"another's device is not found, cannot be overwritten and not be forgotten", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		k.must(k.s.PutInstallation(k.Context(), anna.ID, device("d1", "https://push/1")))
		_, err := k.s.Installation(k.Context(), bob.ID, "d1")
		k.wants(store.ErrNotFound, err)
		k.wants(store.ErrNotFound, k.s.PutInstallation(k.Context(), bob.ID, device("d1", "https://push/2")))
		k.wants(store.ErrNotFound, k.s.ForgetInstallation(k.Context(), bob.ID, "d1"))
		got, err := k.s.Installation(k.Context(), anna.ID, "d1")
		k.must(err)
		same(k, "endpoint", got.PushChannel.Endpoint, "https://push/1")
	}},
	{"a device of an unknown account is not stored", func(k *kit) {
		k.wants(store.ErrNotFound, k.s.PutInstallation(k.Context(), "none", device("d1", "https://push/1")))
	}},
	{"a second put replaces tags and channel", func(k *kit) {
		a := k.account("anna")
		k.must(k.s.PutInstallation(k.Context(), a.ID, device("d1", "https://push/1", "old", "both")))
		k.must(k.s.PutInstallation(k.Context(), a.ID, device("d1", "https://push/1", "old", "both")))
		k.must(k.s.PutInstallation(k.Context(), a.ID, device("d1", "https://push/2", "both", "new", "new")))
		same(k, "old", k.tagged("old", "", 10), "")
		same(k, "both", k.tagged("both", "", 10), "d1 ")
		same(k, "new", k.tagged("new", "", 10), "d1 ")
	}},
	{"devices are listed per account, the last updated first", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		k.must(k.s.PutInstallation(k.Context(), anna.ID, device("d1", "https://push/1")))
		k.pass(time.Second)
		k.must(k.s.PutInstallation(k.Context(), anna.ID, device("d2", "https://push/2")))
		k.must(k.s.PutInstallation(k.Context(), bob.ID, device("d3", "https://push/3")))
		all, err := k.s.Installations(k.Context(), anna.ID)
		k.must(err)
		same(k, "count", len(all), 2)
		same(k, "first", all[0].InstallationID, "d2")
	}},
	{"devices of a tag come in pages in order of ID", func(k *kit) {
		a := k.account("anna")
		for i := range 5 {
			k.must(k.s.PutInstallation(k.Context(), a.ID, device(fmt.Sprint("d", i), "https://push/", "t")))
		}
		k.must(k.s.PutInstallation(k.Context(), a.ID, device("x", "https://push/", "T")))
		same(k, "first", k.tagged("t", "", 2), "d0 d1 ")
		same(k, "second", k.tagged("t", "d1", 2), "d2 d3 ")
		same(k, "third, whatever the case", k.tagged("t", "d3", 2), "d4 x ")
	}},
	{"a dead device gets no pushes, is told so, and comes back with another endpoint", func(k *kit) {
		a := k.account("anna")
		in := device("d1", "https://push/1", "t")
		k.must(k.s.PutInstallation(k.Context(), a.ID, in))
		k.must(k.s.MarkInstallationGone(k.Context(), "d1", "https://push/1"))
		same(k, "tagged", k.tagged("t", "", 10), "")
		got, err := k.s.Installation(k.Context(), a.ID, "d1")
		k.must(err)
		same(k, "gone", got.Gone, true)
		k.wants(store.ErrGone, k.s.PutInstallation(k.Context(), a.ID, in))
		in.PushChannel.Endpoint = "https://push/2"
		k.must(k.s.PutInstallation(k.Context(), a.ID, in))
		same(k, "tagged", k.tagged("t", "", 10), "d1 ")
	}},
	{"a late report about an old endpoint does not harm the new one", func(k *kit) {
		a := k.account("anna")
		k.must(k.s.PutInstallation(k.Context(), a.ID, device("d1", "https://push/1", "t")))
		k.must(k.s.PutInstallation(k.Context(), a.ID, device("d1", "https://push/2", "t")))
		k.must(k.s.MarkInstallationGone(k.Context(), "d1", "https://push/1"))
		same(k, "tagged", k.tagged("t", "", 10), "d1 ")
		k.must(k.s.MarkInstallationGone(k.Context(), "unknown", "https://push/1"))
	}},
	{"a dead device is forgotten after 30 days", func(k *kit) {
		a := k.account("anna")
		k.must(k.s.PutInstallation(k.Context(), a.ID, device("d1", "https://push/1", "t")))
		k.must(k.s.MarkInstallationGone(k.Context(), "d1", "https://push/1"))
		k.pass(30 * day)
		k.must(k.s.Clean(k.Context()))
		_, err := k.s.Installation(k.Context(), a.ID, "d1")
		k.wants(store.ErrNotFound, err)
	}},
}

// tagged are the IDs of a page of devices.
func (k *kit) tagged(tag, after string, limit int) (ids string) {
	k.Helper()
	found, err := k.s.InstallationsByTag(k.Context(), tag, after, limit)
	k.must(err)
	for _, in := range found {
		ids += in.InstallationID + " "
	}
	return ids
}

var generalPromises = []promise{
	{"a secret is made once and stays", func(k *kit) {
		values := parallel(k, 8, func() (string, error) {
			v, err := k.s.Secret(k.Context(), "vapid", func() ([]byte, error) { return []byte(api.NewID()), nil })
			return string(v), err
		})
		for _, v := range values {
			same(k, "value", v, values[0])
		}
		other, err := k.s.Secret(k.Context(), "other", func() ([]byte, error) { return []byte{0, 255}, nil })
		k.must(err)
		same(k, "other", bytes.Equal(other, []byte{0, 255}), true)
	}},
	{"a secret that cannot be made leaves no trace", func(k *kit) {
		broken := errors.New("broken")
		_, err := k.s.Secret(k.Context(), "x", func() ([]byte, error) { return nil, broken })
		k.wants(broken, err)
		v, err := k.s.Secret(k.Context(), "x", func() ([]byte, error) { return []byte("y"), nil })
		k.must(err)
		same(k, "value", string(v), "y")
	}},
	{"an ended context writes and reads nothing", func(k *kit) {
		a := k.account("anna")
		ctx, cancel := context.WithCancel(k.Context())
		cancel()
		_, err := k.s.Send(ctx, store.Message{}, to(a), nil)
		k.wants(context.Canceled, err)
		_, err = k.s.Unread(ctx, a.ID)
		k.wants(context.Canceled, err)
		same(k, "unread", k.unread(a), 0)
	}},
	{"a closed store says so and may be closed again", func(k *kit) {
		a := k.account("anna")
		k.must(k.s.Ping(k.Context()))
		k.must(k.s.Close())
		k.must(k.s.Close())
		_, err := k.s.Send(k.Context(), store.Message{}, to(a), nil)
		k.wants(store.ErrClosed, err)
		_, err = k.s.Unread(k.Context(), a.ID)
		k.wants(store.ErrClosed, err)
		k.wants(store.ErrUnavailable, k.s.Ping(k.Context()))
	}},
}

// parallel does the same several times at once.
func parallel(k *kit, times int, do func() (string, error)) []string {
	k.Helper()
	results := make([]string, times)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			var err error
			if results[i], err = do(); err != nil {
				k.Error(err)
			}
		})
	}
	all.Wait()
	return results
}
