//go:build linux

package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// sending is one send through an official client.
//
// Example: {"connection":"Endpoint=sb://…","hub":"securepush","tagExpression":"username:anna","id":"7Jb0m3Zl3oWm4m0x0n9L9w"}.
type sending struct {
	Connection    string `json:"connection"`
	Hub           string `json:"hub"`
	TagExpression string `json:"tagExpression"`
	ID            string `json:"id"`
}

// sent is what the client knows of it afterwards.
//
// Example: {"state":"Completed","outcomes":[{"state":"Success","count":1}]}.
type sent struct {
	State      string `json:"state"`
	StatusCode int    `json:"statusCode"`
	Outcomes   []struct {
		State string `json:"state"`
		Count int    `json:"count"`
	} `json:"outcomes"`
}

// sendWith sends with the official JavaScript client.
func (s *stack) sendWith(node, caFile string, what sending) sent {
	s.Helper()
	var out sent
	if err := json.Unmarshal(s.node(node, "send.mjs", caFile, what), &out); err != nil {
		s.Fatal(err)
	}
	return out
}

func TestASendOfAnOfficialClientBecomesAToast(t *testing.T) {
	node := needClients(t)
	s := newStack(t, desktop.Options{})
	m := s.watch()
	push := s.pushService()
	ca := s.authority("Hausinterne Stelle")
	c := s.clinic(append(ca.issue("server", "127.0.0.1", time.Now().Add(24*time.Hour)), "--push-service", push.URL+"/push")...)
	connection := s.rule(c.data, "laboratory", "send")
	t.Setenv("CURL_CA_BUNDLE", ca.file)
	s.configure("ca_file = \"" + ca.file + "\"\n")
	s.listen()
	s.login(c.url)
	s.channel(s.person(&api.Client{Base: mustURL(s, c.url), HTTP: trusting(t, ca.file)}, user))

	t.Log("the back end's own push is lost, so that nothing tells the device of the notification")
	push.answer(http.StatusCreated)
	id := s.curl(c.url, c.key, message(""))
	s.until("the push is lost", func() bool { return len(push.seen()) == 1 })
	push.answer(0)
	if st := s.status(); st.Counters.Pushes != 0 || len(m.with(title)) != 0 {
		t.Fatalf("it is known already: %+v", st.Counters)
	}

	t.Log("a program sends the ID through the hub")
	got := s.sendWith(node, ca.file, sending{connection, "securepush", "username:" + user, id})
	if got.State != "Completed" || len(got.Outcomes) != 1 || got.Outcomes[0].State != "Success" || got.Outcomes[0].Count != 1 {
		t.Errorf("the client was told %+v", got)
	}
	toast := m.wait(title)
	if !strings.Contains(toast.Body, "4,1 mmol") || !strings.Contains(toast.Body, sender) {
		t.Errorf("the toast is %+v", toast)
	}
	s.until("it is counted", func() bool { return s.status().Counters.Shown == 1 })
	if st := decode[local.Status](s, s.must("", "status", "--json")); st.Counters.Pushes != 1 || len(m.with(title)) != 1 {
		t.Errorf("counters are %+v, toasts %+v", st.Counters, m.all())
	}

	t.Log("again, and for somebody else, it shows nothing")
	s.sendWith(node, ca.file, sending{connection, "securepush", "username:" + user, id})
	if got := s.sendWith(node, ca.file, sending{connection, "securepush", "username:somebody-else", id}); got.State != "NoTargetFound" {
		t.Errorf("the client was told %+v", got)
	}
	s.until("the second push", func() bool { return s.status().Counters.Pushes == 2 })
	if toasts := m.all(); len(toasts) != 1 {
		t.Errorf("%d toasts: %+v", len(toasts), toasts)
	}
}

func TestAReplacedKeyCountsNoMoreAndTheOtherOneGoesOn(t *testing.T) {
	node := needClients(t)
	s := newServerStack(t)
	h := s.hubSite()
	show := func(key string) string {
		return strings.TrimSpace(s.must("", "rule", "show", "laboratory", "--key", key, "--connection-string", "--data", h.data))
	}
	status := func(connection string) int {
		return s.sendWith(node, h.caFile, sending{connection, "securepush", "nobody", "x"}).StatusCode
	}
	primary := s.rule(h.data, "laboratory", "send")
	secondary := show("secondary")
	if primary == secondary || primary != show("primary") {
		t.Fatal("these are not the two keys of a rule")
	}
	s.must("", "rule", "rotate", "laboratory", "--key", "primary", "--data", h.data)
	for name, c := range map[string]struct {
		connection string
		status     int
	}{
		"the replaced key": {primary, http.StatusUnauthorized}, "the other key": {secondary, 0}, "the new key": {show("primary"), 0},
	} {
		if got := status(c.connection); got != c.status {
			t.Errorf("%s: %d", name, got)
		}
	}
	s.must("", "rule", "remove", "laboratory", "--data", h.data)
	if got := status(secondary); got != http.StatusUnauthorized {
		t.Errorf("a rule that was removed: %d", got)
	}
}
