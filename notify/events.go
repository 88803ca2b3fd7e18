package notify

import (
	"log/slog"
	"sync"
)

// eventQueue hands events from the system's goroutine, which must not block, to whoever reads them.
type eventQueue struct {
	ch  chan Event
	log *slog.Logger

	mu     sync.Mutex
	closed bool
}

// Clicks come at a person's speed: a full queue means that nobody reads.
const eventQueueLength = 256

func newEventQueue(log *slog.Logger) *eventQueue {
	return &eventQueue{ch: make(chan Event, eventQueueLength), log: log}
}

func (q *eventQueue) put(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	select {
	case q.ch <- e:
	default:
		q.log.Warn("toast event dropped: nobody reads them", "kind", e.Kind.String())
	}
}

func (q *eventQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.ch)
	}
}
