//go:build linux

package faults

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// tunnel is an HTTP proxy of an organisation: it leads to the site by CONNECT, and to nowhere else.
type tunnel struct {
	t        testing.TB
	address  string
	to       string                 // where the site really is
	wants    atomic.Pointer[string] // user and password, user:password; "" lets everybody in
	listens  net.Listener
	lost     atomic.Bool
	led      atomic.Int64 // connections to the site
	sessions sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newTunnel(t testing.TB, to, wanted string) *tunnel {
	t.Helper()
	p := &tunnel{t: t, to: to, address: "127.0.0.1:0", conns: map[net.Conn]struct{}{}}
	p.wants.Store(&wanted)
	if err := p.listen(); err != nil {
		t.Fatal(err)
	}
	p.address = p.listens.Addr().String()
	t.Cleanup(func() {
		p.die()
		p.sessions.Wait()
	})
	return p
}

// listen lets it accept connections, at the address that it had if it had one.
func (p *tunnel) listen() error {
	l, err := new(net.ListenConfig).Listen(p.t.Context(), "tcp", p.address)
	if err != nil {
		return err
	}
	p.listens = l
	p.sessions.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.sessions.Go(func() { p.serve(c) })
		}
	})
	return nil
}

// url is what HTTPS_PROXY says; given is user:password, or "".
func (p *tunnel) url(given string) string {
	if given != "" {
		given += "@"
	}
	return "http://" + given + p.address
}

// want changes who is let in, and ends what is open.
func (p *tunnel) want(who string) {
	p.wants.Store(&who)
	p.cut()
}

// hangUp ends what is open, and what comes, as a proxy does that has lost its own way.
func (p *tunnel) hangUp() {
	p.lost.Store(true)
	p.cut()
}

// die ends what is open, and listens no more.
func (p *tunnel) die() {
	p.hangUp()
	_ = p.listens.Close()
}

// revive ends either. Somebody else may have its port for a moment.
func (p *tunnel) revive() {
	p.t.Helper()
	p.lost.Store(false)
	_ = p.listens.Close()
	await(p.t, "the proxy listens again", func() bool { return p.listen() == nil })
}

func (p *tunnel) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// hold makes cut end a connection. The returned function ends it too.
func (p *tunnel) hold(c net.Conn) (done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, c)
		_ = c.Close()
	}
}

// serve leads one connection.
func (p *tunnel) serve(c net.Conn) {
	defer p.hold(c)()
	if p.lost.Load() {
		return
	}
	in := bufio.NewReader(c)
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	switch {
	case r.Method != http.MethodConnect || r.Host != siteName+":443":
		p.t.Errorf("the proxy is asked: %s %s", r.Method, r.Host)
		p.answer(c, "403 Forbidden")
		return
	case r.Header.Get("Authorization") != "":
		p.t.Error("the proxy was told a token")
	}
	if want := *p.wants.Load(); want != "" && r.Header.Get("Proxy-Authorization") != basic(want) {
		p.answer(c, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"the ward\"")
		return
	}
	out, err := net.Dial("tcp", p.to)
	if err != nil {
		p.answer(c, "502 Bad Gateway")
		return
	}
	defer p.hold(out)()
	p.led.Add(1)
	p.answer(c, "200 Connection established")
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(c, out)
		_ = c.Close()
	})
	_, _ = io.Copy(out, in)
	_ = out.Close()
	back.Wait()
}

func (p *tunnel) answer(c net.Conn, status string) {
	_, _ = io.WriteString(c, "HTTP/1.1 "+status+"\r\n\r\n")
}

func basic(userinfo string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(userinfo))
}

// leaks says which part of a user and password stands in a text.
func leaks(text, userinfo string) bool {
	name, password, _ := strings.Cut(userinfo, ":")
	return strings.Contains(text, name) || strings.Contains(text, password) || strings.Contains(text, strings.TrimPrefix(basic(userinfo), "Basic "))
}
