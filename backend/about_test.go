package backend

import (
	"encoding/base64"
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
		d := subscribe(t, address, w.VAPIDPublicKey)
		if !strings.HasPrefix(d.endpoint, st.url+"/wpush/v2/") {
			t.Fatalf("endpoint %s", d.endpoint)
		}
		if _, err := anna.PutInstallation(t.Context(), api.Installation{
			InstallationID: "desk", Platform: "browser",
			PushChannel: api.PushChannel{Endpoint: d.endpoint, P256DH: d.keys.P256DH(), Auth: d.keys.Auth()},
		}); err != nil {
			t.Fatal(err)
		}
		id := st.sendTo(anna, api.SendRequest{Payload: "x"})
		var push struct{ Data string }
		d.hear(&push)
		sealed, err := base64.RawURLEncoding.DecodeString(push.Data)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := d.keys.Open(sealed); err != nil || string(text) != string(api.EncodePush(id)) {
			t.Errorf("%q %v, want %s", text, err, id)
		}
	}
}

// wire is a device on the push service's WebSocket.
type wire struct {
	t        *testing.T
	conn     *websocket.Conn
	keys     *webpush.Keys
	endpoint string
}

// subscribe connects and opens a channel.
func subscribe(t *testing.T, address, vapid string) *wire {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), address,
		&websocket.DialOptions{Subprotocols: []string{"push-notification"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	d := &wire{t: t, conn: conn}
	if d.keys, err = webpush.GenerateKeys(); err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status   int
		Endpoint string `json:"pushEndpoint"`
	}
	d.say(`{"messageType":"hello","use_webpush":true}`)
	d.hear(&answer)
	d.say(`{"messageType":"register","channelID":"509ffaae-4486-4d53-b753-0557319f8a02","key":"` + vapid + `"}`)
	d.hear(&answer)
	if answer.Status != 200 {
		t.Fatalf("%+v", answer)
	}
	d.endpoint = answer.Endpoint
	return d
}

func (d *wire) say(m string) {
	d.t.Helper()
	if err := d.conn.Write(d.t.Context(), websocket.MessageText, []byte(m)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *wire) hear(v any) {
	d.t.Helper()
	_, b, err := d.conn.Read(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		d.t.Fatal(err)
	}
}
