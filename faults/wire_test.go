//go:build linux

package faults

import (
	"bytes"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// wire is a connection between the device and the proxy.
type wire struct {
	net.Conn
	proxy  *proxy
	frozen chan struct{} // closed: nothing comes or goes any more, and nobody says so
	freeze sync.Once
	closed chan struct{}
	close  sync.Once
	pushed atomic.Bool // the last that went to the device was a push
	shown  atomic.Pointer[tls.Certificate]
}

func newWire(c net.Conn, p *proxy) *wire {
	return &wire{Conn: c, proxy: p, frozen: make(chan struct{}), closed: make(chan struct{})}
}

// Read waits for ever on a frozen connection.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if w.held() {
		return 0, net.ErrClosed
	}
	if n > 0 && w.pushed.Swap(false) {
		w.proxy.moments.pass(ackPasses)
	}
	return n, err
}

// Write says that it wrote on a frozen connection, as a socket does until its buffer is full.
func (w *wire) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(`"messageType":"notification"`)) {
		w.proxy.moments.pass(pushPasses)
		w.pushed.Store(true)
	}
	if w.isFrozen() {
		return len(b), nil
	}
	if piece, pause := w.proxy.drips(); piece > 0 {
		return w.drip(b, piece, pause)
	}
	return w.Conn.Write(b)
}

// drip writes little by little, as long as the proxy drips.
func (w *wire) drip(b []byte, piece int, pause time.Duration) (int, error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for sent := 0; sent < len(b); {
		now, _ := w.proxy.drips()
		if now == 0 {
			n, err := w.Conn.Write(b[sent:])
			return sent + n, err
		}
		n, err := w.Conn.Write(b[sent:min(sent+piece, len(b))])
		sent += n
		if err != nil {
			return sent, err
		}
		select {
		case <-tick.C:
		case <-w.closed:
			return sent, net.ErrClosed
		}
	}
	return len(b), nil
}

// held waits while the connection is frozen, and says whether it was.
func (w *wire) held() bool {
	if w.isFrozen() {
		<-w.closed
		return true
	}
	return false
}

func (w *wire) isFrozen() bool {
	select {
	case <-w.frozen:
		return true
	default:
		return false
	}
}

// silence freezes the connection for good.
func (w *wire) silence() { w.freeze.Do(func() { close(w.frozen) }) }

// reset ends the connection with a TCP reset, unless nothing goes over it any more.
func (w *wire) reset() {
	if w.isFrozen() {
		return
	}
	if c, ok := w.Conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	_ = w.Close()
}

// Close closes. Of a frozen connection the device hears nothing: the proxy lets go of it at its own end.
func (w *wire) Close() error {
	w.close.Do(func() { close(w.closed) })
	if w.isFrozen() {
		w.proxy.bury(w)
		return nil
	}
	w.proxy.forget(w)
	return w.Conn.Close()
}
