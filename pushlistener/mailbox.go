package pushlistener

import "sync"

// mailbox is a queue that never makes the sender wait. One goroutine takes from it.
type mailbox[T any] struct {
	mu    sync.Mutex
	queue []T
	ready chan struct{} // holds one token while there is something
}

func newMailbox[T any]() *mailbox[T] { return &mailbox[T]{ready: make(chan struct{}, 1)} }

// put adds v, unless limit is over zero and so many wait already.
func (m *mailbox[T]) put(v T, limit int) bool {
	m.mu.Lock()
	if limit > 0 && len(m.queue) >= limit {
		m.mu.Unlock()
		return false
	}
	m.queue = append(m.queue, v)
	m.mu.Unlock()
	select {
	case m.ready <- struct{}{}:
	default:
	}
	return true
}

// take empties the box. spare, if any, becomes the next queue.
func (m *mailbox[T]) take(spare []T) []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.queue
	clear(spare[:cap(spare)])
	m.queue = spare[:0]
	if cap(spare) > maxSpare {
		m.queue = nil
	}
	return all
}

// maxSpare is the longest queue whose memory is kept after a burst.
const maxSpare = 256
