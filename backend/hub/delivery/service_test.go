package delivery_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"securepush/api"
	"securepush/backend/hub/delivery"
	"securepush/backend/pushservice"
	"securepush/pushlistener/autopush"
	"securepush/webpush"
)

// stack is a sender that sends through a real push service in the same process.
type stack struct {
	sender  *delivery.Sender
	service *pushservice.Service
	address string
	signer  *webpush.Signer
}

func newStack(t testing.TB, perDevice int) *stack {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	origin, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	service, err := pushservice.New(pushservice.Options{Origin: server.URL, Secret: make([]byte, 32), MessagesPerDevice: perDevice, Channels: 100})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", service.WebSocket())
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	s := &stack{service: service, address: origin.Host, signer: webpush.NewSigner(key, "mailto:test@example.org", nil)}
	s.sender, err = delivery.New(delivery.Options{
		Signer: s.signer, Trusted: []*url.URL{origin}, HTTP: service.Transport(delivery.NewTransport()),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = s.sender.Run(ctx) })
	running.Go(func() { _ = service.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		_ = service.Close(context.WithoutCancel(ctx))
	})
	return s
}

// reply is any message of the push service.
type reply struct {
	MessageType, PushEndpoint, Data, ChannelID, Version string
}

// subscribe connects a device and registers [channel].
func (s *stack) subscribe(t testing.TB) (conn *websocket.Conn, keys *webpush.Keys, to delivery.Push) {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+s.address+"/push", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	s.ask(t, conn, `{"messageType":"hello"}`)
	if keys, err = webpush.GenerateKeys(); err != nil {
		t.Fatal(err)
	}
	return conn, keys, delivery.Push{Endpoint: s.register(t, conn, channel), P256DH: keys.P256DH(), Auth: keys.Auth()}
}

func (s *stack) register(t testing.TB, conn *websocket.Conn, channel string) (endpoint string) {
	t.Helper()
	return s.ask(t, conn, fmt.Sprintf(`{"messageType":"register","channelID":%q,"key":%q}`, channel, s.signer.PublicKey())).PushEndpoint
}

func (s *stack) ask(t testing.TB, conn *websocket.Conn, frame string) reply {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		t.Fatal(err)
	}
	return read(t, conn)
}

func read(t testing.TB, conn *websocket.Conn) (r reply) {
	t.Helper()
	if err := conn.ReadJSON(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

// open decrypts a notification.
func open(t *testing.T, keys *webpush.Keys, r reply) (size int, text string) {
	t.Helper()
	body, err := base64.RawURLEncoding.DecodeString(r.Data)
	if err != nil {
		t.Fatal(err)
	}
	b, err := keys.Open(body)
	if err != nil {
		t.Fatal(err)
	}
	return len(body), string(b)
}

const channel = "0b3ae491-9a09-4b63-8c03-4b07ea6ed652"

func TestAPushTravelsThroughThePushServiceToTheDevice(t *testing.T) {
	s := newStack(t, 0)
	conn, keys, p := s.subscribe(t)
	results := make(chan delivery.Result, 1)
	p.Body, p.Topic, p.Report = []byte("7Jb0m3Zl3oWm4m0x0n9L9w"), "any", func(r delivery.Result) { results <- r }
	if err := s.sender.Add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if size, text := open(t, keys, read(t, conn)); size != webpush.MessageSize || text != string(p.Body) {
		t.Errorf("%d bytes opened to %q", size, text)
	}
	if r := <-results; r != (delivery.Result{Outcome: delivery.Success, Status: http.StatusCreated}) {
		t.Errorf("reported %+v", r)
	}
}

func TestADeviceThatUnsubscribedIsReportedAsGone(t *testing.T) {
	s := newStack(t, 0)
	conn, _, p := s.subscribe(t)
	s.ask(t, conn, fmt.Sprintf(`{"messageType":"unregister","channelID":%q}`, channel))
	results := make(chan delivery.Result, 1)
	p.Report = func(r delivery.Result) { results <- r }
	if err := s.sender.Add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	want := delivery.Result{Outcome: delivery.ExpiredChannel, Status: http.StatusGone}
	if r := <-results; r != want {
		t.Errorf("reported %+v", r)
	}
	if r := s.sender.Once(t.Context(), p); r != want {
		t.Errorf("%+v", r)
	}
}

func TestAnotherVAPIDKeyIsRefused(t *testing.T) {
	s := newStack(t, 0)
	_, _, p := s.subscribe(t)
	other := newStack(t, 0)
	stranger, err := delivery.New(delivery.Options{
		Signer: other.signer, Trusted: []*url.URL{{Scheme: "http", Host: s.address}}, HTTP: s.service.Transport(delivery.NewTransport()),
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := stranger.Once(t.Context(), p); r.Outcome != delivery.InvalidCredentials {
		t.Errorf("%+v", r)
	}
}

// More than the push service keeps for one device: the rest waits, and all arrive.
func TestABurstToOneDeviceArrivesInFull(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	const burst = 3000
	s := newStack(t, 0)
	conn, keys, p := s.subscribe(t)
	want := make(map[string]bool, burst)
	for range burst {
		p.Body = []byte(api.NewID())
		want[string(p.Body)] = true
		if err := s.sender.Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	for len(want) > 0 {
		got := read(t, conn)
		_, text := open(t, keys, got)
		delete(want, text)
		ack := fmt.Sprintf(`{"messageType":"ack","updates":[{"channelID":%q,"version":%q,"code":100}]}`, got.ChannelID, got.Version)
		if err := conn.WriteMessage(websocket.TextMessage, []byte(ack)); err != nil {
			t.Fatal(err)
		}
	}
}

// device is the handler of a real device's end.
type device struct {
	channels chan api.PushChannel
	texts    chan string
}

func (device) SaveState([]byte) error          { return nil }
func (d device) Subscribed(ch api.PushChannel) { d.channels <- ch }
func (device) Undecryptable()                  {}
func (device) Link(bool, error)                {}
func (d device) Push(_ context.Context, text []byte) error {
	d.texts <- string(text)
	return nil
}

func TestTextsOfEverySizeReachARealDevice(t *testing.T) {
	s := newStack(t, 0)
	d := device{channels: make(chan api.PushChannel, 10), texts: make(chan string, 10)}
	edge := autopush.New(autopush.Config{URL: "ws://" + s.address + "/push", VAPIDKey: s.signer.PublicKey()}, nil, d)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = edge.Run(ctx) })
	defer running.Wait()
	defer cancel()
	to := <-d.channels
	now := time.Now()
	for _, n := range []int{0, 22, 153, 154, 409, 921, 1945, 1946, webpush.MaxPlaintext} {
		p := delivery.Push{
			Endpoint: to.Endpoint, P256DH: to.P256DH, Auth: to.Auth,
			Body: []byte(strings.Repeat("x", n)), Queued: now, Deadline: now.Add(time.Minute),
		}
		if r := s.sender.Once(t.Context(), p); r.Outcome != delivery.Success {
			t.Fatalf("%d bytes: %+v", n, r)
		}
		if text := <-d.texts; text != string(p.Body) {
			t.Errorf("%d bytes came as %d", n, len(text))
		}
	}
}
