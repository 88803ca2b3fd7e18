package store

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
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
	if q.Text != "" {
		var done func()
		if ctx, done, err = s.search(ctx); err != nil {
			return api.Page{}, err
		}
		defer done()
	}
	words := record.Fold(q.Text)

	// Counted first: what arrives in between stands on the page and is missing in the count until the next one, which
	// its push brings about.
	page := api.Page{Items: []api.Notification{}, Next: q.Cursor}
	if page.Unread, err = s.Unread(ctx, account); err != nil {
		return api.Page{}, err
	}
	err = s.query(ctx, func(scan scan) error {
		var seq int64
		n, err := scanNotification(scan, &seq)
		switch {
		case err != nil, words != "" && !holds(n.Title, words) && !holds(n.Sender, words) && !holds(n.Payload, words):
			return err
		case len(page.Items) == limit:
			page.More = true
			return errEnough
		}
		page.Items, page.Next = append(page.Items, n), cursorOf(seq)
		return nil
	}, text, args...)
	if err != nil {
		return api.Page{}, err
	}
	return page, nil
}

// searchTime bounds a search, which looks at all that an account has.
const searchTime = 5 * time.Second

// search waits for the turn of a search. Half of the connections are left to everybody else.
func (s *Store) search(ctx context.Context) (limited context.Context, done func(), err error) {
	limited, cancel := context.WithTimeout(ctx, searchTime)
	select {
	case s.searches <- struct{}{}:
		return limited, func() { <-s.searches; cancel() }, nil
	case <-limited.Done():
		cancel()
		return nil, nil, limited.Err()
	}
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

// statement writes the query; its text is one of four, whatever is asked for.
func (q PageQuery) statement(account string, from, now int64, limit int) (string, []any) {
	var b strings.Builder
	b.WriteString(`SELECT ` + notificationColumns + `, seq FROM notifications WHERE account = ? AND ` + live)
	args := []any{account, now}
	if q.Unread {
		b.WriteString(` AND read = 0`)
	}
	if q.Text != "" {
		limit = math.MaxInt32 // of what is looked at: any number of them may be left out
	}
	if q.Newest {
		b.WriteString(` AND seq < ? ORDER BY seq DESC LIMIT ?`)
	} else {
		b.WriteString(` AND seq > ? ORDER BY seq LIMIT ?`)
	}
	return b.String(), append(args, from, limit)
}

// holds says whether a text contains words, which are folded already, whatever its case. It takes time in proportion to
// the text; the patterns of SQLite take as much for each letter of the words, and whoever writes both chooses the worst.
func holds(text, words string) bool { return strings.Contains(record.Fold(text), words) }
