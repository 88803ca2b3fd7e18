package present

import (
	"net/url"
	"strings"
	"time"

	"securepush/api"
	"securepush/assets/words"
)

// Row is what the list shows of a notification, ready to draw: one line each, nothing to interpret.
type Row struct {
	ID       api.ID
	Sender   string
	When     string
	Title    string
	Line     string
	Priority string // "Urgent", "High", "Low" or ""
	Urgent   bool
	Low      bool
	Unread   bool
}

// RowOf makes the row of a notification.
func RowOf(w *words.Words, n api.Notification, now time.Time) Row {
	r := Row{ID: n.ID, Sender: Line(n.Sender), When: w.Moment(n.CreatedAt, now), Title: Line(n.Title), Unread: !n.Read}
	first, rest := firstLine(n.Payload)
	if r.Title == "" {
		r.Title = first
		first, _ = firstLine(rest)
	}
	if r.Title == "" {
		r.Title = w.ItemUntitled()
	}
	r.Line = bare(first)
	r.Urgent, r.Low = n.Priority == api.PriorityUrgent, n.Priority == api.PriorityLow
	if p := n.Priority; p == api.PriorityHigh || r.Urgent || r.Low {
		r.Priority = PriorityWord(w, p)
	}
	return r
}

// Item is what the detail pane shows of a notification.
type Item struct {
	Row
	Title string // longer than the row's; "" when there is none
	Text  string
	Meta  string // when it was sent, and how long it is kept
	Link  *Link
}

// ItemOf makes the detail of a notification.
func ItemOf(w *words.Words, n api.Notification, now time.Time) Item {
	it := Item{Row: RowOf(w, n, now), Title: line(n.Title, titleRunes), Text: Text(n.Payload), Link: LinkOf(w, n.URL)}
	it.Meta = w.ItemSent(w.Full(n.CreatedAt.In(now.Location())))
	if n.ExpiresAt != nil {
		it.Meta += " · " + w.ItemKept(w.DateAndClock(n.ExpiresAt.In(now.Location())))
	}
	return it
}

// PriorityWord names a priority.
func PriorityWord(w *words.Words, p api.Priority) string {
	switch p {
	case api.PriorityLow:
		return w.PriorityLow()
	case api.PriorityHigh:
		return w.PriorityHigh()
	case api.PriorityUrgent:
		return w.PriorityUrgent()
	default:
		return w.PriorityNormal()
	}
}

// Link is an address that a notification carries.
type Link struct {
	URL     *url.URL // nil when it cannot be opened
	Address string   // all of it, in one line
	Host    string
	Warning string // what a person should know before opening it
}

// LinkOf reads an address; nil when there is none. Only http and https can be opened.
func LinkOf(w *words.Words, s string) *Link {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	l := &Link{Address: line(s, 2048)}
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		l.Warning = w.LinkRefused()
		return l
	}
	l.URL, l.Host = u, u.Hostname()
	switch {
	case u.User != nil:
		l.Warning = w.LinkUser(Line(l.Host))
	case strings.ContainsFunc(l.Host, func(r rune) bool { return r > 127 }):
		l.Warning = w.LinkLetters()
	case u.Scheme == "http":
		l.Warning = w.LinkPlain()
	}
	return l
}
