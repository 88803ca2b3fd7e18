package store

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"

	"securepush/api"
)

// Send stores a message for each of its recipients, all or none, in order. once may be nil.
//
// ErrNotFound: a recipient's account does not exist. ErrExists: an ID is taken. ErrConflict: the Idempotency-Key was
// used with another body.
func (s *Store) Send(ctx context.Context, m Message, to []Recipient, once *Idempotency) (sent Sent, err error) {
	err = s.write(ctx, func(t *tx) error {
		sent = Sent{}
		if once != nil {
			if sent, err = s.replay(t, once); err != nil || sent.Replayed {
				return err
			}
		}
		sent.Items = make([]SentItem, 0, len(to))
		for _, r := range to {
			item, err := s.add(t, m, r)
			if err != nil {
				return err
			}
			sent.Items = append(sent.Items, item)
		}
		if once != nil {
			return s.remember(t, once, sent.Items)
		}
		return nil
	})
	if err != nil {
		return Sent{}, err
	}
	return sent, nil
}

// add stores a message for one recipient.
func (s *Store) add(t *tx, m Message, to Recipient) (item SentItem, err error) {
	item = SentItem{Account: to.Account, ID: to.ID}
	now := s.now()
	var seq int64
	err = t.queryRow(ErrNotFound, func(scan scan) error { return scan(&seq) },
		`UPDATE accounts SET last_seq = last_seq + 1, unread = unread + 1 WHERE id = ? RETURNING last_seq`, to.Account)
	if err != nil {
		return item, err
	}
	if m.Key != "" {
		item.Replaced, err = t.ids(wipe+` WHERE account = ? AND topic = ? AND topic <> '' AND gone = 0 RETURNING id`,
			now, to.Account, m.Key)
		if err != nil {
			return item, err
		}
	}
	err = t.exec(`INSERT INTO notifications (id, account, seq, created, expires, topic, priority, title, sender, url, payload,
		sent_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		to.ID, to.Account, seq, now, expiryMS(m.ExpiresAt), m.Key, cmp.Or(m.Priority, api.PriorityNormal),
		m.Title, m.Sender, m.URL, m.Payload, m.By)
	if isUnique(err) {
		return item, ErrExists
	}
	return item, err
}

// outcome is what is kept of a send with an Idempotency-Key.
type outcome struct {
	hash    []byte
	items   string
	created int64
}

const outcomeQuery = `SELECT hash, items, created FROM idempotency WHERE sender = ? AND key = ?`

func (o *outcome) scan(scan scan) error { return scan(&o.hash, &o.items, &o.created) }

// sent is the outcome as it was answered.
func (o *outcome) sent(once *Idempotency) (sent Sent, err error) {
	if subtle.ConstantTimeCompare(o.hash, once.Hash[:]) != 1 {
		return Sent{}, ErrConflict
	}
	var pairs [][2]string
	if err := json.Unmarshal([]byte(o.items), &pairs); err != nil {
		return Sent{}, err
	}
	sent.Replayed = true
	for _, p := range pairs {
		sent.Items = append(sent.Items, SentItem{Account: p[0], ID: api.ID(p[1])})
	}
	return sent, nil
}

func (s *Store) outdated(o outcome) bool {
	return o.created <= s.now()-IdempotencyKept.Milliseconds()
}

// Sent returns what an earlier send with an Idempotency-Key has stored. ErrNotFound: there was none. ErrConflict: it had
// another body.
func (s *Store) Sent(ctx context.Context, once Idempotency) (Sent, error) {
	var o outcome
	err := s.queryRow(ctx, ErrNotFound, o.scan, outcomeQuery, once.Sender, once.Key)
	switch {
	case err != nil:
		return Sent{}, err
	case s.outdated(o):
		return Sent{}, ErrNotFound
	}
	return o.sent(&once)
}

// replay looks for an earlier send of the same Idempotency-Key.
func (s *Store) replay(t *tx, once *Idempotency) (Sent, error) {
	var o outcome
	err := t.queryRow(ErrNotFound, o.scan, outcomeQuery, once.Sender, once.Key)
	switch {
	case err == ErrNotFound: //nolint:errorlint // it is the value given just above
		return Sent{}, nil
	case err != nil:
		return Sent{}, err
	case s.outdated(o):
		return Sent{}, t.exec(`DELETE FROM idempotency WHERE sender = ? AND key = ?`, once.Sender, once.Key)
	}
	return o.sent(once)
}

// remember keeps the outcome of a send for its Idempotency-Key.
func (s *Store) remember(t *tx, once *Idempotency, items []SentItem) error {
	pairs := make([][2]string, len(items))
	for i, item := range items {
		pairs[i] = [2]string{item.Account, string(item.ID)}
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO idempotency (sender, key, hash, items, created) VALUES (?, ?, ?, ?, ?)`,
		once.Sender, once.Key, once.Hash[:], string(text), s.now())
}
