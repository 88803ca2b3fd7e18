//go:build linux

package faults

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy stands between the device and its site. Its address is the site's public one; where the site really listens
// changes with each start.
type proxy struct {
	moments *moments
	address string
	server  *http.Server
	pass    *httputil.ReverseProxy
	target  atomic.Pointer[string]
	weather atomic.Pointer[weather]
	asked   atomic.Int64 // requests of the device
	came    atomic.Int64 // connections of it
	papers  *papers      // nil: without TLS

	mu    sync.Mutex
	wires map[*wire]struct{}
	dead  []*wire // frozen, and given up by the site's end
}

// weather is what the proxy does to what passes. The zero value lets everything pass.
type weather struct {
	// answer answers in the site's place; false: the site shall.
	answer func(http.ResponseWriter, *http.Request) bool
	// change changes an answer of the site.
	change func(*http.Response) error
	// refuse resets every new connection.
	refuse bool
	piece  int // bytes that are written at once; 0: all
	pause  time.Duration
}

// newProxy starts it; with papers it speaks TLS.
func newProxy(t testing.TB, m *moments, of *papers) *proxy {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{moments: m, address: l.Addr().String(), wires: map[*wire]struct{}{}, papers: of}
	silent := log.New(io.Discard, "", 0)
	p.pass = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		ModifyResponse: p.answered,
		ErrorLog:       silent,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the site's end is the connection's
	}
	p.set(weather{})
	p.server = &http.Server{Handler: p, ErrorLog: silent, ReadHeaderTimeout: patience}
	var wires net.Listener = &listener{l, p}
	if of != nil {
		wires = tls.NewListener(wires, of.config())
		p.server.ConnContext = rememberConn
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = p.server.Serve(wires) })
	t.Cleanup(func() {
		p.set(weather{})
		p.cut()
		p.each(func(w *wire) { _ = w.Close() })
		_ = p.server.Close()
		serving.Wait()
		for _, w := range p.dead {
			_ = w.Conn.Close()
		}
	})
	return p
}

// listener makes wires.
type listener struct {
	net.Listener
	p *proxy
}

// Accept accepts.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.p.came.Add(1)
	w := newWire(c, l.p)
	l.p.mu.Lock()
	l.p.wires[w] = struct{}{}
	l.p.mu.Unlock()
	if l.p.weather.Load().refuse {
		w.reset()
	}
	return w, nil
}

// url is the address that the device is given.
func (p *proxy) url() string {
	if p.papers != nil {
		return "https://" + p.papers.address(p.address)
	}
	return "http://" + p.address
}

// to says where the site is; "" while it is nowhere.
func (p *proxy) to(address string) { p.target.Store(&address) }

func (p *proxy) set(w weather) { p.weather.Store(&w) }

func (p *proxy) drips() (piece int, pause time.Duration) {
	w := p.weather.Load()
	return w.piece, w.pause
}

// each calls f for every connection of the device.
func (p *proxy) each(f func(*wire)) {
	p.mu.Lock()
	wires := make([]*wire, 0, len(p.wires))
	for w := range p.wires {
		wires = append(wires, w)
	}
	p.mu.Unlock()
	for _, w := range wires {
		f(w)
	}
}

// idle says whether the device has no connection.
func (p *proxy) idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.wires) == 0
}

// cut resets every connection.
func (p *proxy) cut() { p.each((*wire).reset) }

// silence makes every connection a half-open one. New ones are not touched.
func (p *proxy) silence() { p.each((*wire).silence) }

// bury keeps a frozen connection's socket open until the end.
func (p *proxy) bury(w *wire) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, there := p.wires[w]; there {
		delete(p.wires, w)
		p.dead = append(p.dead, w)
	}
}

func (p *proxy) forget(w *wire) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.wires, w)
}

// ServeHTTP passes a request on, or does with it what the weather says.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	if p.papers != nil {
		p.papers.heard(r)
	}
	if answer := p.weather.Load().answer; answer != nil && answer(w, r) {
		return
	}
	if target := p.target.Load(); target == nil || *target == "" {
		panic(http.ErrAbortHandler)
	}
	if there, _ := momentsOf(r); there != "" {
		p.moments.pass(there)
	}
	p.pass.ServeHTTP(w, r)
}

func (p *proxy) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = "http", *p.target.Load()
	r.Out.Host = r.In.Host
	r.Out.Header["X-Forwarded-For"] = []string{"127.0.0.1"}
	*r.Out = *r.Out.WithContext(context.WithValue(r.Out.Context(), asked{}, r.In))
}

// asked is the key of the device's own request.
type asked struct{}

func (p *proxy) answered(resp *http.Response) error {
	in, _ := resp.Request.Context().Value(asked{}).(*http.Request)
	if in != nil {
		if _, back := momentsOf(in); back != "" {
			p.moments.pass(back)
		}
	}
	if change := p.weather.Load().change; change != nil {
		return change(resp)
	}
	return nil
}

// momentsOf says which moments a request and its answer are.
func momentsOf(r *http.Request) (there, back moment) {
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/oauth/token":
		return renewalPasses, tokenPasses
	case r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/api/installations/"):
		return registerPasses, ""
	case r.Method == http.MethodPost && r.URL.Path == "/api/notifications/receipts":
		return reportPasses, ""
	case r.Method != http.MethodGet || !strings.HasPrefix(r.URL.Path, "/api/notifications"):
		return "", ""
	case r.URL.Path == "/api/notifications" && !r.URL.Query().Has("ids"):
		return pagePasses, itemsPass
	}
	return fetchPasses, contentPasses
}
