package pushservice

import (
	"sync"
	"time"
)

// roster lists the connections in the order in which they are due for a PING. All wait equally long, so that whoever
// joins or was pinged goes to the end and nothing needs sorting: no timer for each device, no heap. It is also what
// waits for the connections' goroutines.
type roster struct {
	max int

	mu          sync.Mutex
	closed      bool
	reserved    int            // connections, and those about to become one
	readers     sync.WaitGroup // as many as reserved
	first, last *link
}

// reserve makes room for one connection. It reports false when there is none or the roster is closed.
func (r *roster) reserve() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.reserved >= r.max {
		return false
	}
	r.reserved++
	r.readers.Add(1) // under the lock, so that none is added once close has been waited for
	return true
}

// release gives back a reservation that did not become a connection.
func (r *roster) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reserved--
	r.readers.Done()
}

// join uses a reservation. It reports false when the roster has been closed meanwhile.
func (r *roster) join(l *link, due time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.append(l, due)
	return true
}

func (r *roster) append(l *link, due time.Time) {
	l.due, l.before, l.after = due, r.last, nil
	if r.last == nil {
		r.first = l
	} else {
		r.last.after = l
	}
	r.last = l
}

func (r *roster) unlink(l *link) {
	if l.before == nil {
		r.first = l.after
	} else {
		l.before.after = l.after
	}
	if l.after == nil {
		r.last = l.before
	} else {
		l.after.before = l.before
	}
	l.before, l.after = nil, nil
}

// leave ends a connection.
func (r *roster) leave(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unlink(l)
	r.reserved--
	r.readers.Done()
}

// next returns a connection that is due at now, and lists it again for after another interval. Without one it returns
// how long there is to wait: a connection that joins meanwhile is not due before that.
func (r *roster) next(now time.Time, interval time.Duration) (*link, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.first
	if l == nil {
		return nil, interval
	}
	if wait := l.due.Sub(now); wait > 0 {
		return nil, wait
	}
	r.unlink(l)
	r.append(l, now.Add(interval))
	return l, 0
}

// close lets nobody in any more and returns who is there.
func (r *roster) close() []*link {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	var all []*link
	for l := r.first; l != nil; l = l.after {
		all = append(all, l)
	}
	return all
}
