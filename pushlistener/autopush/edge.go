package autopush

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"securepush/api"
	"securepush/webpush"
)

const (
	minDelay   = 250 * time.Millisecond // between two attempts to connect
	firstDelay = 2 * time.Second        // most before the second attempt; doubles with each
	maxDelay   = 60 * time.Second
	awayDelay  = 30 * time.Minute // after the service said not to come back by oneself
)

// Config says where to connect. URL and VAPIDKey are needed; the zero value of the rest works.
type Config struct {
	URL      string         // of the push service: wss or https, or ws or http on loopback
	VAPIDKey string         // the back end's public key, base64url: only its pushes will be accepted
	HTTP     *http.Client   // for the handshake; nil: http.DefaultClient. Redirects are not followed
	Logger   *slog.Logger   // nil: none
	Jitter   func() float64 // in [0, 1), spreads the attempts of many devices; nil: random
}

// Handler takes what arrives. One goroutine calls it, the one of [Edge.Run], except for Push and Undecryptable, which
// may be called several times at once. A method that takes long delays other pushes, never the connection's upkeep.
type Handler interface {
	// SaveState persists what New is given at the next start, and returns when it is on disk. It holds secrets.
	SaveState(state []byte) error
	// Subscribed is called after each time the connection is made, and after each change of the channel, with the
	// channel on which pushes arrive: pushes may have been missed, and the back end may not know the channel. It is also
	// called for a push without a body.
	Subscribed(ch api.PushChannel)
	// Push takes the text of one push and returns when it is persisted. An error that is [api.ErrBadID] says that the
	// text means nothing, so that it need not come again; after any other the push is not acknowledged and comes again.
	Push(ctx context.Context, text []byte) error
	// Undecryptable is called for a push that does not open.
	Undecryptable()
	// Link tells when the connection stands, and when it does not with the reason, which is an [*api.Problem].
	Link(connected bool, err error)
}

// Edge is a device's end of a push service's WebSocket. Wake and Resubscribe are safe for concurrent use.
type Edge struct {
	cfg     Config
	handler Handler
	log     *slog.Logger
	state   state
	keys    *webpush.Keys // of state
	dirty   bool          // state has changed since it was saved
	wake    chan struct{}
	renew   chan struct{}
}

// New makes an edge. saved is what the handler was last given to save; nil, or one of another push service, means to
// subscribe anew.
func New(cfg Config, saved []byte, h Handler) *Edge {
	if cfg.HTTP == nil {
		cfg.HTTP = http.DefaultClient
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Jitter == nil {
		cfg.Jitter = rand.Float64
	}
	e := &Edge{cfg: cfg, handler: h, log: cfg.Logger, wake: make(chan struct{}, 1), renew: make(chan struct{}, 1)}
	st, keys, err := loadState(saved, cfg.URL)
	if err != nil {
		e.log.Warn("push subscription is unusable and will be made anew", "err", err)
	}
	e.state, e.keys = st, keys
	return e
}

// Wake says that the machine woke up or has a network again: the wait before the next attempt ends, and a connection
// that stands is probed at once.
func (e *Edge) Wake() { signal(e.wake) }

// Resubscribe gives up the channel and makes another with new keys, now or at the next connection, because the back
// end called it gone. Handler.Subscribed reports it.
func (e *Edge) Resubscribe() {
	signal(e.renew)
	signal(e.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting already
	}
}

// Run connects, again and again, until ctx ends; then it has closed the connection, all its goroutines have ended, and
// it returns nil. An error says at once that Config cannot work. Call it once.
func (e *Edge) Run(ctx context.Context) error {
	u, err := serviceURL(e.cfg.URL)
	if err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		live, err := e.session(ctx, u)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // this is how it is meant to end
		}
		if live && !errors.Is(err, errNotSaved) {
			attempt = 0
		}
		if errors.Is(err, errBehind) {
			continue // at once: the service sends what was left out as soon as the connection stands
		}
		p := problem(err)
		delay := e.delay(attempt, p)
		e.log.Info("push link is down", "err", p, "retry_in", delay)
		e.handler.Link(false, p)
		if e.pause(ctx, delay) {
			attempt = -1
		}
	}
}

// serviceURL checks the configured address.
func serviceURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return nil, api.NewProblem(api.CodeUnknownServer, "The server names no push service that can be used.").Because(err)
	}
	switch u.Scheme {
	case "wss", "https":
		return u, nil
	case "ws", "http":
		if api.IsLoopback(u.Hostname()) {
			return u, nil
		}
		return nil, api.NewProblem(api.CodePlainHTTP, "The connection to the push service at "+u.Host+" would not be encrypted.")
	}
	return nil, api.NewProblem(api.CodeUnknownServer, "The server names no push service that can be used.")
}

// delay is how long to wait before the next attempt.
func (e *Edge) delay(attempt int, p *api.Problem) time.Duration {
	if errors.Is(p, errAway) {
		return awayDelay
	}
	most := maxDelay
	if attempt < 5 { // beyond it doubling exceeds maxDelay
		most = firstDelay << attempt
	}
	d := minDelay + time.Duration(e.cfg.Jitter()*float64(most-minDelay))
	return max(d, p.RetryAfter)
}

// pause waits, and says whether it was cut short by Wake.
func (e *Edge) pause(ctx context.Context, d time.Duration) (woken bool) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-e.wake:
		return true
	}
	return false
}
