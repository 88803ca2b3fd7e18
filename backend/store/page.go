package store

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"strings"

	"securepush/api"
)

// parseCursor reads a place in an account's notifications: the decimal text that [cursorOf] writes, and no other.
func parseCursor(c api.Cursor) (seq int64, err error) {
	seq, err = strconv.ParseInt(string(c), 10, 64)
	if err != nil || seq < 0 || cursorOf(seq) != c {
		return 0, ErrBadCursor
	}
	return seq, nil
}

func cursorOf(seq int64) api.Cursor { return api.Cursor(strconv.FormatInt(seq, 10)) }

// Page returns a run of an account's notifications, with the count of all unread ones. ErrBadCursor.
func (s *Store) Page(ctx context.Context, account string, q PageQuery) (api.Page, error) {
	from, err := q.from()
	if err != nil {
		return api.Page{}, err
	}
	limit := min(cmp.Or(max(q.Limit, 0), 50), PageMax)
	text, args := q.statement(account, from, s.now(), limit+1)

	// Counted first: what arrives in between stands on the page and is missing in the count until the next one, which
	// its push brings about.
	page := api.Page{Items: []api.Notification{}, Next: q.Cursor}
	if page.Unread, err = s.Unread(ctx, account); err != nil {
		return api.Page{}, err
	}
	err = s.query(ctx, func(scan scan) error {
		if len(page.Items) == limit {
			page.More = true
			return nil
		}
		var seq int64
		n, err := scanNotification(scan, &seq)
		page.Items, page.Next = append(page.Items, n), cursorOf(seq)
		return err
	}, text, args...)
	if err != nil {
		return api.Page{}, err
	}
	return page, nil
}

func (q PageQuery) from() (int64, error) {
	switch {
	case q.Cursor != "":
		return parseCursor(q.Cursor)
	case q.Newest:
		return math.MaxInt64, nil
	}
	return 0, nil
}

// statement writes the query; its text is one of eight, whatever is asked for.
func (q PageQuery) statement(account string, from, now int64, limit int) (string, []any) {
	var b strings.Builder
	b.WriteString(`SELECT ` + notificationColumns + `, seq FROM notifications WHERE account = ? AND ` + live)
	args := []any{account, now}
	if q.Unread {
		b.WriteString(` AND read = 0`)
	}
	if q.Text != "" {
		b.WriteString(` AND (title GLOB ? OR sender GLOB ? OR payload GLOB ?)`)
		pattern := globContaining(q.Text)
		args = append(args, pattern, pattern, pattern)
	}
	if q.Newest {
		b.WriteString(` AND seq < ? ORDER BY seq DESC LIMIT ?`)
	} else {
		b.WriteString(` AND seq > ? ORDER BY seq LIMIT ?`)
	}
	return b.String(), append(args, from, limit)
}
