//go:build linux

package e2e

import (
	"io"
	"net"
	"sync"
	"testing"
)

// gate passes TCP connections on while it is open, and cuts all of them when it is closed.
type gate struct {
	net.Listener
	target string

	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]struct{}
	all   sync.WaitGroup
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{Listener: l, target: target, conns: map[net.Conn]struct{}{}}
	g.all.Go(g.accept)
	t.Cleanup(func() {
		g.set(true)
		_ = l.Close()
		g.all.Wait()
	})
	return g
}

func (g *gate) url() string { return "http://" + g.Addr().String() }

// set shuts or opens the gate.
func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	for c := range g.conns {
		if shut {
			_ = c.Close()
		}
	}
}

func (g *gate) accept() {
	for {
		in, err := g.Accept()
		if err != nil {
			return
		}
		g.all.Go(func() { g.pass(in) })
	}
}

// keep notes a connection, or refuses it.
func (g *gate) keep(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	g.conns[c] = struct{}{}
	return true
}

func (g *gate) pass(in net.Conn) {
	defer func() { _ = in.Close() }()
	out, err := net.Dial("tcp", g.target)
	if err != nil {
		return
	}
	defer func() { _ = out.Close() }()
	if !g.keep(in) || !g.keep(out) {
		return
	}
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
		both.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = in.Close()
			_ = out.Close()
		})
	}
	both.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, in)
	delete(g.conns, out)
}
