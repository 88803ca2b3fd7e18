package storetest

import (
	"fmt"
	"slices"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

var receiptPromises = []promise{
	{"a notification is sent, delivered, shown and read, each stage with its first time", func(k *kit) {
		a, id := k.received("anna")
		same(k, "at first", stages(k.status("lab", id)), "sent 0/0 at - - -")
		k.pass(time.Second)
		k.fetched(a, "d1", id)
		same(k, "fetched", stages(k.status("lab", id)), "delivered 1/0 at 14:32:09 - -")
		k.pass(time.Second)
		k.shown(a, "d1", id)
		same(k, "shown", stages(k.status("lab", id)), "shown 1/1 at 14:32:09 14:32:10 -")
		k.pass(time.Second)
		k.shown(a, "d1", id)
		k.shown(a, "d2", id)
		k.fetched(a, "d2", id)
		same(k, "on both", stages(k.status("lab", id)), "shown 2/2 at 14:32:09 14:32:10 -")
		k.read(a, id, true, "d2")
		same(k, "read", stages(k.status("lab", id)), "read 2/2 at 14:32:09 14:32:10 14:32:11")
		k.pass(time.Second)
		k.read(a, id, false, "d1")
		same(k, "unread again", stages(k.status("lab", id)), "shown 2/2 at 14:32:09 14:32:10 -")
	}},
	{"reading all or several is noted as reading one is", func(k *kit) {
		a, id := k.received("anna")
		for _, ids := range [][]api.ID{nil, {id}} {
			_, err := k.s.SetReadMany(k.Context(), a.ID, ids, true, "d2")
			k.must(err)
			same(k, "read", stages(k.status("lab", id)), "read 0/0 at - - 14:32:08")
			same(k, "on", k.status(a.ID, id).ReadOn, "Desk-12 d2")
			_, err = k.s.SetReadMany(k.Context(), a.ID, ids, false, "d2")
			k.must(err)
			same(k, "unread", stages(k.status("lab", id)), "sent 0/0 at - - -")
			same(k, "on", k.status(a.ID, id).ReadOn, "")
		}
	}},
	{"the person learns on which devices, the sender on how many", func(k *kit) {
		a, id := k.received("anna")
		k.shown(a, "d1", id)
		k.read(a, id, true, "d1")
		own, senders := k.status(a.ID, id), k.status("lab", id)
		same(k, "read on", own.ReadOn, "Desk-12 d1")
		same(k, "devices", len(own.Devices), 2)
		for _, d := range own.Devices {
			same(k, d.Name, d.Shown != nil && d.Delivered != nil, d.Name == "Desk-12 d1")
		}
		same(k, "the sender's devices", len(senders.Devices), 0)
		same(k, "the sender's device", senders.ReadOn, "")
		same(k, "the rest", stages(senders), stages(own))
	}},
	{"whoever neither sent nor received it finds nothing, with whatever name", func(k *kit) {
		_, id := k.received("anna")
		bob := k.account("bob")
		unsigned := k.send(bob, store.Message{})
		for _, who := range []string{bob.ID, "plant", ""} {
			_, err := k.s.Status(k.Context(), who, id)
			k.wants(store.ErrNotFound, err)
		}
		for _, who := range []string{"lab", ""} {
			_, err := k.s.Status(k.Context(), who, unsigned)
			k.wants(store.ErrNotFound, err)
		}
		_, err := k.s.Status(k.Context(), "lab", api.NewID())
		k.wants(store.ErrNotFound, err)
	}},
	{"receipts for another's notification or of another's, an unknown or a forgotten device are passed over", func(k *kit) {
		a, id := k.received("anna")
		bob, bobs := k.received("bob")
		k.must(k.s.ForgetInstallation(k.Context(), a.ID, "d2"))
		of := func(who store.Account, device string, id api.ID) store.Receipt {
			return store.Receipt{Account: who.ID, Installation: device, ID: id, Shown: true, At: k.now()}
		}
		k.must(k.s.AddReceipts(k.Context(), []store.Receipt{
			of(bob, "bob1", id), of(a, "bob1", id), of(bob, "d1", id), of(a, "d1", bobs), of(a, "d2", id), of(a, "none", id), of(a, "d1", api.NewID()),
		}))
		same(k, "anna's", stages(k.status("lab", id)), "sent 0/0 at - - -")
		same(k, "bob's", stages(k.status("lab", bobs)), "sent 0/0 at - - -")
	}},
	{"what a device had is known after it has left, without its name", func(k *kit) {
		a, id := k.received("anna")
		k.shown(a, "d1", id)
		k.read(a, id, true, "d1")
		k.must(k.s.ForgetInstallation(k.Context(), a.ID, "d1"))
		d := k.status(a.ID, id)
		same(k, "stages", stages(d), "read 1/1 at 14:32:08 14:32:08 14:32:08")
		same(k, "read on", d.ReadOn, "")
		same(k, "devices", len(d.Devices), 2)
		same(k, "the one that stays", d.Devices[0].Name, "Desk-12 d2")
		same(k, "the one that left", d.Devices[1].Name == "" && d.Devices[1].Shown != nil, true)
	}},
	{"what is gone is told of without its title, until it is forgotten with all that was noted of it", func(k *kit) {
		for _, end := range []func(a store.Account, id api.ID){
			func(a store.Account, id api.ID) { k.must(k.s.DeleteNotification(k.Context(), a.ID, id)) },
			func(a store.Account, _ api.ID) { k.send(a, store.Message{Key: "k"}) },
			func(store.Account, api.ID) { k.pass(time.Hour) },
		} {
			a, _ := k.received(string(api.NewID()))
			id := k.send(a, store.Message{By: "lab", Title: "T", Key: "k", ExpiresAt: after(k.now(), time.Hour)})
			k.shown(a, a.Name+"1", id)
			k.read(a, id, true, "")
			before := k.status("lab", id)
			same(k, "title", before.Title, "T")
			end(a, id)
			for range 2 {
				d := k.status("lab", id)
				same(k, "gone", d.Gone, true)
				same(k, "title", d.Title, "")
				same(k, "stages", stages(d), stages(before))
				k.must(k.s.Clean(k.Context()))
			}
			k.pass(30*day + time.Hour)
			k.must(k.s.Clean(k.Context()))
			_, err := k.s.Status(k.Context(), "lab", id)
			k.wants(store.ErrNotFound, err)
			k.mustSend(a, id) // nothing is left of the ID
			same(k, "anew", stages(k.status("lab", id)), "sent 0/0 at - - -")
		}
	}},
	{"what was sent is listed newest first, page by page, each item once, and nobody else's", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		var want []string
		for i := range 20 {
			to := []store.Recipient{{Account: anna.ID, ID: api.NewID()}, {Account: bob.ID, ID: api.NewID()}}
			_, err := k.s.Send(k.Context(), store.Message{By: anna.ID, Title: fmt.Sprint(i)}, to, nil)
			k.must(err)
			k.send(anna, store.Message{By: bob.ID})
			k.send(anna, store.Message{})
			want = append(want, fmt.Sprint(i, " anna"), fmt.Sprint(i, " bob"))
			if i%3 == 0 { // some at the same time
				k.pass(time.Second)
			}
		}
		var got []string
		for cursor, more := api.Cursor(""), true; more; {
			page, err := k.s.SentBy(k.Context(), anna.ID, cursor, 7)
			k.must(err)
			same(k, "a page", len(page.Items) == 7 || !page.More, true)
			for i, d := range page.Items {
				same(k, "in order", i == 0 || !d.CreatedAt.After(page.Items[i-1].CreatedAt), true)
				got = append(got, d.Title+" "+d.To)
			}
			cursor, more = page.Next, page.More
		}
		slices.Sort(want)
		slices.Sort(got)
		same(k, "all", fmt.Sprint(got), fmt.Sprint(want))
		page, err := k.s.SentBy(k.Context(), "", "", 0)
		k.must(err)
		same(k, "by nobody", len(page.Items), 0)
	}},
	{"the list says how far each has come", func(k *kit) {
		a, id := k.received("anna")
		k.shown(a, "d1", id)
		k.fetched(a, "d2", id)
		page, err := k.s.SentBy(k.Context(), "lab", "", 0)
		k.must(err)
		same(k, "items", len(page.Items), 1)
		same(k, "stages", stages(page.Items[0]), "shown 2/1 at 14:32:08 14:32:08 -")
		same(k, "devices", len(page.Items[0].Devices), 0)
		same(k, "more", page.More, false)
	}},
	{"what is no cursor of the list is refused", func(k *kit) {
		id := string(api.NewID())
		for _, c := range []api.Cursor{"x", "1", "-", api.Cursor("1-" + id + "x/"), api.Cursor("+1-" + id), api.Cursor("01-" + id), api.Cursor("-" + id)} {
			_, err := k.s.SentBy(k.Context(), "lab", c, 0)
			k.wants(store.ErrBadCursor, err)
		}
	}},
	{"a sign-in keeps which device it is for, through refreshes and for itself alone", func(k *kit) {
		a := k.account("anna")
		g, other := k.signIn(a), k.signIn(a)
		device := func(g store.Grant) string {
			p, err := k.s.Authenticate(k.Context(), g.Access)
			k.must(err)
			return p.Installation
		}
		same(k, "at first", device(g), "")
		k.must(k.s.SetSessionInstallation(k.Context(), g.Session.ID, "d1"))
		same(k, "then", device(g), "d1")
		same(k, "refreshed", device(k.refresh(g.Refresh)), "d1")
		same(k, "another", device(other), "")
		k.must(k.s.SetSessionInstallation(k.Context(), "ended", "d1"))
	}},
}

// received makes an account with two devices and a notification for it, sent by lab.
func (k *kit) received(name string) (store.Account, api.ID) {
	k.Helper()
	a := k.account(name)
	for i, id := range []string{name + "1", name + "2"} {
		if name == "anna" {
			id = fmt.Sprint("d", i+1)
		}
		in := device(id, "https://push/"+id)
		in.Name = "Desk-12 " + id
		k.must(k.s.PutInstallation(k.Context(), a.ID, in))
	}
	return a, k.send(a, store.Message{By: "lab", Title: "T"})
}

func (k *kit) mustSend(a store.Account, id api.ID) {
	k.Helper()
	_, err := k.s.Send(k.Context(), store.Message{By: "lab"}, []store.Recipient{{Account: a.ID, ID: id}}, nil)
	k.must(err)
}

func (k *kit) fetched(a store.Account, device string, id api.ID) {
	k.Helper()
	k.must(k.s.AddReceipts(k.Context(), []store.Receipt{{Account: a.ID, Installation: device, ID: id, At: k.now()}}))
}

func (k *kit) shown(a store.Account, device string, id api.ID) {
	k.Helper()
	k.must(k.s.AddReceipts(k.Context(), []store.Receipt{{Account: a.ID, Installation: device, ID: id, Shown: true, At: k.now()}}))
}

func (k *kit) read(a store.Account, id api.ID, read bool, on string) {
	k.Helper()
	changed, err := k.s.SetRead(k.Context(), a.ID, id, read, on)
	k.must(err)
	same(k, "changed", changed, true)
}

func (k *kit) status(who string, id api.ID) api.Delivery {
	k.Helper()
	d, err := k.s.Status(k.Context(), who, id)
	k.must(err)
	same(k, "ID", d.ID, id)
	return d
}

// stages is what everybody may know: the stage, on how many devices, and when.
func stages(d api.Delivery) string {
	at := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return t.Format(time.TimeOnly)
	}
	return fmt.Sprintf("%s %d/%d at %s %s %s", d.State, d.DeliveredTo, d.ShownOn, at(d.Delivered), at(d.Shown), at(d.Read))
}
