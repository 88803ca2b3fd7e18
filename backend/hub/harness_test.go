package hub

import (
	"bytes"
	"context"
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

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
	"securepush/backend/store"
)

// hubName is the hub's in tests.
const hubName = "hub1"

// bench is a hub with a real store behind a real TLS server.
type bench struct {
	t      testing.TB
	hub    *Hub
	store  *store.Store
	server *httptest.Server
	log    *lockedBuffer

	listen, send, full record.Rule
}

// newBench starts one. change may change the options before the hub is made.
func newBench(t testing.TB, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, log: &lockedBuffer{}}
	b.store = openStore(t)
	ctx := t.Context()
	b.listen, b.full = must(b.store.HubRule(ctx, record.DefaultListenRule))(t), must(b.store.HubRule(ctx, record.DefaultFullRule))(t)
	b.send = record.Rule{Name: "OnlySend", Rights: record.Send, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	check(t, b.store.AddHubRule(ctx, b.send))

	b.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.hub.ServeHTTP(w, r) }))
	b.server.StartTLS()
	t.Cleanup(b.server.Close)
	o := Options{
		Name: hubName, PublicURL: must(url.Parse(b.server.URL))(t), Store: b.store, Sender: deaf{},
		Logger: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&o)
	}
	b.hub = must(New(o))(t)
	return b
}

// openStore opens an empty one that is closed at the end.
func openStore(t testing.TB) *store.Store {
	t.Helper()
	s := must(store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "hub.db")}))(t)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait(); _ = s.Close() })
	return s
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body string
}

// request is one call to the hub. Its path is below the hub's name and stands on the wire as it is here.
type request struct {
	method, path string
	rule         record.Rule
	token        string // instead of one of the rule for the whole server; "none": no token
	header       map[string]string
	body         string
}

// do calls the hub.
func (b *bench) do(q request) reply {
	b.t.Helper()
	return b.raw(q, "/"+hubName+q.path)
}

// raw calls any path of the server.
func (b *bench) raw(q request, path string) reply {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), q.method, b.server.URL, strings.NewReader(q.body))
	check(b.t, err)
	req.URL.Opaque = path // as it is
	if p, query, ok := strings.Cut(path, "?"); ok {
		req.URL.Opaque, req.URL.RawQuery = p, query
	}
	req.Header["User-Agent"] = nil
	switch q.token {
	case "none":
	case "":
		req.Header.Set("Authorization", b.token(q.rule, b.server.URL+"/"))
	default:
		req.Header.Set("Authorization", q.token)
	}
	for name, value := range q.header {
		req.Header.Set(name, value)
	}
	res, err := b.server.Client().Do(req)
	check(b.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	check(b.t, err)
	return reply{res, string(body)}
}

// token is good for a resource for an hour.
func (b *bench) token(r record.Rule, resource string) string {
	if r.Name == "" {
		r = b.full
	}
	return sas.Sign(resource, r.Name, r.Primary, time.Now().Add(time.Hour)).Reveal()
}

// want checks a status.
func (r reply) want(t testing.TB, status int) reply {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("%s %s: status %d, want %d: %s", r.Request.Method, r.Request.URL.Opaque, r.StatusCode, status, r.body)
	}
	return r
}

// detail is the text of an error's body, without tracking ID and time.
func (r reply) detail() string {
	_, rest, _ := strings.Cut(r.body, "<Detail>")
	text, _, _ := strings.Cut(rest, ".TrackingId:")
	return text
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer is what a hub has logged.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// deaf is a sender that delivers nothing.
type deaf struct{}

func (deaf) Add(_ context.Context, p delivery.Push) error {
	if p.Report != nil {
		p.Report(delivery.Result{Outcome: delivery.Success})
	}
	return nil
}

func (deaf) Forget(string) {}

func (deaf) Once(context.Context, delivery.Push) delivery.Result {
	return delivery.Result{Outcome: delivery.Success}
}
