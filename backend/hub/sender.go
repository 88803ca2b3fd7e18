package hub

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// How accepted notifications are handed on.
const (
	dispatchers = 4               // at work at once; the store has as many readers
	targetPage  = 500             // registrations looked at in one turn
	lookups     = 3               // attempts at a page
	drainTime   = 5 * time.Second // for what is accepted when the hub ends
	expireTime  = 10 * time.Second
)

// sender turns accepted notifications into pushes.
type sender struct {
	o       Options
	log     *slog.Logger
	now     func() time.Time
	seed    maphash.Seed
	inbox   *inbox
	ledger  *ledger
	repeats *repeats
	tests   *quota
	later   chan struct{} // something else is the next to be due
	jobs    *jobRunner
	taken   *prometheus.CounterVec // result
}

func newSender(o Options) (*sender, error) {
	s := &sender{
		o: o, log: o.Logger, now: o.Now, seed: maphash.MakeSeed(),
		inbox: newInbox(), ledger: newLedger(), repeats: newRepeats(o.Now), tests: newQuota(o.Now), later: make(chan struct{}, 1),
		jobs: newJobRunner(o),
	}
	s.taken = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "securepush", Subsystem: "hub", Name: "notifications_total", Help: "Notifications by whether they were accepted.",
	}, []string{"result"})
	if o.Registry == nil {
		return s, nil
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "securepush", Subsystem: "hub", Name: "accepted_bytes", Help: "Memory of notifications that are accepted and not yet handed on.",
	}, func() float64 { return float64(s.inbox.used()) })
	return s, errors.Join(o.Registry.Register(s.taken), o.Registry.Register(waiting))
}

// run hands on what is accepted, sends what is due, and does jobs, until ctx ends; then what was accepted before, for some
// seconds more.
func (s *sender) run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var loops, hands sync.WaitGroup
	loops.Go(func() { s.runSchedule(ctx) })
	loops.Go(func() { s.jobs.run(ctx) })
	for range dispatchers {
		hands.Go(func() { s.dispatch(work) })
	}
	<-ctx.Done()
	s.inbox.close()
	drain := time.AfterFunc(drainTime, cancel)
	defer drain.Stop()
	hands.Wait()
	loops.Wait()
	return nil
}

// submit takes a notification in and returns its ID, or that of the same request made before.
func (s *sender) submit(ctx context.Context, c *call, n record.Notification) (id string, err error) {
	return s.repeats.once(ctx, c.rule.Name, s.requestKey(c.r.Header, &n), func() (string, error) {
		n.ID, n.Enqueued = newNotificationID(s.now()), s.now()
		return n.ID, s.accept(c.rule.Name, n)
	})
}

// requestKey tells a request that is made again from others.
func (s *sender) requestKey(header http.Header, n *record.Notification) requestKey {
	const longest = 128
	key := requestKey{name: header.Get(headerName)}
	if len(key.name) > longest {
		return requestKey{}
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, text := range []string{n.Format, n.Tags, header.Get(headerDue)} {
		_, _ = h.WriteString(text) // never fails
		_ = h.WriteByte(0)
	}
	for _, to := range n.Handles {
		_, _ = h.WriteString(to.Handle)
		_ = h.WriteByte(0)
	}
	_, _ = h.Write(n.Body)
	key.sum = h.Sum64()
	return key
}

// accept puts a notification among those to be sent, or says why it cannot.
func (s *sender) accept(rule string, n record.Notification) error {
	m, err := s.message(rule, n)
	if err != nil {
		return err
	}
	err = s.inbox.put(m)
	if err != nil {
		s.taken.WithLabelValues("refused").Inc()
	} else {
		s.taken.WithLabelValues("accepted").Inc()
	}
	switch {
	case errors.Is(err, errShare):
		return &failure{status: http.StatusTooManyRequests, text: "Too much of this rule waits to be sent.", retryAfter: time.Second, cause: err}
	case err != nil:
		return &failure{status: http.StatusServiceUnavailable, text: "Too much waits to be sent.", retryAfter: time.Second, cause: err}
	}
	if m.account != nil {
		s.ledger.add(rule, m.account, s.now())
	}
	return nil
}

// message makes what goes through the inbox of a notification. That of the rule of this process itself needs no account.
func (s *sender) message(rule string, n record.Notification) (*message, error) {
	work, err := newExpansion(&n)
	if err != nil {
		return nil, &failure{status: http.StatusBadRequest, text: "The notification cannot be sent.", cause: err}
	}
	m := &message{Notification: n, rule: rule, work: work}
	if s.o.Own == nil || rule != s.o.Own.Name {
		m.account = newAccount(&n, stateEnqueued)
	}
	return m, nil
}

// dispatch hands on messages, a page of each in turn, until the inbox is closed and empty.
func (s *sender) dispatch(ctx context.Context) {
	for {
		m, ok := s.inbox.take()
		if !ok {
			return
		}
		s.inbox.give(m, s.turn(ctx, m))
	}
}

// turn hands on a page of a message's targets. It reports true when there are no more, also after a failure.
func (s *sender) turn(ctx context.Context, m *message) (done bool) {
	defer func() {
		if v := recover(); v != nil { // one message may not end them all
			s.log.Error("a notification could not be handed on", "notification", m.ID, "panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			m.account.complete(true, s.now())
			done = true
		}
	}()
	m.account.begin(s.now())
	done, err := s.handOn(ctx, m)
	if err != nil {
		s.log.Error("a notification could not be handed on to all its targets", "notification", m.ID, "err", err)
		m.account.complete(true, s.now())
		return true
	}
	if done {
		m.account.complete(false, s.now())
	}
	return done
}

func (s *sender) handOn(ctx context.Context, m *message) (done bool, err error) {
	if m.Direct {
		for _, h := range m.Handles {
			r := direct(m.Format, h)
			if err := s.push(ctx, m, &r); err != nil {
				return false, err
			}
		}
		return true, nil
	}
	found, err := s.page(ctx, m.work.audience)
	if err != nil {
		return false, err
	}
	for i := range found {
		if r := &found[i]; m.work.matches(r) {
			if err := s.push(ctx, m, r); err != nil {
				return false, err
			}
		}
	}
	if len(found) < targetPage {
		return true, nil
	}
	m.work.audience.After = found[len(found)-1].ID
	return false, nil
}

// direct is a device that a client has named, as if it were registered.
func direct(format string, h record.Handle) record.Registration {
	return record.Registration{Platform: record.Platform(format), Handle: h.Handle, P256DH: h.P256DH, Auth: h.Auth}
}

// page asks the store for targets, and again after a moment when it fails.
func (s *sender) page(ctx context.Context, a record.Audience) (found []record.Registration, err error) {
	for attempt := range lookups {
		if found, err = s.o.Store.Targets(ctx, a); err == nil || ctx.Err() != nil {
			return found, err
		}
		if attempt == lookups-1 {
			return nil, err
		}
		timer := time.NewTimer(100 * time.Millisecond << (2 * attempt))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return nil, err
}

// push queues the push to one target. The error says that nothing more can be queued.
func (s *sender) push(ctx context.Context, m *message, r *record.Registration) error {
	p, outcome := m.work.to(r)
	if outcome != "" {
		m.account.count(r.Platform, outcome)
		return nil
	}
	a, t := m.account, target{platform: r.Platform, handle: r.Handle, notification: m.ID}
	p.Report = func(result delivery.Result) {
		s.expire(ctx, t, result)
		a.settle(t.platform, result.Outcome, result.Abandoned, s.now())
	}
	a.expect()
	if err := s.o.Sender.Add(ctx, p); err != nil {
		a.settle(t.platform, outcomeAbandoned, true, s.now())
		return err
	}
	return nil
}

// target is where a push went.
type target struct {
	platform             record.Platform
	handle, notification string
}

// expire removes what is registered with a handle that its push service has declared dead.
func (s *sender) expire(ctx context.Context, t target, result delivery.Result) {
	if result.Outcome != delivery.ExpiredChannel {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), expireTime) // it is to be noted also while the hub ends
	defer cancel()
	err := s.o.Store.ExpireHandle(ctx, record.Feedback{
		Time: s.now(), Platform: t.platform, Handle: t.handle, Notification: t.notification, Error: result.Outcome,
	})
	if err != nil {
		s.log.Error("a dead handle could not be removed", "notification", t.notification, "err", err)
	}
}
