package hubclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/hub/sas"
)

const (
	testKey  = "bXktc2VjcmV0LWtleQ=="
	testRule = "DefaultFullSharedAccessSignature"
)

// seen is a request as the hub got it.
type seen struct {
	method, uri, body string
	header            http.Header
	at                time.Time
}

// hub answers with what a test has prepared, in turn, and again and again with the last.
type hub struct {
	mu      sync.Mutex
	replies []reply
	got     []seen
}

// reply is an answer as it is on the wire, without its first line's protocol.
type reply struct {
	status int
	header map[string]string
	body   string
	drop   bool // the connection, instead of an answer
}

func (h *hub) take(r *http.Request) reply {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, seen{r.Method, r.RequestURI, string(body), r.Header.Clone(), time.Now()})
	return h.replies[min(len(h.got), len(h.replies))-1]
}

func (h *hub) requests() []seen {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.got
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := h.take(r)
	if a.drop {
		panic(http.ErrAbortHandler)
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func connection(t testing.TB, address string) sas.ConnectionString {
	t.Helper()
	c, err := sas.ParseConnectionString(api.NewSecret("Endpoint=sb://" + address + "/;SharedAccessKeyName=" + testRule + ";SharedAccessKey=" + testKey))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serve starts a hub on TLS and a client that trusts it.
func serve(t testing.TB, replies ...reply) (*hub, *Client) {
	t.Helper()
	h := &hub{replies: replies}
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	c, err := New(Options{Connection: connection(t, s.Listener.Addr().String()), Hub: "hub1", HTTP: s.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	return h, c
}

// step is what a transport in memory does with one attempt.
type step func(*http.Request) (*http.Response, error)

// memory is a transport without a network, for virtual time. It goes on with the last step.
type memory struct {
	mu    sync.Mutex
	steps []step
	got   []seen
}

func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.got = append(m.got, seen{r.Method, r.URL.RequestURI(), string(body), r.Header.Clone(), time.Now()})
	next := m.steps[min(len(m.got), len(m.steps))-1]
	m.mu.Unlock()
	return next(r)
}

func inMemory(t testing.TB, log io.Writer, steps ...step) (*memory, *Client) {
	t.Helper()
	m := &memory{steps: steps}
	c, err := New(Options{
		Connection: connection(t, "ns.servicebus.windows.net"), Hub: "hub1", HTTP: m,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, c
}

func answers(status int, retryAfter string) step {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Location": {"https://ns.servicebus.windows.net/hub1/messages/4651-15?api-version=2020-06"}}
		if retryAfter != "" {
			h.Set("Retry-After", retryAfter)
		}
		body := "<Error><Code>503</Code><Detail>busy.TrackingId:x</Detail></Error>"
		if status == http.StatusOK {
			body = `{"installationId":"dev-1"}`
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

var errBroken = errors.New("connection reset")

// breaks fails as net/http does: before the request is written, or after.
func breaks(written bool) step {
	return func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GetConn("ns.servicebus.windows.net:443")
		if written {
			trace.WroteHeaders()
		}
		return nil, errBroken
	}
}

// silent fails without telling how far it came.
func silent(*http.Request) (*http.Response, error) { return nil, errBroken }

// hangs waits for the attempt to be given up.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// tornBody begins an answer that does not end.
func tornBody(r *http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"installationId":`), &failing{})
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errBroken }

// operations are all a client can do.
var operations = []struct {
	name   string
	repeat bool
	do     func(context.Context, *Client) error
}{
	{opPut, true, func(ctx context.Context, c *Client) error { return c.PutInstallation(ctx, browser) }},
	{opGet, true, func(ctx context.Context, c *Client) error { _, err := c.Installation(ctx, browser.ID); return err }},
	{opDelete, true, func(ctx context.Context, c *Client) error { return c.DeleteInstallation(ctx, browser.ID) }},
	{opSend, false, func(ctx context.Context, c *Client) error { _, err := c.Send(ctx, message); return err }},
}

var (
	browser = Installation{
		ID: "dev-1", UserID: "alice", Tags: []string{"username:alice", "news"},
		Channel: api.PushChannel{Endpoint: "https://push.example/abc", P256DH: "BPUB", Auth: "AUTH"},
	}
	message = Message{Tags: "username:alice", Body: []byte(`{"id":"7"}`)}
)

// buffer is a log that several goroutines may write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
