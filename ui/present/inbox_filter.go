package present

import (
	"slices"
	"strings"
	"unicode/utf8"

	"securepush/api"
)

// Bounds of a filter that the server does not know.
const (
	filterFill  = 12 // so many are looked for at once
	filterPages = 25 // in so many pages at most, until the person asks for more
	mostSenders = 12 // offered to choose from
)

// Filter is what of the inbox is shown. The server looks for text and unread ones; sender and priority are picked from what
// it gives.
type Filter struct {
	Unread   bool
	Text     string
	Sender   string       // "": all
	Priority api.Priority // "": all
}

// local says whether the filter picks from what the server gives.
func (f Filter) local() bool { return f.Sender != "" || f.Priority != "" }

// asks is the part of the filter that is the server's.
func (f Filter) asks() Filter { return Filter{Unread: f.Unread, Text: f.Text} }

// picks says whether sender and priority fit.
func (f Filter) picks(n *api.Notification) bool {
	return (f.Sender == "" || Line(n.Sender) == f.Sender) && (f.Priority == "" || priorityOf(n) == f.Priority)
}

func priorityOf(n *api.Notification) api.Priority {
	if n.Priority == "" {
		return api.PriorityNormal
	}
	return n.Priority
}

// whole is the list as it is without a question, kept while one is asked: to answer at once from what is here, and to come
// back to.
type whole struct {
	items  []api.Notification
	next   api.Cursor
	more   bool
	loaded bool
}

// Search shows at once what of the list contains text, and asks the server when typing has paused.
func (b *Inbox) Search(text string) {
	b.stops.search()
	b.Typed = text
	f := b.Filter
	f.Text = searchText(text)
	if f == b.Filter && b.Loaded {
		return
	}
	b.turnTo(f)
	b.stops.search = b.work.After(searchAfter, b.Reload)
	b.Changed()
}

// maxSearchBytes is how much a server searches for.
const maxSearchBytes = 256

// searchText is what is searched for: what cannot be seen in the field is not.
func searchText(typed string) string {
	text := line(typed, len(typed)+1)
	for len(text) > maxSearchBytes {
		_, size := utf8.DecodeLastRuneInString(text)
		text = strings.TrimSpace(text[:len(text)-size])
	}
	return text
}

// TooMuch says that something was too long to be searched for, and has been left out.
func (b *Inbox) TooMuch(bytes int) {
	b.say(&Toast{Words: b.w.ComposePasteTooLong(kilobytes(b.w, bytes)), Bad: true})
	b.Changed()
}

// ClearSearch goes back to everything.
func (b *Inbox) ClearSearch() {
	b.stops.search()
	b.Typed = ""
	if b.Filter.Text != "" {
		f := b.Filter
		f.Text = ""
		b.ask(f)
	}
}

// ShowUnread switches between the unread ones and all.
func (b *Inbox) ShowUnread(unread bool) {
	if f := b.Filter; unread != f.Unread {
		f.Unread = unread
		b.ask(f)
	}
}

// ShowSender shows what one sender has sent; "" shows all.
func (b *Inbox) ShowSender(sender string) {
	f := b.Filter
	f.Sender = sender
	b.pick(f)
}

// ShowPriority shows what has one priority; "" shows all.
func (b *Inbox) ShowPriority(p api.Priority) {
	f := b.Filter
	f.Priority = p
	b.pick(f)
}

func (b *Inbox) pick(f Filter) {
	b.Filter, b.ahead = f, 0
	b.Unchoose()
	b.lookAhead()
	b.Changed()
}

// ShowAll takes every filter away, and the search.
func (b *Inbox) ShowAll() {
	b.stops.search()
	b.Typed = ""
	if b.Filter.asks() != (Filter{}) {
		b.ask(Filter{})
		return
	}
	b.pick(Filter{})
}

func (b *Inbox) ask(f Filter) {
	b.stops.search()
	b.turnTo(f)
	b.Reload()
}

// turnTo shows what is known of another question until the server answers it.
func (b *Inbox) turnTo(f Filter) {
	b.turn++ // what is on its way belongs to another question
	b.Loading, b.Older, b.again, b.Trouble = false, false, false, ""
	b.Unchoose()
	if b.whole == nil {
		b.whole = &whole{b.Items, b.next, b.More, b.Loaded}
	}
	w := b.whole
	b.Filter, b.ahead = f, 0
	if f.asks() == (Filter{}) {
		b.Items, b.next, b.More, b.Loaded, b.whole = w.items, w.next, w.more, w.loaded, nil
		return
	}
	b.Items, b.next, b.More, b.Loaded = b.among(w.items, f), "", false, false
}

// among are the items that the server would give for a question.
func (b *Inbox) among(items []api.Notification, f Filter) []api.Notification {
	words := newNeedle(f.Text)
	var out []api.Notification
	for i := range items {
		n := &items[i]
		if f.Unread && n.Read && n.ID != b.Selected {
			continue
		}
		if words.in(n.Title) || words.in(n.Sender) || words.in(n.Payload) {
			out = append(out, *n)
		}
	}
	return out
}

// needle is a text that is looked for, whatever the case of its letters.
type needle struct {
	text  string // in small letters
	ascii bool
}

func newNeedle(s string) needle {
	n := needle{text: strings.ToLower(s), ascii: true}
	for _, r := range n.text {
		n.ascii = n.ascii && r < utf8.RuneSelf
	}
	return n
}

func (n needle) in(s string) bool {
	switch {
	case n.text == "":
		return true
	case !n.ascii:
		return strings.Contains(strings.ToLower(s), n.text)
	}
	for i := 0; i+len(n.text) <= len(s); i++ {
		if n.at(s[i : i+len(n.text)]) {
			return true
		}
	}
	return false
}

func (n needle) at(s string) bool {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != n.text[i] {
			return false
		}
	}
	return true
}

// Visible is what the list shows: what the filter picks, without those just deleted.
func (b *Inbox) Visible() []api.Notification {
	if len(b.deleted) == 0 && !b.Filter.local() {
		return b.Items
	}
	out := make([]api.Notification, 0, len(b.Items))
	for i := range b.Items {
		if n := &b.Items[i]; !b.deleted[n.ID] && b.Filter.picks(n) {
			out = append(out, *n)
		}
	}
	return out
}

// lookAhead asks for older pages when the filter leaves too few of those that are here.
func (b *Inbox) lookAhead() {
	if b.Filter.local() && b.More && b.ahead < filterPages && len(b.Visible()) < filterFill {
		b.ahead++
		b.work.Post(b.LoadOlder)
	}
}

// Looking says that what the filter fits is still looked for.
func (b *Inbox) Looking() bool {
	return b.Loading || b.Older || (b.Filter.local() && b.More && b.ahead < filterPages)
}

// LookFurther goes on looking for what the filter fits.
func (b *Inbox) LookFurther() {
	b.ahead = 0
	b.lookAhead()
	b.Changed()
}

// Senders are those whom a filter can pick: of what is here, the one with the most first.
func (b *Inbox) Senders() []string {
	count := make(map[string]int)
	items := b.Items
	if b.whole != nil {
		items = b.whole.items
	}
	for i := range items {
		if s := items[i].Sender; s != "" {
			count[s]++
		}
	}
	lines := make(map[string]int, len(count))
	for s, n := range count {
		if s = Line(s); s != "" {
			lines[s] += n
		}
	}
	names := make([]string, 0, len(lines))
	for s := range lines {
		names = append(names, s)
	}
	slices.SortFunc(names, func(x, y string) int {
		if lines[x] != lines[y] {
			return lines[y] - lines[x]
		}
		return strings.Compare(x, y)
	})
	return names[:min(len(names), mostSenders)]
}
