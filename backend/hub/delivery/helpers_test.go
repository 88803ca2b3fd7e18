package delivery

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/webpush"
)

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

// rig is a sender with a push service in memory, and what it has reported.
type rig struct {
	sender  *Sender
	mu      sync.Mutex
	results map[string][]Result // by device
	keys    map[string]*webpush.Keys
}

func newRig(t testing.TB, transport http.RoundTripper, change func(*Options)) *rig {
	t.Helper()
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Signer: webpush.NewSigner(key, "mailto:test@example.org", nil), HTTP: transport, Workers: 4}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{sender: s, results: map[string][]Result{}, keys: map[string]*webpush.Keys{}}
}

// run runs the sender until stop is called, at the latest at the end of the test.
func (r *rig) run(t testing.TB) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // which ends too early for the clean-up
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.sender.Run(ctx); err != nil {
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

// push is a message for an hour to a device, whose endpoint is its name, unless that is a URL, and whose results are noted.
func (r *rig) push(t testing.TB, device string) Push {
	t.Helper()
	k := r.keys[device]
	if k == nil {
		var err error
		if k, err = webpush.GenerateKeys(); err != nil {
			t.Fatal(err)
		}
		r.keys[device] = k
	}
	now := time.Now()
	return Push{
		Endpoint: endpointOf(device), P256DH: k.P256DH(), Auth: k.Auth(), Body: []byte(someID), Queued: now, Deadline: now.Add(time.Hour),
		Report: func(result Result) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.results[device] = append(r.results[device], result)
		},
	}
}

// add queues a push to each device.
func (r *rig) add(t testing.TB, devices ...string) {
	t.Helper()
	for _, d := range devices {
		if err := r.sender.Add(t.Context(), r.push(t, d)); err != nil {
			t.Fatal(err)
		}
	}
}

// reported is what has been reported for a device.
func (r *rig) reported(device string) []Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.results[device])
}

// outcomes counts what has been reported for a device.
func (r *rig) outcomes(device string) map[string]int {
	out := map[string]int{}
	for _, result := range r.reported(device) {
		out[result.Outcome]++
	}
	return out
}

const someID = "7Jb0m3Zl3oWm4m0x0n9L9w"

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func endpointOf(device string) string {
	if strings.Contains(device, "://") {
		return device
	}
	return "https://push.example/" + device
}

// left is what is still queued.
func (r *rig) left() (pushes, lanes int) {
	q := r.sender.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lanes) == 0 && len(q.origins) > 0 {
		lanes = -1 // an origin is remembered for nothing
	}
	return q.total, lanes + len(q.lanes)
}

// attempts counts the requests to a device.
func (s *service) attempts(device string) int {
	n := 0
	for _, d := range s.deliveries() {
		if d.endpoint == endpointOf(device) {
			n++
		}
	}
	return n
}
