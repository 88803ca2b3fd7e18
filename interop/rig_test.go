// Package interop_test holds tests in which device and back end meet: each side against the other's real code.
package interop_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/pushservice"
	"securepush/pushlistener/autopush"
	"securepush/webpush"
)

// patience is how long something that happens at once may take on a busy machine.
const patience = time.Minute

// service is a push service behind a real HTTP server on loopback, which can stop and start at the same address.
type service struct {
	address string
	key     *webpush.VAPIDKey
	signer  *webpush.Signer
	stop    func()
}

func newService(t testing.TB) *service {
	t.Helper()
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	s := &service{address: "127.0.0.1:0", key: key, signer: webpush.NewSigner(key, "mailto:push@example.org", nil)}
	s.start(t)
	t.Cleanup(func() { s.stop() })
	return s
}

// start runs a service that remembers nothing but its secret.
func (s *service) start(t testing.TB) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	push, err := pushservice.New(pushservice.Options{Origin: "http://" + s.address, Secret: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/wpush/", push.Handler())
	mux.Handle("/push", push.WebSocket())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: patience}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	running.Go(func() {
		if err := push.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	s.stop = sync.OnceFunc(func() {
		closing, done := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer done()
		if err := push.Close(closing); err != nil {
			t.Errorf("close: %v", err)
		}
		_ = server.Close()
		cancel()
		running.Wait()
	})
}

// seal makes the request of one push.
func (s *service) seal(t testing.TB, ch api.PushChannel, text string) *http.Request {
	t.Helper()
	body, err := webpush.Seal(ch.P256DH, ch.Auth, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, ch.Endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	header, err := s.signer.Authorization(req.URL)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", header)
	req.Header.Set("Content-Encoding", "aes128gcm")
	req.Header.Set("TTL", "3600")
	return req
}

// send pushes and gives the status back.
func send(t testing.TB, req *http.Request) int {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

func (s *service) push(t testing.TB, ch api.PushChannel, text string) {
	t.Helper()
	if got := send(t, s.seal(t, ch, text)); got != http.StatusCreated {
		t.Fatalf("the push service answered %d", got)
	}
}

// device is a handler and what it has on disk.
type device struct {
	channels      chan api.PushChannel
	texts         chan string
	undecryptable chan struct{}
	refuse        func(text string) error

	mu    sync.Mutex
	saved []byte
	stop  func()
	edge  *autopush.Edge
}

func newDevice() *device {
	return &device{
		channels: make(chan api.PushChannel, 64), texts: make(chan string, 1<<14), undecryptable: make(chan struct{}, 64),
	}
}

func (d *device) SaveState(b []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saved = slices.Clone(b)
	return nil
}

func (d *device) Subscribed(ch api.PushChannel) { d.channels <- ch }

func (d *device) Push(_ context.Context, text []byte) error {
	if d.refuse != nil {
		if err := d.refuse(string(text)); err != nil {
			return err
		}
	}
	d.texts <- string(text)
	return nil
}

func (d *device) Undecryptable() { d.undecryptable <- struct{}{} }

func (d *device) Link(bool, error) {}

// connect starts an edge with what the device has saved, and waits until it has subscribed.
func (d *device) connect(t testing.TB, s *service, change ...func(*autopush.Config)) api.PushChannel {
	t.Helper()
	cfg := autopush.Config{
		URL: "ws://" + s.address + "/push", VAPIDKey: s.key.PublicKey(), Jitter: func() float64 { return 0 },
	}
	for _, f := range change {
		f(&cfg)
	}
	d.mu.Lock()
	d.edge = autopush.New(cfg, d.saved, d)
	d.mu.Unlock()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- d.edge.Run(ctx) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	t.Cleanup(d.stop)
	return d.subscribed(t)
}

func (d *device) subscribed(t testing.TB) api.PushChannel { return wait(t, d.channels, "a channel") }

func (d *device) expect(t testing.TB, want string) {
	t.Helper()
	if got := wait(t, d.texts, want); got != want {
		t.Fatalf("received %q, want %q", got, want)
	}
}

func wait[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func parse(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
