package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/webpush"
)

// site is a real server with users, a sender key and a push service that the test reads.
type site struct {
	*Server
	t     testing.TB
	url   string
	dir   string
	admin *Admin
	push  *pushes
	logs  *logs
	key   string // sender key with the claim send
}

const testPassword = "correct horse battery"

// newSite starts a server on loopback. Every answer is held against openapi.yaml. Users are added with addUser.
func newSite(t testing.TB, change ...func(*Config)) *site {
	t.Helper()
	hs := httptest.NewUnstartedServer(nil)
	base := "http://" + hs.Listener.Addr().String()
	st := &site{t: t, url: base, dir: filepath.Join(t.TempDir(), "data"), push: newPushes(t), logs: &logs{}}
	cfg := Config{
		PublicURL: mustURL(t, base), DataDir: st.dir, PushService: mustURL(t, st.push.url), Name: "Test", Version: "1",
		Logger: slog.New(slog.NewTextHandler(st.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	st.Server = s
	hs.Config.Handler = s.Handler()
	if tt, ok := t.(*testing.T); ok {
		hs.Config.Handler = newContract(tt).check(s.Handler())
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	hs.Start()
	t.Cleanup(func() {
		hs.Close()
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	st.admin = &Admin{store: s.store, hasher: s.hasher}
	_, key, err := st.admin.AddKey(t.Context(), "plant", []string{api.ClaimSend})
	if err != nil {
		t.Fatal(err)
	}
	st.key = key.Reveal()
	return st
}

// person is a signed-in user with a client of their own.
type person struct {
	*api.Client
	account string
	tokens  api.Tokens
}

// Token gives the access token.
func (p *person) Token(context.Context) (api.Secret, error) {
	return api.NewSecret(p.tokens.AccessToken), nil
}

// Renew never does: a test shows the 401.
func (p *person) Renew(context.Context, api.Secret) (api.Secret, error) {
	return api.Secret{}, api.NewProblem(api.CodeUnauthorized, "refused")
}

func (st *site) client() *api.Client {
	return &api.Client{Base: mustURL(st.t, st.url)}
}

// addUser makes an account and signs it in.
func (st *site) addUser(name string, claims ...string) *person {
	st.t.Helper()
	if _, err := st.admin.AddUser(st.t.Context(), name, api.NewSecret(testPassword), claims); err != nil {
		st.t.Fatal(err)
	}
	return st.signIn(name)
}

func (st *site) signIn(name string) *person {
	st.t.Helper()
	tokens, err := st.client().PasswordGrant(st.t.Context(), name, api.NewSecret(testPassword))
	if err != nil {
		st.t.Fatal(err)
	}
	p := &person{Client: st.client(), account: tokens.Account, tokens: tokens}
	p.Tokens = p
	return p
}

// addDevice registers a device at the test's push service.
func (st *site) addDevice(p *person, id string, tags ...string) {
	st.t.Helper()
	if _, err := p.PutInstallation(st.t.Context(), st.push.device(id, tags...)); err != nil {
		st.t.Fatal(err)
	}
}

func (st *site) sendTo(p *person, r api.SendRequest) api.ID {
	st.t.Helper()
	res, err := p.Send(st.t.Context(), r, "")
	if err != nil {
		st.t.Fatal(err)
	}
	return res.IDs[0]
}

// ask sends a raw request. token may be empty, body a string, a []byte or a value for JSON.
func (st *site) ask(method, path, token string, body any, header ...string) (*http.Response, string) {
	st.t.Helper()
	var r io.Reader
	contentType := "application/json"
	switch v := body.(type) {
	case nil:
		contentType = ""
	case string:
		r = strings.NewReader(v)
	case []byte:
		r = bytes.NewReader(v)
	case url.Values:
		r, contentType = strings.NewReader(v.Encode()), "application/x-www-form-urlencoded"
	default:
		b, err := json.Marshal(v)
		if err != nil {
			st.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(st.t.Context(), method, st.url+path, r)
	if err != nil {
		st.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		st.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		st.t.Fatal(err)
	}
	return resp, string(b)
}

// code is the code of a problem document or OAuth error, "" when the text is neither.
func code(body string) api.Code {
	var p struct {
		Code  api.Code `json:"code"`
		Error api.Code `json:"error"`
	}
	_ = json.Unmarshal([]byte(body), &p)
	if p.Code == "" {
		return p.Error
	}
	return p.Code
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// pushes is a push service that opens what arrives.
type pushes struct {
	t    testing.TB
	url  string
	keys sync.Map // device → *webpush.Keys
	gone sync.Map // devices that answer 410
	got  chan pushed
}

type pushed struct {
	device string
	id     api.ID
	header http.Header
}

func newPushes(t testing.TB) *pushes {
	p := &pushes{t: t, got: make(chan pushed, 10_000)}
	hs := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(hs.Close)
	p.url = hs.URL
	return p
}

func (p *pushes) serve(w http.ResponseWriter, r *http.Request) {
	device := strings.TrimPrefix(r.URL.Path, "/")
	if _, gone := p.gone.Load(device); gone {
		w.WriteHeader(http.StatusGone)
		return
	}
	b, _ := io.ReadAll(r.Body)
	k, ok := p.keys.Load(device)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	text, err := k.(*webpush.Keys).Open(b)
	if err != nil {
		p.t.Errorf("push does not open: %v", err)
	}
	id, err := api.DecodePush(text)
	if err != nil {
		p.t.Errorf("push is no ID: %v", err)
	}
	p.got <- pushed{device, id, r.Header}
	w.WriteHeader(http.StatusCreated)
}

// device makes a device's registration, always with the same keys.
func (p *pushes) device(id string, tags ...string) api.Installation {
	fresh, err := webpush.GenerateKeys()
	if err != nil {
		p.t.Fatal(err)
	}
	v, _ := p.keys.LoadOrStore(id, fresh)
	k := v.(*webpush.Keys)
	return api.Installation{
		InstallationID: id, Platform: "browser", Tags: tags, Name: "Desk",
		PushChannel: api.PushChannel{Endpoint: p.url + "/" + id, P256DH: k.P256DH(), Auth: k.Auth()},
	}
}

// next waits for a push.
func (p *pushes) next() pushed {
	p.t.Helper()
	select {
	case got := <-p.got:
		return got
	case <-time.After(time.Minute):
		p.t.Fatal("no push came")
		panic("unreachable")
	}
}

// expect waits for as many pushes as named, "device ID" each, in any order, and for no other.
func (p *pushes) expect(want ...string) {
	p.t.Helper()
	missing := map[string]int{}
	for _, w := range want {
		missing[w]++
	}
	for range want {
		got := p.next()
		name := got.device + " " + string(got.id)
		if missing[name] == 0 {
			p.t.Errorf("unexpected push %s", name)
		}
		missing[name]--
	}
}

// logs is what the server logged.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends.
func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
