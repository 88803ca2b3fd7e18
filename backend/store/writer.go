package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	batchWrites = 256                   // writes that share a transaction at most
	batchTime   = 20 * time.Millisecond // after which a transaction takes no more of them
	lockWait    = 10 * time.Second      // for another process to finish its transaction, unless set otherwise
	lockPoll    = time.Millisecond
)

// writer is the one goroutine of the process that writes. What waits while a transaction is synced shares the next one,
// so a sync is paid once for all of them; each has a savepoint, so that the failure of one leaves the others alone.
type writer struct {
	db        *sql.DB
	queue     chan *queued
	ended     chan struct{}
	lockWait  time.Duration
	batchTime time.Duration

	mu     sync.RWMutex // held by whoever puts into queue, against closing it
	closed bool

	writes, commits atomic.Uint64

	conn       *sql.Conn // of the goroutine; nil until needed, and after a failure
	statements map[string]*sql.Stmt
}

// queued is a write that waits. Whoever moves state away from waiting decides: the writer takes it, or the caller,
// whose context ended, gives it up. So an answer never says "not written" of something that was.
type queued struct {
	do    func(*tx) error
	state atomic.Int32
	err   error
	done  chan struct{} // closed after err is set
}

const (
	waiting int32 = iota
	taken
	givenUp
)

// take claims a write for the writer; it may do so again.
func (q *queued) take() bool {
	return q.state.CompareAndSwap(waiting, taken) || q.state.Load() == taken
}

func (q *queued) answer(err error) {
	if err != nil && !isDecision(err) {
		err = typed(err)
	}
	q.err = err
	close(q.done)
}

func startWriter(db *sql.DB, queue int) *writer {
	w := &writer{db: db, queue: make(chan *queued, queue), ended: make(chan struct{}), lockWait: lockWait, batchTime: batchTime}
	go w.run()
	return w
}

// do runs a function in a transaction and returns when that is on the disk. An error of the function undoes what it did
// and is returned. The function may run more than once; what counts is its last run. When ctx ends before the function's
// turn, nothing is written and the result is ctx's error.
func (w *writer) do(ctx context.Context, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q := &queued{do: do, done: make(chan struct{})}
	if err := w.put(q); err != nil {
		return err
	}
	select {
	case <-q.done:
		return q.err
	case <-ctx.Done():
		if q.state.CompareAndSwap(waiting, givenUp) {
			return ctx.Err()
		}
		<-q.done // its transaction is being written; the truth is a moment away
		return q.err
	}
}

func (w *writer) put(q *queued) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return failure(ErrClosed, nil)
	}
	select {
	case w.queue <- q:
		return nil
	default:
		return failure(ErrBusy, errors.New("too many writes wait"))
	}
}

func (w *writer) isClosed() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.closed
}

// close lets what waits be written, then ends the goroutine and the connections.
func (w *writer) close() error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	if first {
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
	return w.db.Close()
}

func (w *writer) run() {
	defer close(w.ended)
	defer w.drop()
	for q := range w.queue {
		w.batch(q)
	}
}

// batch writes first and what waits behind it. A write can take the whole transaction down with it (a full disk does):
// it is answered, and the others are written again without it.
func (w *writer) batch(first *queued) {
	for these := []*queued{first}; len(these) > 0; {
		these = w.transaction(these)
	}
}

// transaction writes these and what waits behind them, and returns those that have to be written again.
func (w *writer) transaction(these []*queued) (again []*queued) {
	t, err := w.begin()
	if err != nil {
		w.refuse(these, err)
		return nil
	}
	var in []*queued
	started := time.Now()
	next := func() (q *queued) {
		switch {
		case len(these) > 0:
			q, these = these[0], these[1:]
		case len(in) < batchWrites && time.Since(started) < w.batchTime:
			q = w.next()
		}
		return q
	}
	for q := next(); q != nil; q = next() {
		if !q.take() {
			continue
		}
		if !t.savepoint(q) {
			w.drop()
			q.answer(q.err)
			return append(in, these...)
		}
		in = append(in, q)
	}
	if err := t.exec(`COMMIT`); err != nil {
		w.drop() // closing the connection undoes the transaction, in whatever state it is
		for _, q := range in {
			q.answer(err)
		}
		return nil
	}
	w.commits.Add(1)
	w.writes.Add(uint64(len(in)))
	for _, q := range in {
		q.answer(q.err)
	}
	return nil
}

// next returns a write that waits, or nil.
func (w *writer) next() *queued {
	select {
	case q := <-w.queue:
		return q // nil when closed
	default:
		return nil
	}
}

// refuse answers these and all that waits with the error that keeps a transaction from beginning: each would meet it.
func (w *writer) refuse(these []*queued, err error) {
	for _, q := range these {
		if q.take() {
			q.answer(err)
		}
	}
	for q := w.next(); q != nil; q = w.next() {
		if q.take() {
			q.answer(err)
		}
	}
}

// begin starts a transaction, and waits for another process that has one. SQLite's own waiting polls too seldom to get
// in between the transactions of a busy server.
func (w *writer) begin() (*tx, error) {
	ctx := context.Background() // a statement cut short by one caller's context would harm the others
	t := &tx{ctx: ctx, w: w}
	var poll *time.Ticker
	for started := time.Now(); ; {
		err := w.connect(ctx)
		if err == nil {
			err = t.exec(`BEGIN IMMEDIATE`)
		}
		if err == nil {
			return t, nil
		}
		if !isBusy(err) || time.Since(started) > w.lockWait {
			w.drop()
			return nil, err
		}
		if poll == nil {
			poll = time.NewTicker(lockPoll)
			defer poll.Stop()
		}
		<-poll.C
	}
}

func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	w.conn, w.statements = conn, map[string]*sql.Stmt{}
	_, err = conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`)
	return err
}

// drop closes the connection for good; the next transaction opens another.
func (w *writer) drop() {
	if w.conn == nil {
		return
	}
	for _, st := range w.statements {
		_ = st.Close() // else SQLite keeps the connection half open, and its lock
	}
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // tells the pool not to keep it; the error is our own
	_ = w.conn.Close()
	w.conn, w.statements = nil, nil
}
