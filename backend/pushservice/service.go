package pushservice

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"securepush/webpush"
)

// Service is a push service. It is safe for concurrent use.
type Service struct {
	o        Options
	place    place
	log      *slog.Logger
	sealer   sealer
	verifier *webpush.Verifier
	devices  *registry
	memory   memory
	roster   roster
	metrics  *metrics
	upgrader websocket.Upgrader
}

// New makes a service without devices.
func New(o Options) (*Service, error) {
	o.setDefaults()
	where, err := parseOrigin(o.Origin)
	if err != nil {
		return nil, err
	}
	seal, err := newSealer(o.Secret)
	if err != nil {
		return nil, err
	}
	s := &Service{
		o: o, place: where, log: o.Logger, sealer: seal,
		verifier: webpush.NewVerifier(where.origin),
		devices:  newRegistry(o.Records),
		memory:   memory{max: o.Bytes},
		roster:   roster{max: o.Connections},
		upgrader: websocket.Upgrader{
			HandshakeTimeout: o.WriteTimeout,
			ReadBufferSize:   256, // an acknowledgement and a frame header
			WriteBufferSize:  1024,
			WriteBufferPool:  &sync.Pool{},
			Subprotocols:     []string{"push-notification"},            // Firefox asks for it, others do not
			CheckOrigin:      func(*http.Request) bool { return true }, // no cookie or other ambient right is involved
		},
	}
	if s.metrics, err = newMetrics(o.Registry, s); err != nil {
		return nil, fmt.Errorf("pushservice: %w", err)
	}
	return s, nil
}

// WebSocket is where devices connect. It answers 503 when there are too many.
func (s *Service) WebSocket() http.Handler { return http.HandlerFunc(s.accept) }

// accept makes the connection and returns: a handler that stayed would keep net/http's buffers and a deep stack alive.
func (s *Service) accept(w http.ResponseWriter, r *http.Request) {
	if !s.roster.reserve() {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "There are too many connections.", http.StatusServiceUnavailable)
		return
	}
	conn, err := s.upgrader.Upgrade(hijackable{w}, r, nil)
	if err != nil {
		s.roster.release()
		s.log.Debug("push connection refused", "err", err)
		return
	}
	l := &link{s: s, conn: conn, pinged: true}
	conn.SetReadLimit(maxFrame)
	conn.SetPingHandler(l.ping)
	conn.SetPongHandler(l.pong)
	now := time.Now()
	_ = conn.SetReadDeadline(now.Add(s.o.HelloTimeout)) // fails on a closed connection only
	if !s.roster.join(l, now.Add(s.o.PingInterval)) {
		l.bye(causeShutdown) // Close came after the handshake and does not know of this one
		_ = conn.Close()
		s.roster.release()
		return
	}
	go l.read() // the roster waits for it
}

// hijackable finds the connection below whatever has been wrapped around a ResponseWriter, which gorilla does not.
type hijackable struct{ http.ResponseWriter }

// Hijack implements [http.Hijacker].
func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// recordSweep is how often what nobody touches is looked through for what has expired.
const recordSweep = time.Minute

// Run probes the connections and clears away what has expired, until ctx ends; then it returns nil.
func (s *Service) Run(ctx context.Context) error {
	probe, sweep := time.NewTimer(0), time.NewTicker(recordSweep)
	defer probe.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-probe.C:
			probe.Reset(s.probe())
		case <-sweep.C:
			s.sweep()
		}
	}
}

// probe sends a PING to every connection that is due and returns how long to wait.
func (s *Service) probe() time.Duration {
	slack := s.o.PingInterval / 100 // so that devices that connect one by one do not wake the service one by one
	for {
		l, wait := s.roster.next(time.Now(), s.o.PingInterval)
		if l == nil {
			return max(wait, slack)
		}
		l.probe(s.o.PongTimeout)
	}
}

// sweep drops expired messages and devices that have been away for too long.
func (s *Service) sweep() {
	now := s.o.Now()
	expired, forgotten := 0, 0
	for _, d := range s.devices.all() {
		n, stale := d.sweep(now, &s.memory)
		expired += n
		if stale && s.devices.forget(d, &s.memory, func(d *device) bool { return d.link == nil }) {
			forgotten++
		}
	}
	s.metrics.pushes.WithLabelValues("expired").Add(float64(expired))
	if expired+forgotten > 0 {
		s.log.Debug("push messages expired", "messages", expired, "devices", forgotten)
	}
}

// Close tells the devices to connect elsewhere (close code 1001) and waits until they are gone. When ctx ends before,
// it hangs up on the rest and returns ctx's error. No device can connect afterwards.
func (s *Service) Close(ctx context.Context) error {
	links := s.roster.close()
	done := make(chan struct{})
	go func() { // ends with the links, which hanging up ends in any case
		defer close(done)
		var g errgroup.Group
		g.SetLimit(64)
		for _, l := range links {
			g.Go(func() error { l.bye(causeShutdown); return nil })
		}
		_ = g.Wait()
		s.roster.readers.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		for _, l := range links {
			l.hangUp(causeShutdown)
		}
		<-done
		return ctx.Err()
	}
}
