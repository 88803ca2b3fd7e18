package backend

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"securepush/api"
	"securepush/webpush"
)

func TestWellKnownTellsWhatADeviceNeeds(t *testing.T) {
	st := newSite(t, func(c *Config) { c.PushService = nil })
	w, err := st.client().WellKnown(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if w.Name != "Test" || w.API != 1 || w.Limits != defaultLimits || len(w.VAPIDPublicKey) != 87 ||
		w.PushURL != "ws"+strings.TrimPrefix(st.url, "http")+"/push" {
		t.Errorf("%+v", w)
	}
	if err := st.client().CheckClock(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSecretsOutliveARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var keys []string
	for range 2 {
		s, err := Open(t.Context(), Config{PublicURL: mustURL(t, "http://127.0.0.1:1"), DataDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, s.vapid)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if keys[0] != keys[1] {
		t.Error("another VAPID key: every device would have to subscribe anew")
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v %v", info.Mode(), err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s %v %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestConfigurationThatCannotWork(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		cfg  Config
		code api.Code
	}{
		"no public URL":         {Config{DataDir: dir}, api.CodeInvalidField},
		"plain public URL":      {Config{DataDir: dir, PublicURL: mustURL(t, "http://push.example")}, api.CodePlainHTTP},
		"no folder":             {Config{PublicURL: mustURL(t, "https://push.example")}, api.CodeInvalidField},
		"unknown database":      {Config{PublicURL: mustURL(t, "https://push.example"), Database: "postgres://x"}, api.CodeInvalidField},
		"database without path": {Config{PublicURL: mustURL(t, "https://push.example"), Database: "sqlite:"}, api.CodeInvalidField},
	} {
		if s, err := Open(t.Context(), tt.cfg); api.CodeOf(err) != tt.code || api.Words(err) == "" {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
}

func TestHealthReadinessAndMetrics(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	st.sendTo(anna, api.SendRequest{Payload: "x"})
	for _, path := range []string{"/healthz", "/readyz"} {
		if resp, body := st.ask(http.MethodGet, path, "", nil); resp.StatusCode != 200 || body != "{\"status\":\"ok\"}\n" {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	resp, body := st.ask(http.MethodGet, "/metrics", "", nil)
	if resp.StatusCode != 200 || !strings.Contains(body, "securepush_notifications_stored_total 1\n") ||
		!strings.Contains(body, `securepush_http_requests_total{method="POST",route="/api/notifications",status="201"} 1`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	for name, header := range map[string][]string{
		"through a proxy": {"X-Forwarded-For", "192.0.2.1"},
		"from a browser":  {"Origin", "https://evil.example"},
		"by another name": {"Host", "rebound.example"},
	} {
		r := rawRequest(http.MethodGet, "/metrics", "", "")
		r.Host = "localhost"
		if header[0] == "Host" {
			r.Host = header[1]
		}
		r.Header.Set(header[0], header[1])
		w := newDiscard()
		if st.Handler().ServeHTTP(w, r); w.status != 401 {
			t.Errorf("%s: %d", name, w.status)
		}
	}
	r := rawRequest(http.MethodGet, "/metrics", "", "")
	r.Host, r.RemoteAddr = "localhost", "192.0.2.1:5"
	w := newDiscard()
	if st.Handler().ServeHTTP(w, r); w.status != 401 {
		t.Errorf("from another machine: %d", w.status)
	}
}

func TestReadinessSaysWhenTheDatabaseIsGone(t *testing.T) {
	s, err := Open(t.Context(), Config{PublicURL: mustURL(t, "http://127.0.0.1:1"), DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := (&Admin{store: s.store, hasher: s.hasher}).AddKey(t.Context(), "watch", []string{api.ClaimManage})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/readyz": 503, "/healthz": 200, "/.well-known/securepush": 200} {
		w := newDiscard()
		if s.Handler().ServeHTTP(w, rawRequest(http.MethodGet, path, "", "")); w.status != want {
			t.Errorf("%s: %d", path, w.status)
		}
		if want == 503 && w.h.Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
	}
	w := newDiscard()
	if s.Handler().ServeHTTP(w, rawRequest(http.MethodGet, "/api/me", "", key.Reveal())); w.status != 503 {
		t.Errorf("/api/me: %d, but a lost database is no reason to sign out", w.status)
	}
}

// TestPushArrivesOverTheEmbeddedService goes the whole way of a push: a device subscribes over the WebSocket, registers
// here, and gets the ID of what is sent to its user.
func TestPushArrivesOverTheEmbeddedService(t *testing.T) {
	st := newSite(t, func(c *Config) { c.PushService = nil })
	anna := st.addUser("anna")
	w, err := anna.WellKnown(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{w.PushURL, "ws" + strings.TrimPrefix(st.url, "http") + "/"} {
		conn, resp, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{Subprotocols: []string{"push-notification"}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body // taken over by the connection
		say := func(m string) {
			if err := conn.Write(t.Context(), websocket.MessageText, []byte(m)); err != nil {
				t.Fatal(err)
			}
		}
		hear := func(v any) {
			_, b, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, v); err != nil {
				t.Fatal(err)
			}
		}
		var hello, registered struct {
			Status   int
			Endpoint string `json:"pushEndpoint"`
		}
		say(`{"messageType":"hello","use_webpush":true}`)
		hear(&hello)
		say(`{"messageType":"register","channelID":"509ffaae-4486-4d53-b753-0557319f8a02","key":"` + w.VAPIDPublicKey + `"}`)
		hear(&registered)
		if registered.Status != 200 || !strings.HasPrefix(registered.Endpoint, st.url+"/wpush/v2/") {
			t.Fatalf("%+v", registered)
		}
		keys, err := webpush.GenerateKeys()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := anna.PutInstallation(t.Context(), api.Installation{
			InstallationID: "desk", Platform: "browser",
			PushChannel: api.PushChannel{Endpoint: registered.Endpoint, P256DH: keys.P256DH(), Auth: keys.Auth()},
		}); err != nil {
			t.Fatal(err)
		}
		id := st.sendTo(anna, api.SendRequest{Payload: "x"})
		var push struct{ Data []byte }
		var raw struct{ Data string }
		hear(&raw)
		if push.Data, err = decodeURL(raw.Data); err != nil {
			t.Fatal(err)
		}
		text, err := keys.Open(push.Data)
		if err != nil || string(text) != string(id) {
			t.Errorf("%q %v, want %s", text, err, id)
		}
		_ = conn.CloseNow()
	}
}
