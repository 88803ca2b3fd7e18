package hub

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/webpush"
)

// shelf is a store in memory.
type shelf struct {
	mu      sync.Mutex
	devices map[string]api.Installation
	gone    map[string]string // installation → endpoint
	marked  chan string
}

func newShelf() *shelf {
	return &shelf{devices: map[string]api.Installation{}, gone: map[string]string{}, marked: make(chan string, 1000)}
}

func (s *shelf) PutInstallation(_ context.Context, _ string, in api.Installation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.devices[in.InstallationID] = in
	delete(s.gone, in.InstallationID)
	return nil
}

func (s *shelf) DeleteInstallation(_ context.Context, _, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.devices, id)
	return nil
}

func (s *shelf) InstallationsByTag(_ context.Context, tag, after string, limit int) ([]api.Installation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []api.Installation
	for id, in := range s.devices {
		if _, gone := s.gone[id]; !gone && id > after && slices.Contains(in.Tags, tag) {
			out = append(out, in)
		}
	}
	slices.SortFunc(out, func(a, b api.Installation) int { return cmp.Compare(a.InstallationID, b.InstallationID) })
	return out[:min(limit, len(out))], nil
}

func (s *shelf) MarkInstallationGone(_ context.Context, id, endpoint string) error {
	s.mu.Lock()
	if s.devices[id].PushChannel.Endpoint == endpoint {
		s.gone[id] = endpoint
	}
	s.mu.Unlock()
	s.marked <- id
	return nil
}

// service is a push service in memory: it notes what it is sent and answers as the test wants.
type service struct {
	mu     sync.Mutex
	got    []delivery
	answer func(r *http.Request, attempt int) *answer // nil: 201
	seen   chan delivery
}

type delivery struct {
	endpoint string
	header   http.Header
	body     []byte
	at       time.Time
}

func newService(f func(r *http.Request, attempt int) *answer) *service {
	return &service{answer: f, seen: make(chan delivery, 10_000)}
}

// RoundTrip implements http.RoundTripper.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	d := delivery{endpoint: r.URL.String(), header: r.Header.Clone(), body: b, at: time.Now()}
	s.mu.Lock()
	s.got = append(s.got, d)
	attempt := len(s.got)
	s.mu.Unlock()
	s.seen <- d
	a := status(http.StatusCreated)
	if s.answer != nil {
		a = s.answer(r, attempt)
	}
	if a == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: a.code, Header: a.header, Body: http.NoBody, Request: r}, nil
}

func (s *service) deliveries() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// answer is what a push service says; nil stands for a connection that breaks.
type answer struct {
	code   int
	header http.Header
}

func status(code int, headers ...string) *answer {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &answer{code: code, header: h}
}

// later waits; in a bubble, where all of these tests are, without time going by.
func later(d time.Duration) { <-time.After(d) }

// rig is a hub on a store in memory.
type rig struct {
	hub   *Hub
	store *shelf
}

func newRig(t testing.TB, transport http.RoundTripper, change func(*Options)) *rig {
	t.Helper()
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	store := newShelf()
	o := Options{Store: store, Signer: webpush.NewSigner(key, "mailto:test@example.org", nil), HTTP: transport, Workers: 4}
	if change != nil {
		change(&o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{hub: h, store: store}
}

// run runs the hub until stop is called, at the latest at the end of the test.
func (r *rig) run(t testing.TB) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // which ends too early for the clean-up
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.hub.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop)
	return stop
}

// device is an installation whose messages the test can open.
func device(t testing.TB, id, endpoint string) (api.Installation, *webpush.Keys) {
	t.Helper()
	k, err := webpush.GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	return api.Installation{
		InstallationID: id, UserID: "anna", Platform: "browser",
		PushChannel: api.PushChannel{Endpoint: endpoint, P256DH: k.P256DH(), Auth: k.Auth()},
	}, k
}

// put stores a device for anna.
func (r *rig) put(t testing.TB, id, endpoint string) *webpush.Keys {
	t.Helper()
	in, k := device(t, id, endpoint)
	if err := r.hub.Put(t.Context(), "account", in); err != nil {
		t.Fatal(err)
	}
	return k
}

func (r *rig) send(t testing.TB, id api.ID, o SendOptions) int {
	t.Helper()
	n, err := r.hub.Send(t.Context(), "username:anna", id, o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func endpointOf(id string) string { return "https://push.example/" + strings.ToLower(id) }

// left is what is still queued.
func (r *rig) left() (pushes, lanes int) {
	r.hub.queue.mu.Lock()
	defer r.hub.queue.mu.Unlock()
	return r.hub.queue.total, len(r.hub.queue.lanes)
}

func (s *shelf) isGone(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, gone := s.gone[id]
	return gone
}
