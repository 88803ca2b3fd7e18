package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"securepush/backend/hub/record"
)

const scheduledColumns = `id, due, format, tags, body, headers, handles, direct, enqueued`

func scanScheduled(scan scan) (n record.Scheduled, err error) {
	var (
		due, enqueued    int64
		headers, handles string
	)
	err = scan(&n.ID, &due, &n.Format, &n.Tags, &n.Body, &headers, &handles, &n.Direct, &enqueued)
	if err != nil {
		return n, err
	}
	n.Due, n.Enqueued = toTime(due), orNever(enqueued)
	var (
		pairs   [][2]string
		triples [][3]string
	)
	if err := json.Unmarshal([]byte(headers), &pairs); err != nil {
		return n, err
	}
	for _, p := range pairs {
		n.Headers = append(n.Headers, record.Header{Name: p[0], Value: p[1]})
	}
	if err := json.Unmarshal([]byte(handles), &triples); err != nil {
		return n, err
	}
	for _, h := range triples {
		n.Handles = append(n.Handles, record.Handle{Handle: h[0], P256DH: h[1], Auth: h[2]})
	}
	return n, nil
}

// AddScheduled keeps a notification for its time, to the millisecond. [record.ErrExists]: there is one of that ID.
func (s *Store) AddScheduled(ctx context.Context, n record.Scheduled) error {
	pairs, triples := make([][2]string, len(n.Headers)), make([][3]string, len(n.Handles))
	for i, h := range n.Headers {
		pairs[i] = [2]string{h.Name, h.Value}
	}
	for i, h := range n.Handles {
		triples[i] = [3]string{h.Handle, h.P256DH, h.Auth}
	}
	headers, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	handles, err := json.Marshal(triples)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		err := t.exec(`INSERT INTO hub_scheduled (`+scheduledColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			n.ID, n.Due.UnixMilli(), n.Format, n.Tags, blob(n.Body), string(headers), string(handles), n.Direct, toMS(n.Enqueued))
		if isUnique(err) {
			return record.ErrExists
		}
		return err
	})
}

// DeleteScheduled forgets a notification whose time has not come. [record.ErrNotFound]: unknown, or it was taken already.
func (s *Store) DeleteScheduled(ctx context.Context, id string) error {
	return s.write(ctx, func(t *tx) error {
		return t.changeOr(record.ErrNotFound, `DELETE FROM hub_scheduled WHERE id = ?`, id)
	})
}

// CountScheduled tells how many wait for their time.
func (s *Store) CountScheduled(ctx context.Context) (n int, err error) {
	err = s.queryRow(ctx, nil, func(scan scan) error { return scan(&n) }, `SELECT count(*) FROM hub_scheduled`)
	return n, err
}

// NextScheduled tells when the next one is due; ok is false when there is none.
func (s *Store) NextScheduled(ctx context.Context) (due time.Time, ok bool, err error) {
	err = s.queryRow(ctx, nil, func(scan scan) error {
		var ms int64
		err := scan(&ms)
		due, ok = toTime(ms), err == nil
		return err
	}, `SELECT due FROM hub_scheduled ORDER BY due LIMIT 1`)
	if !ok {
		due = time.Time{}
	}
	return due, ok, err
}

// TakeScheduled removes up to limit (0 counts as 100) that are due and returns them in order of time: each is taken once, by
// one caller of one process, and not taken back if that ends before it has sent it.
func (s *Store) TakeScheduled(ctx context.Context, now time.Time, limit int) (taken []record.Scheduled, err error) {
	err = s.write(ctx, func(t *tx) error {
		taken = nil
		return t.query(func(scan scan) error {
			n, err := scanScheduled(scan)
			taken = append(taken, n)
			return err
		}, `DELETE FROM hub_scheduled WHERE id IN (SELECT id FROM hub_scheduled WHERE due <= ? ORDER BY due, id LIMIT ?)
			RETURNING `+scheduledColumns, now.UnixMilli(), cmp.Or(max(limit, 0), pageHub))
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(taken, func(a, b record.Scheduled) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
	return taken, nil
}
