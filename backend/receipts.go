package backend

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/api"
	"securepush/backend/store"
)

const (
	receiptWait  = 250 * time.Millisecond // in which receipts gather, so that they cost few writes and no answer waits for one
	receiptBatch = 500                    // receipts of one write: senders wait no longer for it
	receiptQueue = 50_000                 // receipts that may wait
	receiptDrain = 3 * time.Second        // for what waits when the server ends
)

// Results of a receipt; labels of a metric.
const (
	receiptNoted    = "noted"
	receiptLost     = "lost"
	receiptOverflow = "overflow"
)

// ledger writes down what devices have fetched and shown, beside the requests that tell of it. Receipts are for people who
// are curious: what a crash or a full queue loses, nobody misses.
type ledger struct {
	store *store.Store
	log   *slog.Logger
	count *prometheus.CounterVec
	ready chan struct{} // holds one token while there is something

	mu      sync.Mutex
	waiting []store.Receipt
}

func newLedger(st *store.Store, log *slog.Logger, m *metrics) *ledger {
	return &ledger{store: st, log: log, count: m.receipts, ready: make(chan struct{}, 1)}
}

// add queues receipts. It never waits.
func (l *ledger) add(receipts []store.Receipt) {
	l.mu.Lock()
	room := min(len(receipts), receiptQueue-len(l.waiting))
	l.waiting = append(l.waiting, receipts[:room]...)
	l.mu.Unlock()
	if room < len(receipts) {
		l.count.WithLabelValues(receiptOverflow).Add(float64(len(receipts) - room))
	}
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// run writes what is queued until ctx ends, and then, for a moment, what is still there.
func (l *ledger) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			l.flush(ctx)
			return nil
		case <-l.ready:
		}
		gather := time.NewTimer(receiptWait)
		select {
		case <-ctx.Done():
		case <-gather.C:
		}
		gather.Stop()
		l.flush(ctx)
	}
}

// flush writes what waits.
func (l *ledger) flush(ctx context.Context) {
	l.mu.Lock()
	all := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	if len(all) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiptDrain)
	defer cancel()
	for batch := range slices.Chunk(all, receiptBatch) {
		result := receiptNoted
		if err := l.store.AddReceipts(ctx, batch); err != nil {
			result = receiptLost
			l.log.WarnContext(ctx, "receipts cannot be noted", "receipts", len(batch), "err", err)
		}
		l.count.WithLabelValues(result).Add(float64(len(batch)))
	}
}

// noteDelivered notes what a device has fetched, if it is known which one asks.
func (s *Server) noteDelivered(who store.Principal, items ...api.Notification) {
	if who.Installation == "" || len(items) == 0 {
		return
	}
	now := s.now()
	receipts := make([]store.Receipt, len(items))
	for i := range items {
		receipts[i] = store.Receipt{Account: who.Account, Installation: who.Installation, ID: items[i].ID, At: now}
	}
	s.ledger.add(receipts)
}

// learnDevice notes which device a sign-in is for.
func (s *Server) learnDevice(ctx context.Context, who store.Principal, installation string) error {
	if who.Installation == installation {
		return nil
	}
	return s.store.SetSessionInstallation(ctx, who.Session, installation)
}

// receipts takes what a device has shown.
func (s *Server) receipts(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	if err := noQuery(r); err != nil {
		return err
	}
	device := who.Installation
	var ids []api.ID
	if err := readJSON(r, fields{"installationId": &device, "shown": func(v json.RawMessage) (err error) {
		ids, err = decodeIDs(v, "shown", api.MaxReceipts)
		return err
	}}); err != nil {
		return err
	}
	if device == "" {
		return invalid("installationId", "Say which device this is.")
	}
	if ids == nil {
		return invalid("shown", "Say what was shown.")
	}
	if device != who.Installation { // a sign-in that is older than what the server remembers of it
		if !installationID.MatchString(device) {
			return invalid("installationId", "This is not the ID of a device.")
		}
		if _, err := s.store.Installation(r.Context(), who.Account, device); err != nil {
			return err
		}
		if err := s.learnDevice(r.Context(), who, device); err != nil {
			return err
		}
	}
	now := s.now()
	shown := make([]store.Receipt, len(ids))
	for i, id := range ids {
		shown[i] = store.Receipt{Account: who.Account, Installation: device, ID: id, Shown: true, At: now}
	}
	s.ledger.add(shown)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// status tells how far a notification has come.
func (s *Server) status(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	if err := noQuery(r); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	d, err := s.store.Status(r.Context(), who.Account+who.Key, id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}

// sent lists what the caller has sent.
func (s *Server) sent(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	v, err := query(r, "before", "limit")
	if err != nil {
		return err
	}
	limit, err := s.pageLimit(v)
	if err != nil {
		return err
	}
	page, err := s.store.SentBy(r.Context(), who.Account, api.Cursor(v.Get("before")), limit)
	if errors.Is(err, store.ErrBadCursor) {
		return invalid("before", "This is not a cursor of this server.").Because(err)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, page)
}
