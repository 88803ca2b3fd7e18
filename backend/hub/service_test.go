package hub_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"securepush/api"
	"securepush/backend/hub"
	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
	"securepush/backend/pushservice"
	"securepush/backend/store"
	"securepush/webpush"
)

// stack is a hub that sends through a real push service in the same process.
type stack struct {
	t       testing.TB
	store   *store.Store
	client  http.Client
	rule    record.Rule
	address string // of the push service
	signer  *webpush.Signer
}

// newStack starts one. count counts what the push service has taken.
func newStack(t testing.TB, perDevice int, count *atomic.Int64) *stack {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	origin := must(url.Parse(server.URL))(t)
	service := must(pushservice.New(pushservice.Options{Origin: server.URL, Secret: make([]byte, 32), MessagesPerDevice: perDevice, Channels: 100}))(t)
	mux.Handle("/", service.WebSocket())
	db := must(store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "hub.db")}))(t)
	key := must(webpush.GenerateVAPID())(t)
	s := &stack{t: t, store: db, address: origin.Host, signer: webpush.NewSigner(key, "mailto:test@example.org", nil)}
	s.rule = must(db.HubRule(t.Context(), record.DefaultFullRule))(t)
	sender := must(delivery.New(delivery.Options{
		Signer: s.signer, Trusted: []*url.URL{origin}, HTTP: counting{service.Transport(delivery.NewTransport()), count},
	}))(t)
	h := must(hub.New(hub.Options{PublicURL: must(url.Parse("https://hub.example"))(t), Store: db, Sender: sender}))(t)
	s.client = http.Client{Transport: h.Transport(http.DefaultTransport)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{h.Run, sender.Run, service.Run, db.Run} {
		running.Go(func() { _ = run(ctx) })
	}
	t.Cleanup(func() {
		cancel()
		running.Wait()
		_ = service.Close(context.WithoutCancel(ctx))
		_ = db.Close()
	})
	return s
}

// counting counts what was accepted.
type counting struct {
	next  http.RoundTripper
	count *atomic.Int64
}

// RoundTrip passes a push on.
func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusCreated {
		c.count.Add(1)
	}
	return resp, err
}

// call makes a request to the hub and returns its answer's body.
func (s *stack) call(method, path string, status int, header map[string]string, body string) string {
	s.t.Helper()
	req := must(http.NewRequestWithContext(s.t.Context(), method, "https://hub.example/securepush"+path, strings.NewReader(body)))(s.t)
	req.Header.Set("Authorization", sas.Sign("https://hub.example/", s.rule.Name, s.rule.Primary, time.Now().Add(time.Hour)).Reveal())
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp := must(s.client.Do(req))(s.t)
	defer resp.Body.Close() //nolint:errcheck // it was read
	answer := must(io.ReadAll(resp.Body))(s.t)
	if resp.StatusCode != status {
		s.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
	return string(answer)
}

func (s *stack) send(tags string, body []byte) {
	s.t.Helper()
	s.call("POST", "/messages", http.StatusCreated, map[string]string{
		"ServiceBusNotification-Format": "browser", "ServiceBusNotification-Tags": tags, "Content-Type": "application/json;charset=utf-8",
	}, string(body))
}

// reply is any message of the push service.
type reply struct {
	MessageType, PushEndpoint, Data, ChannelID, Version string
}

// device connects one to the push service.
func (s *stack) device() *websocket.Conn {
	s.t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(s.t.Context(), "ws://"+s.address+"/push", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	s.t.Cleanup(func() { _ = conn.Close() })
	s.ask(conn, `{"messageType":"hello"}`)
	return conn
}

// subscribe gives a device a channel and returns its endpoint.
func (s *stack) subscribe(conn *websocket.Conn, channel string) string {
	s.t.Helper()
	return s.ask(conn, fmt.Sprintf(`{"messageType":"register","channelID":%q,"key":%q}`, channel, s.signer.PublicKey())).PushEndpoint
}

// install puts an installation into the hub, as official clients do.
func (s *stack) install(id, endpoint string, keys *webpush.Keys) {
	s.t.Helper()
	s.call("PUT", "/installations/"+id+"?api-version=2020-06", http.StatusOK, nil, fmt.Sprintf(
		`{"installationId":%q,"platform":"browser","tags":["username:anna"],"pushChannel":{"endpoint":%q,"p256dh":%q,"auth":%q}}`,
		id, endpoint, keys.P256DH(), keys.Auth()))
}

func (s *stack) ask(conn *websocket.Conn, frame string) reply {
	s.t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		s.t.Fatal(err)
	}
	return s.read(conn)
}

func (s *stack) read(conn *websocket.Conn) (r reply) {
	s.t.Helper()
	if err := conn.ReadJSON(&r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const channel = "0b3ae491-9a09-4b63-8c03-4b07ea6ed652"

func TestASendTravelsThroughThePushServiceToTheDevice(t *testing.T) {
	s := newStack(t, 0, new(atomic.Int64))
	conn, keys := s.device(), must(webpush.GenerateKeys())(t)
	s.install("dev", s.subscribe(conn, channel), keys)
	want := api.EncodePush(api.NewID())
	s.send("username:anna && $InstallationId:{dev}", want)
	body := must(base64.RawURLEncoding.DecodeString(s.read(conn).Data))(t)
	if text, err := keys.Open(body); string(text) != string(want) || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestADeviceThatUnsubscribedIsToldSoAndComesBack(t *testing.T) {
	s := newStack(t, 0, new(atomic.Int64))
	conn, keys := s.device(), must(webpush.GenerateKeys())(t)
	s.install("dev", s.subscribe(conn, channel), keys)
	s.ask(conn, fmt.Sprintf(`{"messageType":"unregister","channelID":%q}`, channel))
	out := s.call("POST", "/messages?test", http.StatusCreated, map[string]string{
		"ServiceBusNotification-Format": "browser", "ServiceBusNotification-Tags": "username:anna",
	}, "7")
	if !strings.Contains(out, "(ExpiredChannel)") {
		t.Errorf("%s", out)
	}
	if text := s.call("GET", "/installations/dev", http.StatusOK, nil, ""); !strings.Contains(text, `"pushChannelExpired":true`) {
		t.Errorf("%s", text)
	}
	s.install("dev", s.subscribe(conn, "00000000-0000-4000-8000-000000000001"), keys)
	s.send("username:anna", []byte("8"))
	s.read(conn)
}
