package pushservice

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"securepush/webpush"
)

// BenchmarkPush measures one push after the other from the request to its receipt by a device on loopback: with the
// sender in the same process, and over a kept HTTP connection.
func BenchmarkPush(b *testing.B) {
	b.Run("in-process", func(b *testing.B) {
		benchmarkPush(b, func(s *Service) http.RoundTripper { return s.Transport(nil) })
	})
	b.Run("http", func(b *testing.B) {
		benchmarkPush(b, func(*Service) http.RoundTripper { return &http.Transport{} })
	})
}

func benchmarkPush(b *testing.B, transport func(*Service) http.RoundTripper) {
	s, address := benchService(b)
	key, err := webpush.GenerateVAPID()
	if err != nil {
		b.Fatal(err)
	}
	conn, endpoint := benchDevice(b, address, key.PublicKey())
	signer := webpush.NewSigner(key, "mailto:test@example.org", nil)
	client := &http.Client{Transport: transport(s)}
	defer client.CloseIdleConnections()
	body := make([]byte, webpush.MessageSize)
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, endpoint, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		authorization, err := signer.Authorization(req.URL)
		if err != nil {
			b.Fatal(err)
		}
		req.Header = http.Header{"Authorization": {authorization}, "Ttl": {"60"}, "Content-Encoding": {"aes128gcm"}}
		resp, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
		var n notification
		if err := conn.ReadJSON(&n); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		if err := conn.WriteJSON(request{MessageType: typeAck, Updates: []update{{Version: n.Version}}}); err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

func benchDevice(b *testing.B, address, key string) (*websocket.Conn, string) {
	conn, resp, err := websocket.DefaultDialer.DialContext(b.Context(), "ws://"+address+"/", nil)
	if err != nil {
		b.Fatal(err)
	}
	_ = resp.Body.Close()
	b.Cleanup(func() { _ = conn.Close() })
	var registered registerReply
	for _, step := range []func() error{
		func() error { return conn.WriteJSON(request{MessageType: typeHello}) },
		func() error { return conn.ReadJSON(&helloReply{}) },
		func() error {
			return conn.WriteJSON(request{MessageType: typeRegister, ChannelID: testChannel, Key: key})
		},
		func() error { return conn.ReadJSON(&registered) },
	} {
		if err := step(); err != nil {
			b.Fatal(err)
		}
	}
	return conn, registered.PushEndpoint
}
