package delivery

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// queue holds the lanes that have pushes. Everything in it is bounded.
type queue struct {
	max, perDevice     int
	maxBytes           int
	perOrigin, strange int // running lanes of one origin, and of all, that are not trusted
	giveUp, once       time.Duration
	rule               endpointRule
	metrics            *metrics

	mu      sync.Mutex
	work    sync.Cond     // a lane is ready, or closed
	told    sync.Cond     // something is to be reported, or ended
	room    chan struct{} // closed when there is room; nil: nobody waits
	closed  bool          // nothing is added any more
	stopped bool          // nothing is taken any more
	ended   bool          // nothing is left
	total   int           // pushes in the lanes
	bytes   int           // of their bodies; one that several share counts for each
	reports []report      // of pushes that no worker has in hand
	lanes   map[string]*lane
	origins map[string]*origin
	ready   [2]line  // lanes of trusted origins, and of others
	last    int      // which line a worker has served last
	others  int      // running lanes of origins that are not trusted
	message *message // the last one, which the next push is likely to have, too
}

// report is a result that is still to be told.
type report struct {
	to     func(Result)
	result Result
}

// errStopped says that nothing more is sent.
var errStopped = errors.New("stopped")

func newQueue(o Options, rule endpointRule, m *metrics) *queue {
	q := &queue{
		max: o.Queue, maxBytes: o.QueueBytes, perDevice: o.PerDevice, perOrigin: max(1, o.Workers/2), strange: max(1, o.Workers*3/4),
		giveUp: o.GiveUp, once: o.Timeout, rule: rule, metrics: m,
		lanes: make(map[string]*lane), origins: make(map[string]*origin), message: new(message),
	}
	q.work.L, q.told.L = &q.mu, &q.mu
	return q
}

// add queues a push. While the queue is full of what is being sent it waits, until ctx ends.
func (q *queue) add(ctx context.Context, p Push) error {
	m := newMessage(p, time.Now(), q.giveUp, q.once)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.makeRoom(ctx); err != nil {
		return err
	}
	if !q.message.same(&m) {
		kept := m
		q.message = &kept
	}
	add := push{message: q.message, p256dh: p.P256DH, auth: p.Auth, report: p.Report}
	l, err := q.lane(p.Endpoint)
	if err != nil {
		q.finish(add, resultRefused, Result{Outcome: BadChannel})
		return nil
	}
	if len(l.pushes) >= q.perDevice {
		q.drop(l, 1, resultOverflow, Result{Outcome: Dropped})
	}
	l.pushes = append(l.pushes, add)
	q.count(1, len(add.body))
	switch {
	case l.state == idle:
		q.list(l)
	case l.state == waiting && !q.closed && m.end.Before(l.setback.wake):
		q.arm(l, m.end)
	}
	return nil
}

// makeRoom returns when there is room for a push. The caller holds the lock.
func (q *queue) makeRoom(ctx context.Context) error {
	for !q.closed && q.full() {
		if q.laden() && q.shed() {
			continue
		}
		if q.room == nil {
			q.room = make(chan struct{})
		}
		room := q.room
		q.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
		}
		q.mu.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if q.closed {
		return errStopped
	}
	return nil
}

// full says whether nothing more may be added. What is still to be reported counts, since it takes memory, too.
func (q *queue) full() bool { return q.laden() || q.total+len(q.reports) >= q.max }

// laden says whether the pushes in the lanes alone take all the room.
func (q *queue) laden() bool { return q.total >= q.max || q.bytes >= q.maxBytes }

// shed drops the older half of what some device that cannot be reached has waiting: its pushes are hints that may not hold
// up those of others. It reports false when it finds none.
func (q *queue) shed() bool {
	const most = 1000
	looked := 0
	for _, l := range q.lanes {
		if looked++; looked > most {
			break
		}
		if (l.state == waiting || l.state == parked && l.origin.down) && len(l.pushes) > 0 {
			q.drop(l, (len(l.pushes)+1)/2, resultOverflow, Result{Outcome: Dropped})
			return true
		}
	}
	return false
}

// count changes the number of pushes and that of their bytes, and tells whoever waits for room.
func (q *queue) count(n, bytes int) {
	q.total += n
	q.bytes += bytes
	q.metrics.queued.Set(float64(q.total))
	q.freed()
}

func (q *queue) freed() {
	if q.room != nil && (q.closed || !q.full()) {
		close(q.room)
		q.room = nil
	}
}

// finish has a push reported that no worker has in hand.
func (q *queue) finish(p push, label string, r Result) {
	q.metrics.count(label)
	if p.report != nil {
		q.reports = append(q.reports, report{to: p.report, result: r})
		q.told.Signal()
	}
}

// tell reports what finish has put down, until the queue ends: apart from the workers, which may all be waiting for push
// services that hang.
func (q *queue) tell() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.reports) == 0 {
			if q.ended {
				return
			}
			q.told.Wait()
		}
		due := q.reports
		q.reports = nil
		q.freed()
		q.mu.Unlock()
		for _, r := range due {
			r.to(r.result)
		}
		q.mu.Lock()
	}
}

// list puts a lane where workers find it.
func (q *queue) list(l *lane) {
	l.state = ready
	i := 1
	if l.origin.trusted {
		i = 0
	}
	q.ready[i] = append(q.ready[i], l)
	q.work.Signal()
}

// next returns the lane whose turn it is, or nil. The lines take turns, and some workers are for the trusted origins
// alone: devices may name as many others as they like, and all of them may hang.
func (q *queue) next() *lane {
	for _, i := range [2]int{1 - q.last, q.last} {
		if len(q.ready[i]) > 0 && (i == 0 || q.others < q.strange) {
			q.last = i
			return q.ready[i].pop()
		}
	}
	return nil
}

// take waits for the next push to send. It reports false when the queue has been closed and nothing is due. Every push
// taken has to be given back to done.
func (q *queue) take() (l *lane, p push, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.stopped {
		if l = q.next(); l == nil {
			if q.closed { // what else is ready falls to those who send to such origins now
				break
			}
			q.work.Wait()
			continue
		}
		if q.settle(l) {
			q.unpark(l.origin) // as it does not use its turn
			continue
		}
		if o := l.origin; !o.trusted && o.active >= q.perOrigin {
			l.state = parked
			o.parked = append(o.parked, l)
			continue
		}
		l.state = running
		q.run(l.origin, 1)
		p = l.pop()
		q.count(-1, -len(p.body))
		return l, p, true
	}
	return nil, push{}, false
}

// verdict is what became of an attempt.
type verdict struct {
	Result
	label string        // of the metric
	retry bool          // the push goes back to the front
	after time.Duration // with retry: not before; 0: as the lane's failures in a row suggest
}

// done gives a push back. It reports true when the verdict is final: then the caller reports it.
func (q *queue) done(l *lane, p push, v verdict) (final bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.run(l.origin, -1)
	q.unpark(l.origin)
	l.origin.down = v.Outcome == PnsUnreachable
	forgotten := l.forgotten
	l.state, l.forgotten = idle, false
	if v.retry {
		if forgotten {
			q.finish(p, resultGone, Result{Outcome: Dropped, Status: v.Status})
		} else {
			q.putBack(l, p)
		}
		q.wait(l, v)
		return false
	}
	l.setback = nil
	if v.Outcome == ExpiredChannel {
		q.drop(l, len(l.pushes), resultGone, v.Result)
	}
	if !q.settle(l) {
		q.list(l)
	}
	return true
}

func (q *queue) putBack(l *lane, p push) {
	l.pushes = slices.Insert(l.pushes, 0, p)
	q.count(1, len(p.body))
	if len(l.pushes) > q.perDevice {
		q.drop(l, 1, resultOverflow, Result{Outcome: Dropped})
	}
}

// run counts the running lanes.
func (q *queue) run(o *origin, n int) {
	if !o.trusted {
		q.others += n
		if n < 0 && len(q.ready[1]) > 0 {
			q.work.Signal()
		}
	}
	o.active += n
}

// unpark gives the turn to another lane of an origin. One that finds no room is parked again.
func (q *queue) unpark(o *origin) {
	if len(o.parked) > 0 {
		q.list(o.parked.pop())
	}
}

// forget drops what is queued for an endpoint. The push under way is not tried again.
func (q *queue) forget(endpoint string, r Result) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[endpoint]
	if l == nil {
		return
	}
	q.drop(l, len(l.pushes), resultGone, r)
	switch l.state {
	case running:
		l.forgotten = true
	case waiting:
		l.disarm()
		q.remove(l)
	case idle, ready, parked: // to be found empty
	}
}

// close ends the waiting: what is ready is still to be taken, what is held back is not.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, l := range q.lanes {
		l.disarm()
	}
	q.freed()
	q.work.Broadcast()
}

// stop ends the sending.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	q.work.Broadcast()
}

// end finishes what is left, once nobody sends any more.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.lanes {
		q.drop(l, len(l.pushes), resultStopped, Result{Outcome: Dropped})
	}
	clear(q.lanes)
	clear(q.origins)
	q.ready = [2]line{}
	q.ended = true
	q.told.Signal()
}
