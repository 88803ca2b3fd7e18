package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// capture stands before a push service and keeps everything that crosses it, unmasked and decoded.
type capture struct {
	*httptest.Server
	mu     sync.Mutex
	bytes  bytes.Buffer
	pushes []int // sizes of the bodies of RFC 8030 requests
	frames int
	target *url.URL
}

func newCapture(t *testing.T) *capture {
	t.Helper()
	c := &capture{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(func() {
		c.CloseClientConnections()
		c.Close()
	})
	return c
}

// to says where the push service is.
func (c *capture) to(t *testing.T, target string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.target = u
}

func (c *capture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	target := c.target
	_, _ = fmt.Fprintf(&c.bytes, "%s %s\n", r.Method, r.URL)
	_ = r.Header.Write(&c.bytes)
	c.mu.Unlock()
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		c.webSocket(w, r, target)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c.mu.Lock()
	c.bytes.Write(body)
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/wpush/") {
		c.pushes = append(c.pushes, len(body))
	}
	c.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.Host = p.In.Host // the public name, as a proxy in front of a site keeps it
	}}
	proxy.ServeHTTP(w, r)
}

// webSocket passes messages both ways.
func (c *capture) webSocket(w http.ResponseWriter, r *http.Request, target *url.URL) {
	device, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"push-notification"}})
	if err != nil {
		return
	}
	defer func() { _ = device.CloseNow() }()
	service, _, err := websocket.Dial(r.Context(), "ws://"+target.Host+r.URL.Path, &websocket.DialOptions{Host: r.Host})
	if err != nil {
		return
	}
	defer func() { _ = service.CloseNow() }()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() { defer cancel(); c.pass(ctx, device, service) })
	both.Go(func() { defer cancel(); c.pass(ctx, service, device) })
	both.Wait()
}

func (c *capture) pass(ctx context.Context, from, to *websocket.Conn) {
	for {
		kind, message, err := from.Read(ctx)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.bytes.Write(message)
		c.bytes.WriteByte('\n')
		c.frames++
		c.mu.Unlock()
		if to.Write(ctx, kind, message) != nil {
			return
		}
	}
}

// holds says in which form a text was seen, or "".
func (c *capture) holds(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.bytes.Bytes()
	for form, b := range map[string]string{
		"plain": text, "hex": hex.EncodeToString([]byte(text)), "query": url.QueryEscape(text),
		"base64":    strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(text)), "="),
		"base64url": base64.RawURLEncoding.EncodeToString([]byte(text)),
	} {
		if bytes.Contains(bytes.ToLower(seen), bytes.ToLower([]byte(b))) {
			return form
		}
	}
	return ""
}

// freePort is a port that nothing listens on, for a server that has to come back at the same place.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
