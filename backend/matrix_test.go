package backend

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// TestAuthorisationMatrix asks every route as everybody with every kind of ID, and compares the statuses with a golden
// file. UPDATE_GOLDEN=1 writes it; what changes there has to be meant.
func TestAuthorisationMatrix(t *testing.T) {
	m := newMatrix(t)
	var lines []string
	for _, rt := range m.routes() {
		if strings.HasPrefix(rt.path, "/oauth/") {
			continue // their own tests
		}
		targets := map[string]func(*person) string{"": func(*person) string { return "" }}
		switch {
		case strings.HasPrefix(rt.path, "/api/installations/"), rt.path == "/api/notifications/test", rt.path == "/api/notifications/receipts",
			rt.path == "/api/listen-token":
			targets = m.devices()
		case strings.Contains(rt.path, "{id}"):
			targets = m.notifications()
		}
		for kind, target := range targets {
			for _, w := range m.who {
				if kind == "own expired" && w.owner != m.anna {
					continue // there is one, and it is anna's
				}
				status := m.status(rt, target(w.owner), w.token)
				lines = append(lines, fmt.Sprintf("%-32s %-16s %-8s %d", rt.method+" "+rt.path, kind, w.name, status))
			}
		}
	}
	sort.Strings(lines)
	compareGolden(t, "matrix.txt", strings.Join(lines, "\n")+"\n")
}

// matrix is a site with somebody of every kind.
type matrix struct {
	*site
	anna, ben, root            *person
	who                        []caller
	bens, bensOld, annasExpire api.ID
}

// caller asks; what counts as its own is the owner's.
type caller struct {
	name, token string
	owner       *person
}

func newMatrix(t *testing.T) *matrix {
	clock := newClock()
	st := newSite(t, func(c *Config) {
		c.Limits = defaultLimits
		c.Limits.RequestBurst = 10_000
		c.Now = clock.now
	})
	m := &matrix{site: st, anna: st.addUser("anna"), ben: st.addUser("ben"), root: st.addUser("root", api.ClaimSend, api.ClaimManage)}
	_, watch, err := st.admin.AddKey(t.Context(), "watch", []string{api.ClaimManage})
	if err != nil {
		t.Fatal(err)
	}
	ended := st.signIn("anna")
	if err := ended.Revoke(t.Context(), api.NewSecret(ended.tokens.AccessToken), ""); err != nil {
		t.Fatal(err)
	}
	m.who = []caller{
		{"nobody", "", m.anna},
		{"garbage", strings.Repeat("A", 32), m.anna},
		{"ended", ended.tokens.AccessToken, m.anna},
		{"refresh", m.anna.tokens.RefreshToken, m.anna},
		{"anna", m.anna.tokens.AccessToken, m.anna},
		{"root", m.root.tokens.AccessToken, m.root},
		{"key", st.key, m.anna},
		{"watch", watch.Reveal(), m.anna},
	}
	st.addDevice(m.ben, "bens-desk")
	soon := clock.now().Add(time.Minute)
	m.bens = st.sendTo(m.ben, api.SendRequest{Payload: "x"})
	m.bensOld = st.sendTo(m.ben, api.SendRequest{Payload: "x", ExpiresAt: &soon})
	m.annasExpire = st.sendTo(m.anna, api.SendRequest{Payload: "x", ExpiresAt: &soon})
	clock.pass(2 * time.Minute)
	return m
}

// notifications gives IDs of every kind. Each ask gets a new one where it can: a DELETE must not change what the next sees.
func (m *matrix) notifications() map[string]func(*person) string {
	own := func(p *person) api.ID { return m.sendTo(p, api.SendRequest{Payload: "x"}) }
	return map[string]func(*person) string{
		"own": func(p *person) string { return string(own(p)) },
		"own deleted": func(p *person) string {
			id := own(p)
			if err := p.Delete(m.t.Context(), id); err != nil {
				m.t.Fatal(err)
			}
			return string(id)
		},
		"own expired":     func(*person) string { return string(m.annasExpire) },
		"foreign":         func(*person) string { return string(m.bens) },
		"foreign expired": func(*person) string { return string(m.bensOld) },
		"unknown":         func(*person) string { return string(api.NewID()) },
		"malformed":       func(*person) string { return "42" },
	}
}

func (m *matrix) devices() map[string]func(*person) string {
	return map[string]func(*person) string{
		"own":     func(p *person) string { m.addDevice(p, "desk-"+p.tokens.User); return "desk-" + p.tokens.User },
		"foreign": func(*person) string { return "bens-desk" },
		"unknown": func(*person) string { return string(api.NewID()) },
	}
}

// status asks with a body that would do, from elsewhere: to this machine /metrics is open.
func (m *matrix) status(rt route, id, token string) int {
	var body any
	switch rt.method + " " + rt.path {
	case "POST /api/notifications":
		body = `{"to":"ben","payload":"x"}`
	case "POST /api/notifications/read":
		body = `{"read":true,"ids":["AAAAAAAAAAAAAAAAAAAAAA"]}`
	case "POST /api/notifications/receipts":
		body = `{"installationId":"` + id + `","shown":["AAAAAAAAAAAAAAAAAAAAAA"]}`
	case "POST /api/notifications/test":
		body = `{"installationId":"` + id + `"}`
	case "PATCH /api/notifications/{id}":
		body = `{"read":true}`
	case "PUT /api/installations/{id}":
		body = `{"platform":"browser","pushChannel":` + channelJSON(m.push.device(id)) + `}`
	}
	path := strings.ReplaceAll(rt.path, "{id}", id)
	if rt.path == "/api/listen-token" {
		path += "?installationId=" + id
	}
	resp, _ := m.ask(rt.method, path, token, body, "X-Forwarded-For", "192.0.2.1")
	return resp.StatusCode
}

func channelJSON(in api.Installation) string {
	return fmt.Sprintf(`{"endpoint":%q,"p256dh":%q,"auth":%q}`, in.PushChannel.Endpoint, in.PushChannel.P256DH, in.PushChannel.Auth)
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	w := strings.Split(string(want), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(w) || line != w[i] {
			t.Errorf("%s line %d:\n got %s\nwant %s", name, i+1, line, append(w, "")[min(i, len(w))])
		}
	}
}

func TestForeignAndUnknownAnswersAreTheSame(t *testing.T) {
	st := newSite(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	st.addDevice(ben, "bens-desk")
	id := st.sendTo(ben, api.SendRequest{Payload: "ben's"})
	pairs := [][2]string{
		{"/api/notifications/" + string(id), "/api/notifications/" + string(api.NewID())},
		{"/api/installations/bens-desk", "/api/installations/no-such-desk"},
	}
	for _, pair := range pairs {
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			foreign, a := st.ask(method, pair[0], anna.tokens.AccessToken, nil)
			unknown, b := st.ask(method, pair[1], anna.tokens.AccessToken, nil)
			foreign.Header.Del("Date")
			unknown.Header.Del("Date")
			if a != b || fmt.Sprint(foreign.Header) != fmt.Sprint(unknown.Header) || foreign.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s can be told from an unknown one:\n%d %v %s\n%d %v %s", method, pair[0],
					foreign.StatusCode, foreign.Header, a, unknown.StatusCode, unknown.Header, b)
			}
		}
	}
}
