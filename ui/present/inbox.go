package present

import (
	"context"
	"slices"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
)

// Times of the inbox.
const (
	readAfter   = 800 * time.Millisecond // how long an item is shown before it counts as read
	undoFor     = 6 * time.Second        // how long a deletion can be taken back
	searchAfter = 250 * time.Millisecond // how long typing pauses before the search runs
	pageItems   = 50
	maxReload   = 200 // the most that one request of a server gives
)

// Toast is a line at the foot of the list about something just done, with a way back or none.
type Toast struct {
	Words string
	Bad   bool
	Undo  func() // nil: nothing to undo
}

// Inbox presents the list and the open notification.
type Inbox struct {
	Changed func() // called after every change of what the fields say

	Items    []api.Notification // newest first
	Filter   Filter
	Typed    string // what stands in the search field; Filter follows when typing pauses
	Unread   int
	More     bool // older ones exist
	Loaded   bool // an answer has come since the last Reset
	Loading  bool // the first page is on its way
	Older    bool // an older page is on its way
	Trouble  string
	AsOf     *time.Time // not nil: kept on this device, the server was not reached
	Selected api.ID
	Open     *api.Notification // the selected one, when it is known
	OpenBad  string            // why the selected one cannot be shown
	Toast    *Toast

	mail    Mail
	work    *Work
	w       *words.Words
	next    api.Cursor
	whole   *whole // with a question: the list without one
	turn    int    // rises with each new first page; answers of earlier turns are dropped
	again   bool
	soon    bool
	deleted map[api.ID]bool // taken off the list, perhaps not yet off the server
	place   int             // where in the list the last one was deleted
	commit  func()          // deletes at once what still could be taken back
	chosen  map[api.ID]bool // several, to act on
	from    api.ID          // where a range of chosen ones begins
	ahead   int             // older pages asked for on behalf of the filter, since the person last scrolled
	stops   struct{ read, toast, search func() }
}

// NewInbox makes one. Nothing is asked before Reload.
func NewInbox(mail Mail, work *Work, w *words.Words) *Inbox {
	nop := func() {}
	b := &Inbox{Changed: nop, mail: mail, work: work, w: w, deleted: make(map[api.ID]bool), chosen: make(map[api.ID]bool), commit: nop}
	b.stops.read, b.stops.toast, b.stops.search = nop, nop, nop
	return b
}

// Reset forgets everything: another account, or none.
func (b *Inbox) Reset() {
	b.commit()
	b.stops.read()
	b.stops.search()
	b.turn++
	b.Items, b.next, b.More, b.Loaded, b.Loading, b.Older, b.again = nil, "", false, false, false, false, false
	b.Trouble, b.AsOf, b.Selected, b.Open, b.OpenBad, b.Toast, b.Unread = "", nil, "", nil, "", nil, 0
	b.Filter, b.Typed, b.place, b.whole, b.from, b.ahead = Filter{}, "", 0, nil, "", 0
	clear(b.deleted)
	clear(b.chosen)
	b.Changed()
}

// Reload asks for the newest again and keeps what is selected, and the older pages, in place.
func (b *Inbox) Reload() {
	if b.Loading {
		b.again = true // once more when this answer is here: it may be from before the change
		return
	}
	b.turn++
	turn, filter := b.turn, b.Filter
	limit := min(max(len(b.Items), pageItems), maxReload)
	b.Loading = true
	b.work.Go(func(ctx context.Context) func() {
		page, err := b.mail.Inbox(ctx, local.InboxQuery{Limit: limit, Unread: filter.Unread, Text: filter.Text})
		return func() { b.reloaded(turn, page, err) }
	})
	b.Changed()
}

func (b *Inbox) reloaded(turn int, page local.Inbox, err error) {
	if turn != b.turn {
		return
	}
	b.Loading, b.Older = false, false
	switch {
	case err == nil:
		b.Trouble, b.Loaded = "", true
		b.take(page)
	case b.Loaded || len(b.Items) > 0:
		b.say(&Toast{Words: problemWords(b.w, err), Bad: true})
	default:
		b.Trouble = problemWords(b.w, err)
	}
	if b.again {
		b.again = false
		b.Reload()
		return
	}
	b.Changed()
}

// take puts a new first page before the older ones that are already here.
func (b *Inbox) take(page local.Inbox) {
	fresh := page.Items
	b.Unread, b.AsOf = page.Unread, nil
	if page.Offline {
		b.AsOf = page.AsOf
		if b.AsOf == nil {
			b.AsOf = new(time.Time)
		}
	}
	tail, kept := b.tail(fresh)
	if kept && page.More && b.next != "" {
		fresh = append(slices.Clip(fresh), tail...)
	} else {
		b.next, b.More = page.Next, page.More
	}
	if b.Filter.Unread {
		fresh = b.keepSelected(fresh)
	}
	b.Items = fresh
	b.keepChosen()
	b.lookAhead()
	if i := b.index(b.Selected); i >= 0 {
		shown := b.Open != nil
		b.Open, b.OpenBad = &b.Items[i], ""
		if !shown {
			b.readSoon()
		}
	}
}

// tail is what of the present items is older than the last of a new first page.
func (b *Inbox) tail(fresh []api.Notification) ([]api.Notification, bool) {
	if len(fresh) == 0 {
		return nil, false
	}
	i := b.index(fresh[len(fresh)-1].ID)
	return b.Items[i+1:], i >= 0 && i+1 < len(b.Items)
}

// keepSelected leaves what is being read among the unread ones, so that it does not vanish while it is read.
func (b *Inbox) keepSelected(fresh []api.Notification) []api.Notification {
	i := b.index(b.Selected)
	if i < 0 || slices.ContainsFunc(fresh, func(n api.Notification) bool { return n.ID == b.Selected }) {
		return fresh
	}
	n := b.Items[i]
	at := slices.IndexFunc(fresh, func(o api.Notification) bool { return o.CreatedAt.Before(n.CreatedAt) })
	if at < 0 {
		at = len(fresh)
	}
	return slices.Insert(slices.Clip(fresh), at, n)
}

// LoadOlder asks for the next page into the past, if there is one and none is on its way.
func (b *Inbox) LoadOlder() {
	if !b.More || b.Older || b.Loading {
		return
	}
	b.Older = true
	limit := pageItems
	if b.Filter.local() {
		limit = maxReload // most of it will not be shown
	}
	turn, q := b.turn, local.InboxQuery{Before: b.next, Limit: limit, Unread: b.Filter.Unread, Text: b.Filter.Text}
	b.work.Go(func(ctx context.Context) func() {
		page, err := b.mail.Inbox(ctx, q)
		return func() {
			if turn != b.turn {
				return
			}
			b.Older = false
			if err != nil {
				b.say(&Toast{Words: problemWords(b.w, err), Bad: true})
				b.More = false // asked again with the next reload, not in a circle
			} else {
				b.Items = append(b.Items, page.Items...)
				b.next, b.More = page.Next, page.More && len(page.Items) > 0
				b.lookAhead()
			}
			b.Changed()
		}
	})
	b.Changed()
}

// LoadOlderSoon does so after what is being drawn has been drawn.
func (b *Inbox) LoadOlderSoon() {
	if !b.soon {
		b.soon = true
		b.work.Post(func() {
			b.soon, b.ahead = false, 0
			b.LoadOlder()
		})
	}
}

func (b *Inbox) index(id api.ID) int {
	if id == "" {
		return -1
	}
	return slices.IndexFunc(b.Items, func(n api.Notification) bool { return n.ID == id })
}

// say shows a line at the foot for a while.
func (b *Inbox) say(t *Toast) {
	b.stops.toast()
	b.Toast = t
	b.stops.toast = b.work.After(undoFor, func() {
		b.Toast = nil
		b.Changed()
	})
}

// DismissToast takes the line at the foot away.
func (b *Inbox) DismissToast() {
	b.stops.toast()
	b.commit()
	b.Toast = nil
	b.Changed()
}
