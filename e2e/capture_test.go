//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
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
	pushes []push
	frames []string // messages of the WebSocket, both ways
	target *url.URL
	status int // what pushes are answered with, which then get no further; 0: what the push service says
}

// push is one RFC 8030 request.
type push struct {
	path   string
	header http.Header
	body   []byte
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

// answer decides what pushes are answered with from now on, in place of the push service; 0: let it answer.
func (c *capture) answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
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
	status := 0
	c.mu.Lock()
	c.bytes.Write(body)
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/wpush/") {
		c.pushes = append(c.pushes, push{r.URL.Path, r.Header.Clone(), body})
		status = c.status
	}
	c.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
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
		c.frames = append(c.frames, string(message))
		c.mu.Unlock()
		if to.Write(ctx, kind, message) != nil {
			return
		}
	}
}

// seen is a copy of the pushes so far.
func (c *capture) seen() []push {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]push(nil), c.pushes...)
}

// post sends a push straight to its endpoint, as any program can that knows it, and returns the status.
func (c *capture) post(s *stack, p push) int {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, c.URL+p.path, bytes.NewReader(p.body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header = p.header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}

// acks counts the acknowledgements of the device by their code.
func (c *capture) acks() map[int]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := map[int]int{}
	for _, f := range c.frames {
		var m struct {
			Type    string `json:"messageType"`
			Updates []struct{ Code int }
		}
		if json.Unmarshal([]byte(f), &m) == nil && m.Type == "ack" {
			for _, u := range m.Updates {
				n[u.Code]++
			}
		}
	}
	return n
}

// holds says in which form a text was seen, or "".
func (c *capture) holds(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return find(c.bytes.Bytes(), text)
}

// find says in which form a text stands in b, or "".
func find(b []byte, text string) string {
	b = bytes.ToLower(b)
	for form, t := range map[string]string{
		"plain": text, "hex": hex.EncodeToString([]byte(text)), "query": url.QueryEscape(text), "JSON": strings.Trim(strconv.QuoteToASCII(text), `"`),
	} {
		if bytes.Contains(b, bytes.ToLower([]byte(t))) {
			return form
		}
	}
	for before := range 3 { // bytes that stand before the text in what was encoded
		within := []byte(text)[(3-before)%3:]
		within = within[:len(within)/3*3]
		for form, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
			if t := encoding.EncodeToString(within); len(t) > 7 && bytes.Contains(b, bytes.ToLower([]byte(t))) {
				return form
			}
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
