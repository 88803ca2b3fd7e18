package presenttest

import (
	"sync"
	"testing/synctest"
	"time"
)

// Queue stands in the place of the toolkit's event queue, inside a bubble of testing/synctest. The goroutine that calls
// Settle is the drawing one.
type Queue struct {
	mu    sync.Mutex
	funcs []func()
}

// Post queues a function. It may be called from any goroutine.
func (q *Queue) Post(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.funcs = append(q.funcs, f)
}

// Settle lets everything happen that can happen without time passing.
func (q *Queue) Settle() {
	for {
		synctest.Wait()
		q.mu.Lock()
		funcs := q.funcs
		q.funcs = nil
		q.mu.Unlock()
		if len(funcs) == 0 {
			return
		}
		for _, f := range funcs {
			f()
		}
	}
}

// Pass lets time pass, in steps of 50 ms.
func (q *Queue) Pass(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); q.Settle() {
		time.Sleep(50 * time.Millisecond) //nolint:forbidigo // virtual time
	}
}
