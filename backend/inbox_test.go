package backend

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"securepush/api"
)

func TestPagesInBothDirections(t *testing.T) {
	st := newSite(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	var all []api.ID
	for i := range 7 {
		all = append(all, st.sendTo(anna, api.SendRequest{Payload: fmt.Sprint("text ", i)}))
		st.sendTo(ben, api.SendRequest{Payload: "ben's"})
	}
	walk := func(q api.Query) (ids []api.ID) {
		for {
			p, err := anna.Notifications(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if p.Unread != 7 {
				t.Errorf("unread %d", p.Unread)
			}
			for _, n := range p.Items {
				ids = append(ids, n.ID)
			}
			if !p.More {
				return ids
			}
			q.After, q.Before = p.Next, p.Next
		}
	}
	if got := walk(api.Query{Limit: 3}); !slices.Equal(got, all) {
		t.Errorf("forwards: %v", got)
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	if got := walk(api.Query{Newest: true, Limit: 3}); !slices.Equal(got, backwards) {
		t.Errorf("backwards: %v", got)
	}
	p, err := anna.Notifications(t.Context(), api.Query{})
	if err != nil {
		t.Fatal(err)
	}
	last, err := anna.Notifications(t.Context(), api.Query{After: p.Next})
	if err != nil || len(last.Items) != 0 || last.Next != p.Next || last.More {
		t.Errorf("after the last: %+v %v", last, err)
	}
}

func TestPagesBySelection(t *testing.T) {
	st := newSite(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	a := st.sendTo(anna, api.SendRequest{Payload: "Potassium"})
	b := st.sendTo(anna, api.SendRequest{Payload: "x", Title: "Sodium"})
	c := st.sendTo(anna, api.SendRequest{Payload: "100 % of it"})
	foreign := st.sendTo(ben, api.SendRequest{Payload: "Potassium"})
	if err := anna.SetRead(t.Context(), api.ReadRequest{IDs: []api.ID{a}, Read: true}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		q    api.Query
		want []api.ID
	}{
		"unread":         {api.Query{Unread: true}, []api.ID{b, c}},
		"text":           {api.Query{Text: "SODIUM"}, []api.ID{b}},
		"text as it is":  {api.Query{Text: "0 %"}, []api.ID{c}},
		"IDs":            {api.Query{IDs: []api.ID{b, foreign, a, api.NewID()}}, []api.ID{a, b}},
		"unread newest":  {api.Query{Unread: true, Newest: true}, []api.ID{c, b}},
		"nothing":        {api.Query{Text: "chlorine"}, []api.ID{}},
		"limit of pages": {api.Query{Limit: 200}, []api.ID{a, b, c}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := anna.Notifications(t.Context(), tt.q)
			if err != nil {
				t.Fatal(err)
			}
			got := []api.ID{}
			for _, n := range p.Items {
				got = append(got, n.ID)
			}
			if !slices.Equal(got, tt.want) || p.Unread != 2 {
				t.Errorf("got %v, unread %d", got, p.Unread)
			}
		})
	}
	_, body := st.ask(http.MethodGet, "/api/notifications?q=chlorine", anna.tokens.AccessToken, nil)
	if !strings.Contains(body, `"items":[]`) {
		t.Errorf("an empty page is a list: %s", body)
	}
}

func TestChangesArePushedToTheOtherDevices(t *testing.T) {
	st := newSite(t)
	desk, laptop := st.addUser("anna"), st.signIn("anna")
	st.addDevice(desk, "desk")
	st.addDevice(laptop, "laptop")
	id := st.sendTo(desk, api.SendRequest{Payload: "x"})
	st.push.expect("desk "+string(id), "laptop "+string(id))

	resp, body := st.ask(http.MethodPatch, "/api/notifications/"+string(id), desk.tokens.AccessToken, `{"read":true}`)
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	st.push.expect("laptop " + string(id))
	if n, err := laptop.Notification(t.Context(), id); err != nil || !n.Read {
		t.Errorf("%+v %v", n, err)
	}
	// the same again changes nothing and pushes nothing: the next push is of the next change
	st.ask(http.MethodPatch, "/api/notifications/"+string(id), desk.tokens.AccessToken, `{"read":true}`)
	if err := laptop.SetRead(t.Context(), api.ReadRequest{Read: false, IDs: []api.ID{id, api.NewID()}}); err != nil {
		t.Fatal(err)
	}
	st.push.expect("desk " + string(id))
	if err := desk.SetRead(t.Context(), api.ReadRequest{Read: true}); err != nil {
		t.Fatal(err)
	}
	st.push.expect("laptop " + string(id))
	if err := laptop.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	st.push.expect("desk " + string(id))
	if _, err := desk.Notification(t.Context(), id); api.CodeOf(err) != api.CodeGone {
		t.Errorf("deleted: %v", err)
	}
}

func TestReadStateHasNoDefault(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	id := st.sendTo(anna, api.SendRequest{Payload: "x"})
	for _, tt := range []struct{ method, path, body, field string }{
		{http.MethodPatch, "/api/notifications/" + string(id), `{}`, "read"},
		{http.MethodPatch, "/api/notifications/" + string(id), `{"read":"yes"}`, "read"},
		{http.MethodPatch, "/api/notifications/" + string(id), `{"read":true,"ids":[]}`, "ids"},
		{http.MethodPost, "/api/notifications/read", `{}`, "read"},
		{http.MethodPost, "/api/notifications/read", `{"read":true,"ids":["42"]}`, "ids"},
		{http.MethodPost, "/api/notifications/read", `{"read":true,"ids":"` + string(id) + `"}`, "ids"},
	} {
		resp, body := st.ask(tt.method, tt.path, anna.tokens.AccessToken, tt.body)
		if resp.StatusCode != 400 || !strings.Contains(body, `"field":"`+tt.field+`"`) {
			t.Errorf("%s %s: %d %s", tt.method, tt.body, resp.StatusCode, body)
		}
	}
}

func TestMarkupStaysAsShortAsItWasWritten(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	const text = "<b>1 & 2</b>"
	id := st.sendTo(anna, api.SendRequest{Payload: text})
	for _, path := range []string{"/api/notifications/" + string(id), "/api/notifications"} {
		if _, body := st.ask(http.MethodGet, path, anna.tokens.AccessToken, nil); !strings.Contains(body, text) {
			t.Errorf("%s: %s", path, body)
		}
	}
}
