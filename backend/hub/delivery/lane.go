package delivery

import (
	"slices"
	"time"
)

// state says where a lane is.
type state uint8

const (
	idle    state = iota // not listed anywhere; only while the lock is held
	ready                // in the list that workers take from
	running              // a worker sends its first push
	waiting              // until its timer runs out
	parked               // until another lane of its origin is done
)

// lane is the queue of one endpoint. Its pushes go out one after the other, and when the push service says "later", it is
// the lane that waits: one retry for each device, not for each push.
type lane struct {
	endpoint  string
	origin    *origin
	pushes    []push
	setback   *setback // nil: the last attempt did not fail
	state     state
	forgotten bool // while running: the push under way is not to be tried again
}

// origin is a push service, for as long as there are lanes that lead to it.
type origin struct {
	name    string // as in a token: scheme, host, and port where it is not the usual one
	trusted bool
	down    bool // it did not answer the last attempt
	lanes   int
	active  int // lanes running
	parked  line
}

// setback is what remains of attempts that failed.
type setback struct {
	attempts int // in a row
	last     Result
	until    time.Time // no attempt before
	wake     time.Time // when the timer fires
	timer    *time.Timer
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

// lane returns the lane of an endpoint, which it makes if need be. The error is errEndpoint.
func (q *queue) lane(endpoint string) (*lane, error) {
	if l := q.lanes[endpoint]; l != nil {
		return l, nil
	}
	name, err := q.rule.origin(endpoint)
	if err != nil {
		return nil, err
	}
	o := q.origins[name]
	if o == nil {
		o = &origin{name: name, trusted: q.rule.trusted[name]}
		q.origins[name] = o
	}
	o.lanes++
	l := &lane{endpoint: endpoint, origin: o}
	q.lanes[endpoint] = l
	return l, nil
}

// remove forgets a lane that has no pushes and is not listed.
func (q *queue) remove(l *lane) {
	delete(q.lanes, l.endpoint)
	if l.origin.lanes--; l.origin.lanes == 0 {
		delete(q.origins, l.origin.name)
	}
}

// drop removes the first n pushes of a lane.
func (q *queue) drop(l *lane, n int, label string, r Result) {
	bytes := 0
	for i, p := range l.pushes[:n] {
		q.finish(p, label, r)
		bytes += len(p.body)
		l.pushes[i] = push{}
	}
	l.pushes = l.pushes[n:]
	q.count(-n, -bytes)
}

// expire finishes a push that is past its end.
func (q *queue) expire(l *lane, p push) {
	var last Result
	if l.setback != nil {
		last = l.setback.last
	}
	r := p.over(last)
	label := resultExpired
	if r.Abandoned {
		label = resultAbandoned
	}
	q.finish(p, label, r)
	q.count(-1, -len(p.body))
}

// settle drops what is over at the front, and a lane without pushes; then it reports true.
func (q *queue) settle(l *lane) bool {
	for now := time.Now(); len(l.pushes) > 0 && !now.Before(l.pushes[0].end); {
		q.expire(l, l.pop())
	}
	if len(l.pushes) > 0 {
		return false
	}
	q.remove(l)
	return true
}

func (l *lane) pop() push {
	p := l.pushes[0]
	l.pushes[0] = push{}
	l.pushes = l.pushes[1:]
	return p
}

// wait holds a lane back after a failure.
func (q *queue) wait(l *lane, v verdict) {
	if l.setback == nil {
		l.setback = new(setback)
	}
	s := l.setback
	if v.after == 0 {
		v.after = backoff(s.attempts)
	}
	s.attempts++
	s.last, s.until = v.Result, time.Now().Add(v.after)
	q.rest(l)
}

// rest drops what is over, and lets the lane wait until its time has come or the next push is over.
func (q *queue) rest(l *lane) {
	now := time.Now()
	next := l.setback.until
	l.pushes = slices.DeleteFunc(l.pushes, func(p push) bool {
		if now.Before(p.end) {
			next = earlier(next, p.end)
			return false
		}
		q.expire(l, p)
		return true
	})
	switch {
	case len(l.pushes) == 0:
		q.remove(l)
	case !now.Before(l.setback.until):
		q.list(l)
	default:
		l.state = waiting
		q.arm(l, next)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// arm makes a lane that waits look again at a time.
func (q *queue) arm(l *lane, at time.Time) {
	l.disarm()
	if q.closed {
		return
	}
	s := l.setback
	s.wake = at
	var timer *time.Timer
	timer = time.AfterFunc(time.Until(at), func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if s.timer == timer { // or it was stopped too late
			s.timer = nil
			q.rest(l)
		}
	})
	s.timer = timer
}

func (l *lane) disarm() {
	if l.setback != nil && l.setback.timer != nil {
		l.setback.timer.Stop()
		l.setback.timer = nil
	}
}
