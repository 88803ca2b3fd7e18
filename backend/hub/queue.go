package hub

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"time"

	"securepush/api"
	"securepush/webpush"
)

// push is one send to one device.
type push struct {
	id       api.ID
	urgency  string
	queued   time.Time
	deadline time.Time
}

// state says where a lane is.
type state int

const (
	idle    state = iota // not listed anywhere; only while the lock is held
	ready                // in the list that workers take from
	running              // a worker sends its first push
	waiting              // until its timer runs out
	parked               // until another lane of its origin is done
)

// lane is the queue of one device. Its pushes go out one after the other, and when the push service says "later", it
// is the lane that waits: one retry for each device, not for each push.
type lane struct {
	id       string // the installation's
	channel  api.PushChannel
	endpoint *url.URL
	origin   string
	state    state
	timer    *time.Timer // runs while waiting
	attempts int         // failures in a row
	pushes   []push
}

// queue holds the lanes that have pushes. Everything in it is bounded.
type queue struct {
	max, perDevice     int
	perOrigin, strange int             // running lanes of one origin, and of all, that are not trusted
	trusted            map[string]bool // origins without such bounds
	metrics            *metrics

	mu     sync.Mutex
	work   sync.Cond // a lane is ready, or closed
	room   chan struct{}
	closed bool
	total  int
	lanes  map[string]*lane
	ready  [2]line            // lanes of trusted origins, and of others
	last   int                // which line a worker has served last
	others int                // running lanes of origins that are not trusted
	active map[string]int     // running lanes by origin
	parked map[string][]*lane // by origin
}

// line is a queue of lanes that wait for a worker.
type line []*lane

func (l *line) pop() *lane {
	first := (*l)[0]
	(*l)[0] = nil
	if *l = (*l)[1:]; len(*l) == 0 {
		*l = nil
	}
	return first
}

// errStopped says that nothing more is sent.
var errStopped = errors.New("hub: stopped")

func newQueue(o Options, m *metrics) *queue {
	q := &queue{
		max: o.Queue, perDevice: o.PerDevice, perOrigin: max(1, o.Workers/2), strange: max(1, o.Workers*3/4), metrics: m,
		trusted: make(map[string]bool), room: make(chan struct{}),
		lanes: make(map[string]*lane), active: make(map[string]int), parked: make(map[string][]*lane),
	}
	q.work.L = &q.mu
	for _, u := range o.Trusted {
		if origin, err := webpush.Origin(u); err == nil {
			q.trusted[origin] = true
		}
	}
	return q
}

// add queues a push. While the queue is full of what is being sent it waits, until ctx ends.
func (q *queue) add(ctx context.Context, in api.Installation, p push) error {
	u, err := url.Parse(in.PushChannel.Endpoint)
	if err != nil {
		return err
	}
	origin, err := webpush.Origin(u)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.makeRoom(ctx); err != nil {
		return err
	}
	l := q.lanes[in.InstallationID]
	if l == nil {
		l = &lane{id: in.InstallationID}
		q.lanes[l.id] = l
	}
	if l.channel != in.PushChannel { // subscribed anew: what held up the old channel is over
		q.redirect(l, in.PushChannel, u, origin)
	}
	if len(l.pushes) >= q.perDevice {
		q.drop(l, 1, resultOverflow)
	}
	l.pushes = append(l.pushes, p)
	q.count(1)
	if l.state == idle {
		q.list(l)
	}
	return nil
}

// redirect gives a lane another channel, which need not wait for what held up the old one.
func (q *queue) redirect(l *lane, c api.PushChannel, u *url.URL, origin string) {
	old := l.origin
	l.channel, l.endpoint, l.origin, l.attempts = c, u, origin, 0
	switch l.state {
	case waiting:
		q.resume(l)
	case parked:
		if q.parked[old] = slices.DeleteFunc(q.parked[old], func(p *lane) bool { return p == l }); len(q.parked[old]) == 0 {
			delete(q.parked, old)
		}
		q.list(l)
	case ready:
		q.unpark(old) // the turn may have been given to this one
	}
}

// makeRoom returns when there is room for a push. The caller holds the lock.
func (q *queue) makeRoom(ctx context.Context) error {
	for q.total >= q.max && !q.shed() {
		if q.closed {
			return errStopped
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

// shed drops the older half of what some device that cannot be reached has waiting: its pushes are hints that may not hold
// up those of others. It reports false when it finds none.
func (q *queue) shed() bool {
	const most = 1000
	looked := 0
	for _, l := range q.lanes {
		if looked++; looked > most {
			break
		}
		if l.state == waiting && len(l.pushes) > 0 {
			q.drop(l, (len(l.pushes)+1)/2, resultOverflow)
			return true
		}
	}
	return false
}

// drop removes the first n pushes of a lane.
func (q *queue) drop(l *lane, n int, result string) {
	l.pushes = l.pushes[n:]
	q.metrics.count(result, n)
	q.count(-n)
}

// count changes the number of pushes, and tells whoever waits for room.
func (q *queue) count(n int) {
	full := q.total >= q.max
	q.total += n
	q.metrics.queued.Set(float64(q.total))
	if full && q.total < q.max {
		close(q.room)
		q.room = make(chan struct{})
	}
}

// list puts a lane where workers find it.
func (q *queue) list(l *lane) {
	l.state = ready
	i := 1
	if q.trusted[l.origin] {
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

// resume ends a lane's wait.
func (q *queue) resume(l *lane) {
	if l.timer != nil { // there is none once the queue is closed
		l.timer.Stop()
		l.timer = nil
	}
	q.list(l)
}

// take waits for the next push to send, with the lane as it is now. It reports false when the queue has been closed and
// nothing is due. Every push taken has to be given back to done.
func (q *queue) take() (l *lane, channel target, p push, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for l = q.next(); l == nil; l = q.next() {
			if q.closed { // what else is ready falls to those who send to such origins now
				return nil, target{}, push{}, false
			}
			q.work.Wait()
		}
		if q.settle(l) {
			q.unpark(l.origin) // as it does not use its turn
			continue
		}
		if !q.trusted[l.origin] && q.active[l.origin] >= q.perOrigin {
			l.state = parked
			q.parked[l.origin] = append(q.parked[l.origin], l)
			continue
		}
		l.state = running
		q.run(l.origin, 1)
		p = l.pushes[0]
		l.pushes = l.pushes[1:]
		q.count(-1)
		return l, target{installation: l.id, origin: l.origin, endpoint: l.endpoint, channel: l.channel}, p, true
	}
}

// settle drops what has expired and forgets a lane without pushes; then it reports true.
func (q *queue) settle(l *lane) bool {
	now, n := time.Now(), 0
	for n < len(l.pushes) && !now.Before(l.pushes[n].deadline) {
		n++
	}
	q.drop(l, n, resultExpired)
	if len(l.pushes) > 0 {
		return false
	}
	if q.lanes[l.id] == l {
		delete(q.lanes, l.id)
	}
	return true
}

// outcome is what became of a push that was taken.
type outcome struct {
	result string
	retry  bool          // the push goes back to the front
	after  time.Duration // with retry: not before; 0: as the lane's failures in a row suggest
	gone   bool          // so are all others on the same channel
}

// done gives a push back.
func (q *queue) done(l *lane, t target, p push, o outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.run(t.origin, -1)
	q.unpark(t.origin)
	same := l.channel == t.channel
	switch {
	case o.gone && same:
		q.drop(l, len(l.pushes), resultGone)
	case o.retry:
		l.pushes = append([]push{p}, l.pushes...)
		q.count(1)
		if len(l.pushes) > q.perDevice {
			q.drop(l, 1, resultOverflow)
		}
		if same {
			q.wait(l, o.after)
			return
		}
	default:
		l.attempts = 0
	}
	l.state = idle
	if !q.settle(l) {
		q.list(l)
	}
}

// run counts the running lanes.
func (q *queue) run(origin string, n int) {
	if !q.trusted[origin] {
		q.others += n
		if n < 0 && len(q.ready[1]) > 0 {
			q.work.Signal()
		}
	}
	if q.active[origin] += n; q.active[origin] == 0 {
		delete(q.active, origin)
	}
}

// unpark gives the turn to another lane of an origin. One that finds no room is parked again.
func (q *queue) unpark(origin string) {
	lanes := q.parked[origin]
	if len(lanes) == 0 {
		return
	}
	if q.parked[origin] = lanes[1:]; len(lanes) == 1 {
		delete(q.parked, origin)
	}
	q.list(lanes[0])
}

// wait holds a lane back.
func (q *queue) wait(l *lane, d time.Duration) {
	if d == 0 {
		d = backoff(l.attempts)
	}
	l.attempts++
	l.state = waiting
	if q.closed {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if l.timer == timer && !q.closed { // or it was stopped too late
			q.resume(l)
		}
	})
	l.timer = timer
}

// forget drops what is queued for a device.
func (q *queue) forget(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[id]
	if l == nil {
		return
	}
	q.drop(l, len(l.pushes), resultGone)
	if l.state == waiting {
		q.resume(l) // to be found empty
	}
}

// close ends the waiting: what is ready is still to be taken, what is held back is not.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, l := range q.lanes {
		if l.timer != nil {
			l.timer.Stop()
		}
	}
	close(q.room)
	q.room = make(chan struct{})
	q.work.Broadcast()
}
