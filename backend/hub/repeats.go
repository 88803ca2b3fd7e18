package hub

import (
	"context"
	"sync"
	"time"
)

// Bounds of what is remembered of requests.
const (
	keepRepeats = 10 * time.Minute
	maxRepeats  = 20_000 // of one rule
)

// repeats remembers requests by the name that their clients gave them, so that one made again is not done again. Azure's own
// client names a request in x-ms-client-request-id and keeps the name when it tries again after a 5xx or a broken connection.
type repeats struct {
	now  func() time.Time
	most int

	mu     sync.Mutex
	byRule map[string]*askedOf
}

// askedOf are the requests of one rule.
type askedOf struct {
	byKey map[requestKey]*asked
	order []*asked // the oldest first
}

// requestKey tells requests apart. The sum is of what is to be sent, to whom: a client that gives all its requests one name
// loses none.
type requestKey struct {
	name string
	sum  uint64
}

// asked is a request that is under way, or done.
type asked struct {
	key  requestKey
	at   time.Time
	done chan struct{} // closed when id is there, or when it failed
	id   string        // of the notification
}

func newRepeats(now func() time.Time) *repeats {
	return &repeats{now: now, most: maxRepeats, byRule: make(map[string]*askedOf)}
}

// once returns the ID that do gives, or gave to the same request before. A request that comes while the first is under way
// waits for it; one that failed may be made again.
func (r *repeats) once(ctx context.Context, rule string, key requestKey, do func() (id string, err error)) (string, error) {
	if key.name == "" {
		return do()
	}
	for {
		q, first := r.claim(rule, key)
		if first {
			return r.do(rule, q, do)
		}
		select {
		case <-q.done:
		case <-ctx.Done():
			return "", ctx.Err()
		}
		if q.id != "" {
			return q.id, nil
		}
	}
}

func (r *repeats) do(rule string, q *asked, do func() (string, error)) (id string, err error) {
	defer func() {
		if q.id == "" { // also in a panic
			r.forget(rule, q)
		}
		close(q.done)
	}()
	if id, err = do(); err != nil {
		return "", err
	}
	q.id = id
	return id, nil
}

// claim returns the request of a key. The caller does it when it is the first.
func (r *repeats) claim(rule string, key requestKey) (q *asked, first bool) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	of := r.byRule[rule]
	if of == nil {
		of = &askedOf{byKey: make(map[requestKey]*asked)}
		r.byRule[rule] = of
	}
	for len(of.order) > 0 && (len(of.order) >= r.most || now.Sub(of.order[0].at) >= keepRepeats) {
		oldest := of.order[0]
		of.order[0], of.order = nil, of.order[1:]
		if of.byKey[oldest.key] == oldest {
			delete(of.byKey, oldest.key)
		}
	}
	if q := of.byKey[key]; q != nil {
		return q, false
	}
	q = &asked{key: key, at: now, done: make(chan struct{})}
	of.byKey[key] = q
	of.order = append(of.order, q)
	return q, true
}

// forget lets a request be made again.
func (r *repeats) forget(rule string, q *asked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if of := r.byRule[rule]; of.byKey[q.key] == q {
		delete(of.byKey, q.key)
	}
}
