package agent

import (
	"context"
	"sync"

	"securepush/pushlistener"
)

// shift runs the listeners of seats, which come and go while it lasts. It is safe for concurrent use.
type shift struct {
	ctx    context.Context // what the listeners run in
	cancel context.CancelFunc
	failed chan error // has room for one

	mu      sync.Mutex
	over    bool
	running sync.WaitGroup
}

func newShift(ctx context.Context) *shift {
	s := &shift{failed: make(chan error, 1)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// begin starts the listener that a seat has taken up. When the shift is over it begins nothing, and the listener counts as ended.
func (s *shift) begin(st *seat) {
	d := st.present()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		close(d.done)
		return
	}
	ctx, stop := context.WithCancel(s.ctx)
	d.stop = stop
	s.running.Go(func() {
		defer close(d.done)
		defer stop()
		if err := d.listener.Run(ctx); err != nil {
			select {
			case s.failed <- err:
			default: // one is enough
			}
		}
	})
}

// watch returns when ctx ends or a listener failed.
func (s *shift) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// end lets nothing begin any more and waits for what runs.
func (s *shift) end() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.cancel()
	s.running.Wait()
}

// takeUp makes the listener of a seat, and tells it of an account that signed in while none ran.
func (st *seat) takeUp(l *live) error {
	owner, err := st.journal.Owner()
	if err != nil {
		return err
	}
	d := &duty{edge: newEdge(st), stop: func() {}, done: make(chan struct{})}
	d.listener = pushlistener.New(pushlistener.Options{
		Journal: st.journal, Backend: backEnd{st}, Toasts: &toasts{l.desktop, st}, Edge: d.edge, Sealer: st.currentSealer,
		Report: backEnd{st}.Report, Installation: st.installation, Display: st.display(),
		ToastsPerMinute: st.a.settings.get().ToastsPerMinute, Now: st.a.now, Logger: st.log,
		Changed: st.listenerChanged(), Trace: st.history.take,
	})
	if id := st.id(); id != "" && id != owner {
		d.listener.Tell(pushlistener.SignedIn{Account: id})
	}
	st.setDuty(d)
	return nil
}
