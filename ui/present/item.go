package present

import (
	"net/url"
	"strings"
	"time"

	"securepush/api"
)

// Row is what the list shows of a notification, ready to draw: one line each, nothing to interpret.
type Row struct {
	ID       api.ID
	Sender   string
	When     string
	Title    string
	Line     string
	Priority string // "Urgent", "High" or ""
	Urgent   bool
	Unread   bool
}

// RowOf makes the row of a notification.
func RowOf(n api.Notification, now time.Time) Row {
	r := Row{ID: n.ID, Sender: Line(n.Sender), When: Moment(n.CreatedAt, now), Title: Line(n.Title), Unread: !n.Read}
	first, rest := firstLine(n.Payload)
	if r.Title == "" {
		r.Title = first
		first, _ = firstLine(rest)
	}
	if r.Title == "" {
		r.Title = WordUntitled
	}
	r.Line = first
	r.Priority, r.Urgent = priorityWord(n.Priority)
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
func ItemOf(n api.Notification, now time.Time) Item {
	it := Item{Row: RowOf(n, now), Title: line(n.Title, titleRunes), Text: Text(n.Payload), Link: LinkOf(n.URL)}
	t := n.CreatedAt.In(now.Location())
	it.Meta = "Sent " + t.Format("Monday, 2 January 2006, 15:04:05")
	if n.ExpiresAt != nil {
		it.Meta += " · kept until " + n.ExpiresAt.In(now.Location()).Format("2 January 2006, 15:04")
	}
	return it
}

func priorityWord(p api.Priority) (word string, urgent bool) {
	switch p {
	case api.PriorityHigh:
		return "High", false
	case api.PriorityUrgent:
		return "Urgent", true
	case api.PriorityLow:
		return "Low", false
	default:
		return "", false
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
func LinkOf(s string) *Link {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	l := &Link{Address: line(s, 2048)}
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		l.Warning = WordLinkRefused
		return l
	}
	l.URL, l.Host = u, u.Hostname()
	switch {
	case u.User != nil:
		l.Warning = "The part before the @ is not the site. The site is " + Line(l.Host) + "."
	case strings.ContainsFunc(l.Host, func(r rune) bool { return r > 127 }):
		l.Warning = "The site's name has letters that can look like others. Open it only if you expect it."
	case u.Scheme == "http":
		l.Warning = "This site is not encrypted."
	}
	return l
}
