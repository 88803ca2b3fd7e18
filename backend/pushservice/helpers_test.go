package pushservice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"securepush/webpush"
)

const testChannel = "0b3ae491-9a09-4b63-8c03-4b07ea6ed652"

// rig is a service behind a real HTTP server: on loopback, or in a synctest bubble on pipes.
type rig struct {
	t       *testing.T
	s       *Service
	network network
	key     *webpush.VAPIDKey
	signer  *webpush.Signer
	client  *http.Client
}

// network is how to reach the server.
type network struct {
	listener net.Listener
	dial     func(ctx context.Context, network, addr string) (net.Conn, error)
}

func loopback(t *testing.T) network {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return network{listener: l, dial: (&net.Dialer{}).DialContext}
}

// pipes is a network without a kernel, for virtual time.
func pipes() network {
	p := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	return network{listener: p, dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case p.conns <- there:
			return here, nil
		case <-p.closed:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9150} }

func newRig(t *testing.T, n network, change func(*Options)) *rig {
	t.Helper()
	o := Options{Origin: "http://" + n.listener.Addr().String(), Secret: bytes.Repeat([]byte{7}, 32)}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, s: s, network: n, key: key, signer: webpush.NewSigner(key, "mailto:test@example.org", nil)}
	r.client = &http.Client{Transport: &http.Transport{DialContext: n.dial, MaxIdleConnsPerHost: 4}}
	r.serve()
	return r
}

// serve runs server and service until the end of the test.
func (r *rig) serve() {
	mux := http.NewServeMux()
	mux.Handle("/wpush/", r.s.Handler())
	mux.Handle("/", r.s.WebSocket())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context())) // which ends before the clean-up
	var running sync.WaitGroup
	running.Go(func() {
		if err := server.Serve(r.network.listener); !errors.Is(err, http.ErrServerClosed) {
			r.t.Errorf("serve: %v", err)
		}
	})
	running.Go(func() {
		if err := r.s.Run(ctx); err != nil {
			r.t.Errorf("run: %v", err)
		}
	})
	r.t.Cleanup(func() {
		r.client.CloseIdleConnections()
		if err := r.s.Close(ctx); err != nil {
			r.t.Errorf("close: %v", err)
		}
		cancel()
		_ = server.Close()
		running.Wait()
	})
}

// peer is a device. Its goroutine reads all the time, as every client of the protocol has to.
type peer struct {
	t      *testing.T
	conn   *websocket.Conn
	frames chan string
	ended  chan struct{} // closed when the connection is
	err    error         // why, after ended
}

// dial connects a peer.
func (r *rig) dial() *peer {
	r.t.Helper()
	return r.dialPinged(nil)
}

// dialPinged connects a peer that hands the service's PINGs to a function in place of answering them.
func (r *rig) dialPinged(pinged func(conn *websocket.Conn, data string) error) *peer {
	r.t.Helper()
	p, err := r.tryDial(pinged)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func (r *rig) tryDial(pinged func(*websocket.Conn, string) error) (*peer, error) {
	d := websocket.Dialer{NetDialContext: r.network.dial, HandshakeTimeout: wait}
	conn, resp, err := d.DialContext(r.t.Context(), "ws://"+r.network.listener.Addr().String()+"/", nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	p := &peer{t: r.t, conn: conn, frames: make(chan string, 4096), ended: make(chan struct{})}
	if pinged != nil {
		conn.SetPingHandler(func(data string) error { return pinged(conn, data) })
	}
	go p.read()
	r.t.Cleanup(func() {
		_ = conn.Close()
		<-p.ended
	})
	return p, nil
}

func (p *peer) read() {
	defer close(p.ended)
	for {
		_, b, err := p.conn.ReadMessage()
		if err != nil {
			p.err = err
			_ = p.conn.Close()
			return
		}
		p.frames <- string(b)
	}
}

func (p *peer) send(frame string) {
	p.t.Helper()
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		p.t.Fatalf("send %s: %v", frame, err)
	}
}

// frame is any message from the service.
type frame struct {
	MessageType  string           `json:"messageType"`
	UAID         string           `json:"uaid"`
	Status       int              `json:"status"`
	ChannelID    string           `json:"channelID"`
	PushEndpoint string           `json:"pushEndpoint"`
	Version      string           `json:"version"`
	Data         string           `json:"data"`
	Headers      *contentEncoding `json:"headers"`
	raw          string
}

// wait is a bound on what should take milliseconds, on a machine that has other things to do; inside a bubble it is virtual.
const wait = time.Minute

func (p *peer) receive() frame {
	p.t.Helper()
	select {
	case raw := <-p.frames:
		f := frame{raw: raw}
		if err := json.Unmarshal([]byte(raw), &f); err != nil {
			p.t.Fatalf("%s: %v", raw, err)
		}
		return f
	case <-p.ended:
		p.t.Fatalf("connection ended: %v", p.err)
	case <-time.After(wait):
		p.t.Fatal("nothing received")
	}
	return frame{}
}

// barrier proves that nothing else is on its way: the answer to a request comes after all that was sent before.
func (p *peer) barrier() {
	p.t.Helper()
	p.send(`{"messageType":"unregister","channelID":"00000000-0000-4000-8000-000000000000"}`)
	if f := p.receive(); f.MessageType != "unregister" {
		p.t.Fatalf("not expected: %s", f.raw)
	}
}

// closed waits for the end and returns the close code, 0 for an end without one.
func (p *peer) closed() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(wait):
		p.t.Fatal("still connected")
	}
	if e, ok := errors.AsType[*websocket.CloseError](p.err); ok {
		return e.Code
	}
	return 0
}

func (p *peer) hello(uaid string) string {
	p.t.Helper()
	p.send(`{"messageType":"hello","uaid":"` + uaid + `","broadcasts":{},"use_webpush":true}`)
	f := p.receive()
	if f.MessageType != "hello" || f.Status != 200 || len(f.UAID) != 32 {
		p.t.Fatalf("hello: %s", f.raw)
	}
	return f.UAID
}

func (p *peer) register(channel, key string) string {
	p.t.Helper()
	p.send(`{"messageType":"register","channelID":"` + channel + `","key":"` + key + `"}`)
	f := p.receive()
	if f.MessageType != "register" || f.Status != 200 || f.ChannelID != channel {
		p.t.Fatalf("register: %s", f.raw)
	}
	return f.PushEndpoint
}

// notification receives a push and returns its text.
func (p *peer) notification() (text, version string) {
	p.t.Helper()
	f := p.receive()
	if f.MessageType != "notification" {
		p.t.Fatalf("not a notification: %s", f.raw)
	}
	b, err := decodeKey(f.Data)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b), f.Version
}

func (p *peer) ack(version string) {
	p.t.Helper()
	p.send(`{"messageType":"ack","updates":[{"channelID":"` + testChannel + `","version":"` + version + `","code":100}]}`)
}

// leave hangs up and waits until the service has noticed.
func (r *rig) leave(p *peer, uaid string) {
	r.t.Helper()
	_ = p.conn.Close()
	<-p.ended
	id, _ := parseUAID(uaid)
	r.until(func() bool {
		d := r.s.devices.find(id)
		if d == nil {
			return true
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.link == nil
	})
}

// until polls for something that follows by itself.
func (r *rig) until(done func() bool) {
	r.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for limit := time.After(wait); !done(); {
		select {
		case <-tick.C:
		case <-limit:
			r.t.Fatal("it did not happen")
		}
	}
}

// push sends text with good headers, changed by pairs of name and value; an empty value removes a header.
func (r *rig) push(endpoint, text string, headers ...string) answered {
	r.t.Helper()
	return r.do(http.MethodPost, endpoint, text, headers...)
}

func (r *rig) request(method, address, text string, headers ...string) *http.Request {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, address, strings.NewReader(text))
	if err != nil {
		r.t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		r.t.Fatal(err)
	}
	authorization, err := r.signer.Authorization(u)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("TTL", "60")
	req.Header.Set("Content-Encoding", "aes128gcm")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Del(headers[i])
		if headers[i+1] != "" {
			req.Header.Add(headers[i], headers[i+1])
		}
	}
	return req
}

func (r *rig) do(method, address, text string, headers ...string) answered {
	r.t.Helper()
	resp, err := r.client.Do(r.request(method, address, text, headers...))
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		r.t.Fatal(err)
	}
	return answered{status: resp.StatusCode, header: resp.Header, body: string(b)}
}

// answered is a response that has been read.
type answered struct {
	status int
	header http.Header
	body   string
}

// later waits; in a bubble, where all callers are, without time going by.
func later(d time.Duration) { <-time.After(d) }

// pushed is push that has to be accepted.
func (r *rig) pushed(endpoint, text string, headers ...string) answered {
	r.t.Helper()
	resp := r.push(endpoint, text, headers...)
	if resp.status != http.StatusCreated {
		r.t.Fatalf("push: %d %s", resp.status, resp.body)
	}
	return resp
}

// subscriber is a connected device with one restricted channel.
func (r *rig) subscriber() (p *peer, uaid, endpoint string) {
	r.t.Helper()
	p = r.dial()
	uaid = p.hello("")
	return p, uaid, p.register(testChannel, r.key.PublicKey())
}

// value reads a metric.
func value(t *testing.T, m prometheus.Metric) float64 {
	t.Helper()
	var d dto.Metric
	if err := m.Write(&d); err != nil {
		t.Fatal(err)
	}
	if d.Gauge != nil {
		return d.Gauge.GetValue()
	}
	return d.Counter.GetValue()
}
