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
	now := time.Now()
	st := newSite(t, func(c *Config) {
		c.Limits = defaultLimits
		c.Limits.RequestBurst = 10_000
		c.Now = func() time.Time { return now }
	})
	anna, ben := st.addUser("anna"), st.addUser("ben")
	root := st.addUser("root", api.ClaimSend, api.ClaimManage)
	_, watch, err := st.admin.AddKey(t.Context(), "watch", []string{api.ClaimManage})
	if err != nil {
		t.Fatal(err)
	}
	ended := st.signIn("anna")
	if err := ended.Revoke(t.Context(), api.NewSecret(ended.tokens.AccessToken)); err != nil {
		t.Fatal(err)
	}
	st.addDevice(ben, "bens-desk")
	who := []struct{ name, token string }{
		{"nobody", ""},
		{"garbage", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		{"ended", ended.tokens.AccessToken},
		{"refresh", anna.tokens.RefreshToken},
		{"anna", anna.tokens.AccessToken},
		{"root", root.tokens.AccessToken},
		{"key", st.key},
		{"watch", watch.Reveal()},
	}
	soon := now.Add(time.Minute)
	bens := st.sendTo(ben, api.SendRequest{Payload: "ben's"})
	bensOld := st.sendTo(ben, api.SendRequest{Payload: "ben's", ExpiresAt: &soon})
	annasOld := st.sendTo(anna, api.SendRequest{Payload: "anna's", ExpiresAt: &soon})
	now = now.Add(2 * time.Minute)

	// Each ask has targets of its own: a DELETE must not change what the next line sees.
	targets := map[string]func(p *person) string{
		"own": func(p *person) string {
			return string(st.sendTo(p, api.SendRequest{Payload: "x"}))
		},
		"own deleted": func(p *person) string {
			id := st.sendTo(p, api.SendRequest{Payload: "x"})
			if err := p.Delete(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			return string(id)
		},
		"own expired":     func(*person) string { return string(annasOld) },
		"foreign":         func(*person) string { return string(bens) },
		"foreign expired": func(*person) string { return string(bensOld) },
		"unknown":         func(*person) string { return string(api.NewID()) },
		"malformed":       func(*person) string { return "42" },
	}
	devices := map[string]func(p *person) string{
		"own":     func(p *person) string { st.addDevice(p, "desk-"+p.tokens.User); return "desk-" + p.tokens.User },
		"foreign": func(*person) string { return "bens-desk" },
		"unknown": func(*person) string { return string(api.NewID()) },
	}
	bodies := map[string]string{
		"POST /api/notifications":       `{"to":"ben","payload":"x"}`,
		"POST /api/notifications/read":  `{"read":true,"ids":["AAAAAAAAAAAAAAAAAAAAAA"]}`,
		"POST /api/notifications/test":  `{"installationId":"{id}"}`,
		"PATCH /api/notifications/{id}": `{"read":true}`,
	}
	var lines []string
	for _, rt := range st.routes() {
		name := rt.method + " " + rt.path
		if strings.HasPrefix(rt.path, "/oauth/") {
			continue // their own tests
		}
		ids := map[string]func(*person) string{"": func(*person) string { return "" }}
		switch {
		case strings.HasPrefix(rt.path, "/api/installations/"), rt.path == "/api/notifications/test":
			ids = devices
		case strings.Contains(rt.path, "{id}"):
			ids = targets
		}
		for kind, target := range ids {
			for _, w := range who {
				p := anna
				if w.name == "root" {
					p = root
					if kind == "own expired" {
						continue
					}
				}
				id := target(p)
				body := strings.ReplaceAll(bodies[name], "{id}", id)
				if name == "PUT /api/installations/{id}" {
					body = fmt.Sprintf(`{"platform":"browser","pushChannel":%s}`, channelJSON(st.push.device(id)))
				}
				var b any
				if body != "" {
					b = body
				}
				// from "elsewhere", or /metrics would be open to all
				resp, _ := st.ask(rt.method, strings.ReplaceAll(rt.path, "{id}", id), w.token, b, "X-Forwarded-For", "192.0.2.1")
				lines = append(lines, fmt.Sprintf("%-32s %-16s %-8s %d", name, kind, w.name, resp.StatusCode))
			}
		}
	}
	sort.Strings(lines)
	compareGolden(t, "matrix.txt", strings.Join(lines, "\n")+"\n")
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
