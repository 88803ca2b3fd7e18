package agent

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"securepush/pushlistener"
	"securepush/pushlistener/autopush"
)

// recheck is the least time between two looks at what the server says of its push service.
const recheck = time.Minute

// edge is the listener's way to the push service that the signed-in account's server names. It is safe for concurrent use.
type edge struct {
	st      *seat
	changed chan struct{} // the account, its push service or the trust settings changed

	mu  sync.Mutex
	now *autopush.Edge // nil while none runs
}

func newEdge(st *seat) *edge { return &edge{st: st, changed: make(chan struct{}, 1)} }

// restart makes the edge begin anew with what the profile and the settings now say.
func (e *edge) restart() {
	select {
	case e.changed <- struct{}{}:
	default: // one is waiting already
	}
}

// Wake cuts the wait before the next attempt short. Connections from before may be dead, and are not used again.
func (e *edge) Wake() {
	e.st.a.trust().CloseIdleConnections()
	if now := e.current(); now != nil {
		now.Wake()
	}
}

// Resubscribe makes another channel. Without a connection there is nothing to do: the next one begins anew.
func (e *edge) Resubscribe() {
	if now := e.current(); now != nil {
		now.Resubscribe()
	}
}

func (e *edge) current() *autopush.Edge {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now
}

func (e *edge) set(now *autopush.Edge) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = now
}

// Run keeps the connection until ctx ends.
func (e *edge) Run(ctx context.Context, h pushlistener.Handler) error {
	for ctx.Err() == nil {
		if p := e.st.readProfile(); p.PushURL == "" {
			e.rest(ctx)
			continue
		}
		if err := e.once(ctx, h); err != nil {
			h.Link(false, err)
			e.rest(ctx)
		}
	}
	return nil
}

// rest waits until something changed. Meanwhile it asks the server, which may come to name a push service that can be used.
func (e *edge) rest(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	down := make(chan struct{})
	close(down) // as a connection that is always lost
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	asking.Go(func() { e.askServer(ctx, down) })
	select {
	case <-ctx.Done():
	case <-e.changed:
	}
}

// once runs one connection's life: until ctx ends or something changed.
func (e *edge) once(ctx context.Context, h pushlistener.Handler) error {
	p := e.st.readProfile()
	saved, err := e.st.journal.EdgeState()
	if err != nil {
		e.st.log.WarnContext(ctx, "the push subscription cannot be read", slog.Any("error", err))
	}
	transport := e.st.a.trust()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	link := &linkWatch{Handler: h, down: make(chan struct{}, 1), lost: transport.CloseIdleConnections}
	now := autopush.New(autopush.Config{
		URL: p.PushURL, VAPIDKey: p.VAPIDKey, HTTP: &http.Client{Transport: transport}, Logger: e.st.log,
	}, saved, link)
	e.set(now)
	defer e.set(nil)
	var group errgroup.Group
	group.Go(func() error {
		defer cancel()
		return now.Run(ctx)
	})
	group.Go(func() error { e.askServer(ctx, link.down); return nil })
	group.Go(func() error {
		defer cancel()
		select {
		case <-e.changed:
		case <-ctx.Done():
		}
		return nil
	})
	return group.Wait()
}

// askServer looks what the server says of its push service, at the start and when the connection was lost.
func (e *edge) askServer(ctx context.Context, down <-chan struct{}) {
	for {
		if c, err := e.st.client(); err == nil {
			if w, err := c.WellKnown(ctx); err == nil {
				changed, err := e.st.learn(w)
				if err != nil {
					e.st.log.WarnContext(ctx, "what the server says cannot be kept", slog.Any("error", err))
				}
				if changed {
					e.restart()
				}
			}
		}
		timer := time.NewTimer(recheck)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-down:
		}
	}
}

// linkWatch notes when the connection is lost.
type linkWatch struct {
	pushlistener.Handler
	down chan struct{}
	lost func()
}

// Link passes on.
func (l *linkWatch) Link(connected bool, err error) {
	if !connected {
		l.lost() // the others lead the same way: a request on one that is as dead waits ten seconds for nothing
		select {
		case l.down <- struct{}{}:
		default:
		}
	}
	l.Handler.Link(connected, err)
}
