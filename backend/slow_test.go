package backend

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// hang opens connections that begin to ask and do not go on.
func hang(t *testing.T, address string, n int, beginning string) []net.Conn {
	t.Helper()
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, beginning); err != nil {
			t.Fatal(err)
		}
		conns[i] = c
	}
	return conns
}

func TestClientsThatAreSlowHoldNobodyUpAndAreHungUpOn(t *testing.T) {
	t.Parallel() // it waits for real deadlines
	s := serve(t, ServeOptions{Listen: "127.0.0.1:0"})
	address := s.Addr.String()
	request := "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	slow := map[string][]net.Conn{
		"nothing":          hang(t, address, 150, ""),
		"half a line":      hang(t, address, 150, "GET / HT"),
		"half a header":    hang(t, address, 150, request+"X-A: b"),
		"half a body":      hang(t, address, 50, request+"Content-Length: 900\r\n\r\ngrant_type=pass"),
		"a body in pieces": hang(t, address, 50, request+"Transfer-Encoding: chunked\r\n\r\n5\r\ngrant"),
		"a second request": hang(t, address, 50, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /hea"),
	}
	resp, err := http.Get(s.PublicURL.String() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("while they hang: %d", resp.StatusCode)
	}
	until := time.Now().Add(2 * time.Minute)
	for name, conns := range slow {
		for _, c := range conns {
			if err := c.SetReadDeadline(until); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(c)
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				t.Fatalf("%s: not hung up on; it was told %q", name, answer)
			}
			if strings.Contains(string(answer), " 500 ") {
				t.Errorf("%s: told %q", name, answer)
			}
		}
	}
}

func TestARequestOfManyHeadersIsRefused(t *testing.T) {
	s := serve(t, ServeOptions{Listen: "127.0.0.1:0"})
	for name, text := range map[string]string{
		"one long line":   "GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"one long header": "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 64<<10) + "\r\n\r\n",
		"many headers":    "GET /healthz HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: b\r\n", 8<<10) + "\r\n",
		"two lengths":     "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
		"two hosts":       "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"a folded header": "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\x00c\r\n\r\n",
		"a bare feed":     "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
	} {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr.String())
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(c, text) }() // the server may hang up in the middle of it
		answer, _ := io.ReadAll(io.LimitReader(c, 12))
		_ = c.Close()
		if len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("%s: %q", name, answer)
		}
	}
}
