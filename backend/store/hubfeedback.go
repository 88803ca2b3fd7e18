package store

import (
	"cmp"
	"context"
	"time"

	"securepush/backend/hub/record"
)

const (
	keepFeedback = 30 * 24 * time.Hour
	dayMS        = 24 * 60 * 60 * 1000
)

// ExpireHandle removes whatever is registered under a handle of a platform that its push service has declared dead:
// registrations, whose clients are told so (see [Store.PutRegistration]), and those that follow from installations, which are
// marked as expired unless it was the channel of a secondary tile. For each it keeps the feedback f with registration and
// installation filled in, and with the time now if it has none. A handle that nothing is registered under is no error.
func (s *Store) ExpireHandle(ctx context.Context, f record.Feedback) error {
	return s.write(ctx, func(t *tx) error {
		now := s.now()
		dead, err := t.removeHandle(f.Platform, f.Handle)
		if err != nil {
			return err
		}
		if f.Time.IsZero() {
			f.Time = toTime(now)
		}
		for _, r := range dead {
			switch {
			case r.Installation == "":
				err = t.bury(r.ID, now)
			case r.SecondaryTileName == "":
				err = t.exec(`UPDATE hub_installations SET expired = 1, version = version + 1, updated = ?
					WHERE id = ? AND expired = 0`, now, r.Installation)
			}
			if err != nil {
				return err
			}
			f.Registration, f.Installation = r.ID, r.Installation
			if err := t.addFeedback(f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) removeHandle(p record.Platform, handle string) (removed []record.Registration, err error) {
	err = t.query(func(scan scan) error {
		var r record.Registration
		err := scan(&r.ID, &r.Installation, &r.SecondaryTileName)
		removed = append(removed, r)
		return err
	}, `DELETE FROM hub_registrations WHERE handle_key = ? AND platform = ?
		RETURNING id, COALESCE(installation, ''), tile`, handleKey(handle), p)
	return removed, err
}

func (t *tx) addFeedback(f record.Feedback) error {
	at := f.Time.UnixMilli()
	return t.exec(`INSERT INTO hub_feedback (day, time, platform, handle, registration, installation, notification, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		at/dayMS, at, f.Platform, f.Handle, f.Registration, f.Installation, f.Notification, f.Error)
}

// Feedback returns what was reported on a day (UTC), in order of arrival, at most limit (0 counts as 1000) behind a place, and
// the place of the last one. The first place is 0. Feedback is kept for 30 days.
func (s *Store) Feedback(ctx context.Context, day time.Time, after int64, limit int) (
	found []record.Feedback, last int64, err error,
) {
	last = after
	err = s.query(ctx, func(scan scan) error {
		var (
			f  record.Feedback
			at int64
		)
		err := scan(&last, &at, &f.Platform, &f.Handle, &f.Registration, &f.Installation, &f.Notification, &f.Error)
		f.Time = toTime(at)
		found = append(found, f)
		return err
	}, `SELECT seq, time, platform, handle, registration, installation, notification, error FROM hub_feedback
		WHERE day = ? AND seq > ? ORDER BY seq LIMIT ?`, day.UnixMilli()/dayMS, after, cmp.Or(max(limit, 0), 1000))
	return found, last, err
}

// FeedbackDays returns the days (their beginning in UTC) of which there is feedback, in order.
func (s *Store) FeedbackDays(ctx context.Context) ([]time.Time, error) {
	var days []time.Time
	for day := int64(0); ; {
		found := false
		err := s.queryRow(ctx, nil, func(scan scan) error {
			err := scan(&day)
			found = err == nil
			return err
		}, `SELECT day FROM hub_feedback WHERE day > ? ORDER BY day LIMIT 1`, day)
		if err != nil || !found {
			return days, err
		}
		days = append(days, toTime(day*dayMS))
	}
}
