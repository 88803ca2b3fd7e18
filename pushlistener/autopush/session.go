package autopush

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	subprotocol = "push-notification" // offered as Firefox does, never required
	readLimit   = 64 << 10            // bytes of one message
	queueLength = 256                 // pushes that wait for the handler; a service sends up to 128 unacknowledged

	dialTimeout  = 20 * time.Second
	replyTimeout = 10 * time.Second // to hello and register, as in Firefox
	writeTimeout = 10 * time.Second
	closeTimeout = time.Second // for the other side's answer to our close

	// A dead link is noticed at most pingEvery + pongTimeout after it died, which has to be under a minute.
	pingEvery    = 45 * time.Second
	pongTimeout  = 10 * time.Second
	probeTimeout = 5 * time.Second // after Wake: what slept is likely to be dead
)

// session is one connection. Its reader and its watcher are goroutines; everything else, and the edge's state, belongs
// to the one that calls Edge.Run.
type session struct {
	e       *Edge
	conn    *websocket.Conn
	replies chan *message // to hello and register
	pushes  chan *message
	full    atomic.Bool // a push was left out because pushes was full
	ended   chan error  // why the reader or the watcher ended
	probe   chan struct{}

	greeted bool
	live    bool
	pending *subscription // being registered
	timer   *time.Timer   // for the reply that is waited for
	acks    []update
}

// session connects and serves the connection until it ends. live says that it came to stand.
func (e *Edge) session(ctx context.Context, u *url.URL) (live bool, err error) {
	conn, err := e.dial(ctx, u)
	if err != nil {
		return false, err
	}
	s := &session{
		e: e, conn: conn,
		replies: make(chan *message, 4), pushes: make(chan *message, queueLength),
		ended: make(chan error, 2), probe: make(chan struct{}, 1), timer: time.NewTimer(replyTimeout),
	}
	defer s.timer.Stop()
	// The workers outlive ctx by the closing handshake, which needs the reader.
	workCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var workers sync.WaitGroup
	workers.Go(func() { s.read(workCtx) })
	workers.Go(func() { s.watch(workCtx) })
	err = s.serve(ctx)
	hangUp := time.AfterFunc(closeTimeout, stop) // ends the reader, and that the connection
	_ = conn.Close(websocket.StatusNormalClosure, "")
	hangUp.Stop()
	stop()
	workers.Wait()
	if s.pending != nil {
		signal(e.renew) // still to be done
	}
	return s.live, err
}

func (e *Edge) dial(ctx context.Context, u *url.URL) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	client := *e.cfg.HTTP
	client.Timeout = 0 // it would count for the whole life of the connection
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	conn, resp, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{ //nolint:bodyclose // Dial has read and closed it
		HTTPClient:      &client,
		Subprotocols:    []string{subprotocol},
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, refused(u, resp, err)
	}
	conn.SetReadLimit(readLimit)
	return conn, nil
}

// read takes messages off the connection and never waits for anything else, because only while it reads are PINGs
// answered, and a service drops who does not answer within four seconds.
func (s *session) read(ctx context.Context) {
	defer func() { _ = s.conn.CloseNow() }() // without a reader nobody sees the other side's close
	for {
		kind, b, err := s.conn.Read(ctx)
		if err != nil {
			s.ended <- err
			return
		}
		if kind != websocket.MessageText {
			s.ended <- fmt.Errorf("%w: binary message", errProtocol)
			return
		}
		m, err := decodeMessage(b)
		if err != nil {
			s.ended <- err
			return
		}
		switch m.Type {
		case typeNotification:
			select {
			case s.pushes <- m:
			default:
				s.full.Store(true)
			}
		case typeHello, typeRegister:
			select {
			case s.replies <- m:
			default:
				s.ended <- fmt.Errorf("%w: replies without requests", errProtocol)
				return
			}
		}
	}
}

// watch asks for signs of life.
func (s *session) watch(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		wait := pongTimeout
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.probe:
			wait = probeTimeout
		}
		if err := s.ping(ctx, wait); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				s.ended <- fmt.Errorf("%w: %w", errDead, err)
			} else {
				_ = s.conn.CloseNow() // the reader knows more about why
			}
			return
		}
	}
}

func (s *session) ping(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return s.conn.Ping(ctx)
}

// serve keeps up the dialogue until the connection ends or has to.
func (s *session) serve(ctx context.Context) error {
	err := s.converse(ctx)
	if errors.Is(err, errWrite) {
		_ = s.conn.CloseNow()
		err = <-s.ended // the reader's reason is the better one
	}
	s.drain(ctx)
	return err
}

// converse says hello and then does what the connection, the edge's owner and time ask for.
func (s *session) converse(ctx context.Context) error {
	if err := s.hello(ctx); err != nil {
		return err
	}
	for {
		pushes, renew := s.pushes, s.e.renew
		if !s.live { // a push could be for a channel that is about to change
			pushes, renew = nil, nil
		} else if s.pending != nil {
			renew = nil
		}
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err = <-s.ended:
		case <-s.timer.C:
			err = errSilent
		case m := <-s.replies:
			err = s.reply(ctx, m)
		case m := <-pushes:
			err = s.deliver(ctx, m)
		case <-renew:
			err = s.subscribe(ctx)
		case <-s.e.wake:
			signal(s.probe)
		}
		if err != nil {
			return err
		}
	}
}

// drain deals with the pushes that came before the connection ended. They can hardly be acknowledged any more, but what
// is persisted need not come again.
func (s *session) drain(ctx context.Context) {
	if !s.live {
		return
	}
	for m := s.next(); m != nil && ctx.Err() == nil; m = s.next() {
		_ = s.handle(ctx, s.batch(m)) // the connection's end is the error that counts
	}
}

func (s *session) write(ctx context.Context, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, b); err != nil {
		return fmt.Errorf("%w: %w", errWrite, err)
	}
	return nil
}
