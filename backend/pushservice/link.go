package pushservice

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// farewell is how long a peer has to answer a close frame. Hanging up at once may destroy the frame on its way.
const farewell = time.Second

// Causes for which the service ends a connection; labels of a metric.
const (
	causeBinary   = "binary"    // a frame that is not text
	causeProtocol = "protocol"  // not a message of the protocol, or not its turn
	causePing     = "ping_rate" // application pings too close together
	causeTimeout  = "timeout"   // no hello, or no sign of life after a PING
	causeReplaced = "replaced"  // the device has connected again
	causeFull     = "full"      // no room for another device
	causeShutdown = "shutdown"
	causeWrite    = "write" // the device does not take what is sent
)

// closeCode is the WebSocket close code of a cause, as autopush has it.
func closeCode(cause string) int {
	switch cause {
	case causeBinary:
		return websocket.CloseUnsupportedData
	case causeShutdown:
		return websocket.CloseGoingAway
	default:
		return websocket.CloseInternalServerErr
	}
}

// link is a device's connection. One goroutine reads; whoever has something for the device writes.
type link struct {
	s    *Service
	conn *websocket.Conn

	write sync.Mutex // one data frame at a time

	mu      sync.Mutex
	closing bool // a close frame is out: the reader waits for the peer's and takes nothing else
	pinged  bool // a read deadline runs until the next sign of life

	// Of the reader alone.
	device   *device // nil before hello
	lastPing time.Time

	// Of the roster.
	due           time.Time
	before, after *link
}

// read takes one message and leaves the next one to a new goroutine. Handling a message makes a stack grow, and Go never
// shrinks one to its first 2 KB while a read waits on it; a goroutine that has only ever read keeps to those.
func (l *link) read() {
	kind, r, err := l.conn.NextReader()
	if err == nil {
		err = l.take(kind, r)
	}
	if err != nil {
		l.end(err)
		return
	}
	go l.read() // still the one reservation that the roster waits for
}

// take handles one message. Its errors are of the connection; a device that breaks the rules is sent away by bye.
func (l *link) take(kind int, r io.Reader) error {
	b, err := io.ReadAll(r) // bounded by SetReadLimit
	if err != nil {
		return err
	}
	if l.ending() {
		return nil
	}
	cause := causeBinary
	if kind == websocket.TextMessage {
		cause = causeProtocol
		if q, err := decodeFrame(b); err == nil {
			cause = l.s.dispatch(l, q)
		}
	}
	if cause != "" {
		l.bye(cause)
		return nil
	}
	l.alive()
	return nil
}

// alive ends the wait for a sign of life. Before hello nothing does: a peer that only sends PINGs is not a device.
func (l *link) alive() {
	if l.device == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pinged && !l.closing {
		l.pinged = false
		_ = l.conn.SetReadDeadline(time.Time{}) // fails on a closed connection only, as the next read will
	}
}

func (l *link) ending() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing
}

// pong is gorilla's pong handler.
func (l *link) pong(string) error {
	l.alive()
	return nil
}

// ping is gorilla's ping handler: answers, at any rate.
func (l *link) ping(data string) error {
	l.alive()
	err := l.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(farewell))
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, websocket.ErrCloseSent) {
		return nil
	}
	return err
}

// probe sends a PING that has to be answered within timeout. It does not wait for a frame that is being written: that one has
// a deadline of its own.
func (l *link) probe(timeout time.Duration) {
	if !l.write.TryLock() {
		return
	}
	defer l.write.Unlock()
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return
	}
	l.pinged = true
	_ = l.conn.SetReadDeadline(time.Now().Add(timeout)) // fails on a closed connection only
	l.mu.Unlock()
	if err := l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(farewell)); err != nil {
		l.hangUp(causeWrite)
	}
}

// send writes a message. When it cannot be written in time, the connection ends.
func (l *link) send(b []byte) error {
	l.write.Lock()
	defer l.write.Unlock()
	_ = l.conn.SetWriteDeadline(time.Now().Add(l.s.o.WriteTimeout)) // only notes it
	err := l.conn.WriteMessage(websocket.TextMessage, b)
	if err != nil && !errors.Is(err, websocket.ErrCloseSent) {
		l.hangUp(causeWrite)
	}
	return err
}

// reply sends an answer. An error needs no handling: the connection has ended, which the reader finds out by itself.
func (l *link) reply(v any) {
	b, err := json.Marshal(v)
	if err == nil {
		_ = l.send(b)
	}
}

// bye sends a close frame and gives the peer a moment to answer it; the reader then ends the connection. It takes no
// longer than that moment, also when a write hangs.
func (l *link) bye(cause string) {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return
	}
	l.closing = true
	_ = l.conn.SetReadDeadline(time.Now().Add(farewell)) // fails on a closed connection only
	l.mu.Unlock()
	l.s.metrics.closes.WithLabelValues(cause).Inc()
	text := websocket.FormatCloseMessage(closeCode(cause), "")
	if err := l.conn.WriteControl(websocket.CloseMessage, text, time.Now().Add(farewell)); err != nil {
		_ = l.conn.Close()
	}
}

// hangUp ends the connection without words; the reader notices.
func (l *link) hangUp(cause string) {
	l.mu.Lock()
	first := !l.closing
	l.closing = true
	l.mu.Unlock()
	if first {
		l.s.metrics.closes.WithLabelValues(cause).Inc()
	}
	_ = l.conn.Close()
}

// end is the last thing that a connection's reader does.
func (l *link) end(err error) {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() && !l.ending() {
		l.bye(causeTimeout)
	}
	_ = l.conn.Close()
	l.s.depart(l)
	l.s.roster.leave(l)
}
