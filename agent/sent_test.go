package agent

import (
	"net/url"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/secure"
)

// person signs in without an agent.
func (w *world) person(user string) *api.Client {
	w.Helper()
	base, err := url.Parse(w.url)
	if err != nil {
		w.Fatal(err)
	}
	c := &api.Client{Base: base}
	tokens, err := c.PasswordGrant(w.Context(), user, api.NewSecret(password))
	if err != nil {
		w.Fatal(err)
	}
	c.Tokens = keyToken(tokens.AccessToken)
	return c
}

func TestTheSenderLearnsHowFarItCameAndThePersonOnWhichDevice(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	bob := w.person("bob")
	var id api.ID
	w.until(func() bool { // a device that is registered; without a desktop it shows nothing
		sent, err := bob.Send(t.Context(), api.SendRequest{To: api.Recipients{"anna"}, Title: "Door", Payload: "It is open."}, "")
		if err != nil {
			t.Fatal(err)
		}
		id = sent.IDs[0]
		return sent.Devices == 1
	})
	w.until(func() bool {
		d, err := bob.Status(t.Context(), id)
		return err == nil && d.State == api.StageDelivered && d.DeliveredTo == 1 && d.Devices == nil
	})
	if err := c.SetRead(t.Context(), id, true); err != nil {
		t.Fatal(err)
	}
	if d, err := bob.Status(t.Context(), id); err != nil || d.State != api.StageRead || d.ReadOn != "" {
		t.Errorf("the sender: %+v %v", d, err)
	}
	own, err := c.Delivery(t.Context(), id)
	if err != nil || own.ReadOn != deviceName() || len(own.Devices) != 1 || own.Devices[0].Name != deviceName() || own.Devices[0].Delivered == nil {
		t.Errorf("the person: %+v %v", own, err)
	}
	if _, err := c.Delivery(t.Context(), api.NewID()); api.CodeOf(err) != api.CodeNotFound {
		t.Error(err)
	}
}

func TestWhatWasSentIsListedThroughTheAgent(t *testing.T) {
	w := newWorld(t)
	a := w.open(secure.NewMemory())
	defer func() { _ = a.Close() }()
	c := &local.Client{Transport: a.Transport()}
	if _, err := c.Sent(t.Context(), "", 0); api.CodeOf(err) != api.CodeSignInNeeded {
		t.Error(err)
	}
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"one", "two", "three"} {
		if _, err := c.Send(t.Context(), api.SendRequest{To: api.Recipients{"bob"}, Title: title, Payload: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	first, err := c.Sent(t.Context(), "", 2)
	if err != nil || len(first.Items) != 2 || !first.More || first.Items[0].To != "bob" {
		t.Fatalf("%+v %v", first, err)
	}
	rest, err := c.Sent(t.Context(), first.Next, 2)
	if err != nil || len(rest.Items) != 1 || rest.More {
		t.Fatalf("%+v %v", rest, err)
	}
	titles := map[string]bool{first.Items[0].Title: true, first.Items[1].Title: true, rest.Items[0].Title: true}
	if len(titles) != 3 || !titles["one"] || !titles["two"] || !titles["three"] {
		t.Errorf("titles %v", titles)
	}
}
