package hub_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"securepush/api"
	"securepush/backend/hub"
	"securepush/backend/pushservice"
	"securepush/webpush"
)

// stack is a hub that sends through a real push service in the same process.
type stack struct {
	hub     *hub.Hub
	store   *shelf
	service *pushservice.Service
	address string
	signer  *webpush.Signer
}

// shelf keeps installations in the order in which they came.
type shelf struct {
	mu      sync.Mutex
	devices []api.Installation
	gone    map[string]bool
	marked  chan string
}

func (s *shelf) PutInstallation(_ context.Context, _ string, in api.Installation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.devices {
		if s.devices[i].InstallationID == in.InstallationID {
			s.devices[i] = in
			delete(s.gone, in.InstallationID)
			return nil
		}
	}
	s.devices = append(s.devices, in)
	return nil
}

func (s *shelf) DeleteInstallation(context.Context, string, string) error { return nil }

func (s *shelf) InstallationsByTag(_ context.Context, _, after string, limit int) ([]api.Installation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []api.Installation
	for _, in := range s.devices {
		if in.InstallationID > after && !s.gone[in.InstallationID] && len(out) < limit {
			out = append(out, in)
		}
	}
	return out, nil
}

func (s *shelf) MarkInstallationGone(_ context.Context, id, _ string) error {
	s.mu.Lock()
	s.gone[id] = true
	s.mu.Unlock()
	s.marked <- id
	return nil
}

func newStack(t testing.TB, perDevice int, count *atomic.Int64) *stack {
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
	s := &stack{
		service: service, address: origin.Host, signer: webpush.NewSigner(key, "mailto:test@example.org", nil),
		store: &shelf{gone: map[string]bool{}, marked: make(chan string, 10)},
	}
	transport := service.Transport(hub.NewTransport())
	s.hub, err = hub.New(hub.Options{
		Store: s.store, Signer: s.signer, Trusted: []*url.URL{origin},
		HTTP: counting{transport, count},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = s.hub.Run(ctx) })
	running.Go(func() { _ = service.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		_ = service.Close(context.WithoutCancel(ctx))
	})
	return s
}

// counting counts what was accepted.
type counting struct {
	next  http.RoundTripper
	count *atomic.Int64
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusCreated {
		c.count.Add(1)
	}
	return resp, err
}

// reply is any message of the push service.
type reply struct {
	MessageType, PushEndpoint, Data, ChannelID, Version string
}

// subscribe connects a device, registers channel and puts it into the hub.
func (s *stack) subscribe(t testing.TB, id, channel string) (*websocket.Conn, *webpush.Keys) {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+s.address+"/push", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	s.ask(t, conn, `{"messageType":"hello"}`)
	registered := s.ask(t, conn, fmt.Sprintf(`{"messageType":"register","channelID":%q,"key":%q}`, channel, s.signer.PublicKey()))
	keys, err := webpush.GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	in := api.Installation{
		InstallationID: id, UserID: "anna", Platform: "browser",
		PushChannel: api.PushChannel{Endpoint: registered.PushEndpoint, P256DH: keys.P256DH(), Auth: keys.Auth()},
	}
	if err := s.hub.Put(t.Context(), "account", in); err != nil {
		t.Fatal(err)
	}
	return conn, keys
}

func (s *stack) ask(t testing.TB, conn *websocket.Conn, frame string) reply {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		t.Fatal(err)
	}
	return s.read(t, conn)
}

func (s *stack) read(t testing.TB, conn *websocket.Conn) (r reply) {
	t.Helper()
	if err := conn.ReadJSON(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }

const channel = "0b3ae491-9a09-4b63-8c03-4b07ea6ed652"

func TestASendTravelsThroughThePushServiceToTheDevice(t *testing.T) {
	s := newStack(t, 0, new(atomic.Int64))
	conn, keys := s.subscribe(t, "dev", channel)
	id := api.NewID()
	if n, err := s.hub.Send(t.Context(), "username:anna", id, hub.SendOptions{}); n != 1 || err != nil {
		t.Fatalf("%d devices, %v", n, err)
	}
	got := s.read(t, conn)
	body, err := decode(got.Data)
	if err != nil || len(body) != webpush.MessageSize {
		t.Fatalf("%d bytes, %v", len(body), err)
	}
	text, err := keys.Open(body)
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := api.DecodePush(text); opened != id || err != nil {
		t.Errorf("opened %q, %v", opened, err)
	}
}

func TestADeviceThatUnsubscribedIsGoneUntilItIsPutAgain(t *testing.T) {
	s := newStack(t, 0, new(atomic.Int64))
	conn, _ := s.subscribe(t, "dev", channel)
	s.ask(t, conn, fmt.Sprintf(`{"messageType":"unregister","channelID":%q}`, channel))
	if _, err := s.hub.Send(t.Context(), "username:anna", api.NewID(), hub.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	if id := <-s.store.marked; id != "dev" {
		t.Errorf("%s is gone", id)
	}
	if n, err := s.hub.Send(t.Context(), "username:anna", api.NewID(), hub.SendOptions{}); n != 0 || err != nil {
		t.Errorf("%d devices, %v", n, err)
	}
	conn, _ = s.subscribe(t, "dev", "00000000-0000-4000-8000-000000000001")
	if n, err := s.hub.Send(t.Context(), "username:anna", api.NewID(), hub.SendOptions{}); n != 1 || err != nil {
		t.Errorf("%d devices, %v", n, err)
	}
	s.read(t, conn)
}

// More than the push service keeps for one device: the hub waits with the rest, and all arrive.
func TestABurstToOneDeviceArrivesInFull(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	const burst = 3000
	s := newStack(t, 0, new(atomic.Int64))
	conn, keys := s.subscribe(t, "dev", channel)
	want := make(map[api.ID]bool, burst)
	for range burst {
		id := api.NewID()
		want[id] = true
		if _, err := s.hub.Send(t.Context(), "username:anna", id, hub.SendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for len(want) > 0 {
		got := s.read(t, conn)
		body, err := decode(got.Data)
		if err != nil {
			t.Fatal(err)
		}
		text, err := keys.Open(body)
		if err != nil {
			t.Fatal(err)
		}
		delete(want, api.ID(text))
		ack := fmt.Sprintf(`{"messageType":"ack","updates":[{"channelID":%q,"version":%q,"code":100}]}`, got.ChannelID, got.Version)
		if err := conn.WriteMessage(websocket.TextMessage, []byte(ack)); err != nil {
			t.Fatal(err)
		}
	}
}
