package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const cleanRows = 500 // that one transaction of the clean-up touches at most, so that senders do not wait for it

// Run cleans up at the start and then every CleanEvery until ctx ends: it wipes what expired and forgets what nobody
// can ask for any more. A failed clean-up is logged and tried again at the next turn.
func (s *Store) Run(ctx context.Context) error {
	turn := time.NewTicker(s.o.CleanEvery)
	defer turn.Stop()
	for {
		if err := s.Clean(ctx); err != nil && ctx.Err() == nil {
			if errors.Is(err, ErrClosed) {
				return err
			}
			s.log.WarnContext(ctx, "clean-up failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-turn.C:
		}
	}
}

// Clean does one clean-up.
func (s *Store) Clean(ctx context.Context) error {
	now := s.now()
	forgotten := now - s.o.KeepGone.Milliseconds()
	for _, step := range []struct {
		name, text string
		args       []any
	}{
		{"expired", wipe + ` WHERE id IN
			(SELECT id FROM notifications WHERE gone = 0 AND expires <> 0 AND expires <= ? LIMIT ?)`, []any{now, now}},
		{"tombstones", `DELETE FROM notifications WHERE id IN
			(SELECT id FROM notifications WHERE gone <> 0 AND gone <= ? LIMIT ?)`, []any{forgotten}},
		{"idempotency", `DELETE FROM idempotency WHERE (sender, key) IN
			(SELECT sender, key FROM idempotency WHERE created <= ? LIMIT ?)`, []any{now - IdempotencyKept.Milliseconds()}},
		{"access tokens", `DELETE FROM access_tokens WHERE hash IN
			(SELECT hash FROM access_tokens WHERE expires <= ? LIMIT ?)`, []any{now}},
		{"sessions", `DELETE FROM sessions WHERE id IN
			(SELECT id FROM sessions WHERE ends <= ? OR used <= ? LIMIT ?)`, []any{now, now - s.o.IdleLife.Milliseconds()}},
		{"installations", forget + ` WHERE id IN
			(SELECT id FROM installations WHERE gone <> 0 AND gone <= ? LIMIT ?)`, []any{forgotten}},
		{"hub installations", `DELETE FROM hub_installations WHERE id IN
			(SELECT id FROM hub_installations WHERE expires <> 0 AND expires <= ? LIMIT ?)`, []any{now}},
		{"hub tombstones", `DELETE FROM hub_tombstones WHERE id IN
			(SELECT id FROM hub_tombstones WHERE gone <= ? LIMIT ?)`, []any{now - keepTombstones.Milliseconds()}},
		{"hub feedback", `DELETE FROM hub_feedback WHERE seq IN
			(SELECT seq FROM hub_feedback WHERE day < ? LIMIT ?)`, []any{(now - keepFeedback.Milliseconds()) / dayMS}},
		{"hub jobs", `DELETE FROM hub_jobs WHERE id IN
			(SELECT id FROM hub_jobs WHERE updated <= ? LIMIT ?)`, []any{forgotten}},
	} {
		if err := s.cleanAll(ctx, step.text, append(step.args, cleanRows)...); err != nil {
			return fmt.Errorf("store: clean %s: %w", step.name, err)
		}
	}
	if err := s.cleanRegistrations(ctx, now); err != nil {
		return fmt.Errorf("store: clean hub registrations: %w", err)
	}
	return nil
}

// cleanRegistrations removes those of the hub that have expired; their clients are told so.
func (s *Store) cleanRegistrations(ctx context.Context, now int64) error {
	for {
		n := 0
		err := s.write(ctx, func(t *tx) error {
			expired, err := t.removeExpired(now)
			n = len(expired)
			if err != nil {
				return err
			}
			for id, expires := range expired {
				if err := t.bury(id, expires); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < cleanRows {
			return err
		}
	}
}

// cleanAll repeats a limited statement until it finds no more.
func (s *Store) cleanAll(ctx context.Context, text string, args ...any) error {
	for {
		var n int64
		err := s.write(ctx, func(t *tx) (err error) {
			n, err = t.changes(text, args...)
			return err
		})
		if err != nil || n < cleanRows {
			return err
		}
	}
}

// removeExpired removes registrations whose time has passed and tells when it did.
func (t *tx) removeExpired(now int64) (map[string]int64, error) {
	removed := map[string]int64{}
	err := t.query(func(scan scan) error {
		var (
			id      string
			expires int64
		)
		err := scan(&id, &expires)
		removed[id] = expires
		return err
	}, `DELETE FROM hub_registrations WHERE id IN
		(SELECT id FROM hub_registrations WHERE expires <> 0 AND expires <= ? LIMIT ?) RETURNING id, expires`, now, cleanRows)
	return removed, err
}
