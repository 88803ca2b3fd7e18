package autopush

import (
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

const (
	testURL   = "ws://127.0.0.1:9150/"
	testVAPID = "BHaWCqVmzGQHrvJvV34Qi3uVHVULvtQ8narAxLSxEMHUalfpZ_Mm-YnAVmPFi31mV4KZYWx7xJLh3xrYd7sSMYM"
	testUAID  = "c0d1641062d74dfb816e801d57e3bf05"
	testID    = "7Jb0m3Zl3oWm4m0x0n9L9w"
)

// object is a JSON object of the protocol.
type object map[string]any

// service is a push service on pipes whose every word the test says.
type service struct {
	pipes  chan net.Conn
	closed chan struct{}
	peers  chan *peer
	refuse atomic.Pointer[http.HandlerFunc] // answers instead of a WebSocket
	dials  atomic.Int32                     // attempts to connect
	last   *pipe                            // the client's end of the newest connection
}

// newService starts one. It has to be called in a bubble.
func newService(t *testing.T) *service {
	t.Helper()
	s := &service{pipes: make(chan net.Conn), closed: make(chan struct{}), peers: make(chan *peer, 16)}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(s) })
	t.Cleanup(func() {
		_ = server.Close()
		served.Wait()
	})
	return s
}

func (s *service) Accept() (net.Conn, error) {
	select {
	case c := <-s.pipes:
		return c, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *service) Close() error   { close(s.closed); return nil }
func (s *service) Addr() net.Addr { return &net.TCPAddr{} }

// pipe is a connection that can die without a word: writes vanish and reads wait.
type pipe struct {
	net.Conn
	dead   atomic.Bool
	closed chan struct{}
	once   sync.Once
}

func (p *pipe) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if p.dead.Load() {
		<-p.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (p *pipe) Write(b []byte) (int, error) {
	if p.dead.Load() {
		return len(b), nil
	}
	return p.Conn.Write(b)
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return p.Conn.Close()
}

// client reaches the service, whatever the address.
func (s *service) client(t *testing.T) *http.Client {
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case s.pipes <- far:
			s.last = &pipe{Conn: near, closed: make(chan struct{})}
			return s.last, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.closed:
			return nil, net.ErrClosed
		}
	}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.dials.Add(1)
	if h := s.refuse.Load(); h != nil {
		(*h)(w, r)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		return
	}
	conn.SetReadLimit(1 << 20)
	p := &peer{conn: conn, in: make(chan object, 1024), end: make(chan error, 1), header: r.Header}
	s.peers <- p
	for {
		_, b, err := conn.Read(context.WithoutCancel(r.Context()))
		if err != nil {
			p.end <- err
			return
		}
		var o object
		if err := json.Unmarshal(b, &o); err != nil {
			p.end <- err
			return
		}
		p.in <- o
	}
}

// peer is the service's end of a connection.
type peer struct {
	conn   *websocket.Conn
	in     chan object
	end    chan error
	header http.Header
}

// next waits for the device to connect.
func (s *service) next(t *testing.T) *peer {
	t.Helper()
	select {
	case p := <-s.peers:
		t.Cleanup(func() { _ = p.conn.CloseNow() })
		return p
	case <-time.After(time.Hour):
		t.Fatal("the device does not connect")
		return nil
	}
}

func (p *peer) send(t *testing.T, v any) {
	t.Helper()
	b, ok := v.([]byte)
	if !ok {
		var err error
		if b, err = json.Marshal(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.conn.Write(t.Context(), websocket.MessageText, b); err != nil {
		t.Fatal(err)
	}
}

// expect waits for a message of a type.
func (p *peer) expect(t *testing.T, kind string) object {
	t.Helper()
	select {
	case o := <-p.in:
		return o.of(t, kind)
	case err := <-p.end:
		select {
		case o := <-p.in: // what was sent before the end
			p.end <- err
			return o.of(t, kind)
		default:
			t.Fatalf("the connection ended with %v, want %s", err, kind)
		}
	case <-time.After(time.Minute):
		t.Fatalf("the device sent nothing, want %s", kind)
	}
	return nil
}

func (o object) of(t *testing.T, kind string) object {
	t.Helper()
	if o["messageType"] != kind {
		t.Fatalf("the device sent %v, want %s", o, kind)
	}
	return o
}

// quiet says that the device has sent nothing.
func (p *peer) quiet(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case o := <-p.in:
		t.Fatalf("the device sent %v", o)
	default:
	}
}

// ended waits for the device to hang up and returns the close code, -1 for none.
func (p *peer) ended(t *testing.T) websocket.StatusCode {
	t.Helper()
	select {
	case err := <-p.end:
		return websocket.CloseStatus(err)
	case <-time.After(5 * time.Minute):
		t.Fatal("the connection does not end")
		return 0
	}
}

// greet answers a hello and gives it back.
func (p *peer) greet(t *testing.T, uaid string) object {
	t.Helper()
	h := p.expect(t, "hello")
	p.send(t, object{"messageType": "hello", "uaid": uaid, "status": 200, "use_webpush": true, "broadcasts": object{}})
	return h
}

// enrol answers a register with an endpoint and gives the channel back.
func (p *peer) enrol(t *testing.T) string {
	t.Helper()
	r := p.expect(t, "register")
	channel, _ := r["channelID"].(string)
	if r["key"] != testVAPID {
		t.Errorf("registered with the key %v", r["key"])
	}
	p.send(t, object{"messageType": "register", "channelID": channel, "status": 200, "pushEndpoint": endpoint(channel)})
	return channel
}

func endpoint(channel string) string { return "https://push.example/wpush/v2/" + channel }

// acked waits for acknowledgements and returns version → code.
func (p *peer) acked(t *testing.T) map[string]int {
	t.Helper()
	got := make(map[string]int)
	updates, _ := p.expect(t, "ack")["updates"].([]any)
	for _, u := range updates {
		o, _ := u.(map[string]any)
		code, _ := o["code"].(float64)
		version, _ := o["version"].(string)
		got[version] = int(code)
	}
	return got
}

func (p *peer) wantAck(t *testing.T, version string, code int) {
	t.Helper()
	if got := p.acked(t); !maps.Equal(got, map[string]int{version: code}) {
		t.Fatalf("acknowledged %v, want %s: %d", got, version, code)
	}
}
