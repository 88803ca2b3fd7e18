package present

import (
	"context"
	"slices"
	"time"

	"securepush/api"
)

// Bounds on what closing the window still has to do.
const (
	closeTimeout = 2 * time.Second
	deleteTime   = 20 * time.Millisecond // more for each that is to be deleted
)

// Select opens a notification; one that is not in the list is fetched. It is marked as read once it has been shown for
// a moment. An empty id closes what is open.
func (b *Inbox) Select(id api.ID) {
	if b.Unchoose() {
		b.Changed()
	}
	if id == b.Selected && (id == "" || b.Open != nil) {
		return
	}
	b.stops.read()
	b.Selected, b.Open, b.OpenBad = id, nil, ""
	switch i := b.index(id); {
	case id == "":
	case i >= 0 && !b.deleted[id]:
		b.Open = &b.Items[i]
		b.readSoon()
	default:
		b.fetch(id)
	}
	b.Changed()
}

func (b *Inbox) fetch(id api.ID) {
	b.work.Go(func(ctx context.Context) func() {
		n, err := b.mail.Notification(ctx, id)
		return func() {
			if b.Selected != id || b.Open != nil {
				return
			}
			switch code := api.CodeOf(err); {
			case code == api.CodeNotFound || code == api.CodeGone:
				b.OpenBad = b.w.ItemGone()
			case err != nil:
				b.OpenBad = problemWords(b.w, err)
			default:
				b.Open = &n
				b.readSoon()
			}
			b.Changed()
		}
	})
}

// Step opens the next (1) or previous (-1) notification of the list.
func (b *Inbox) Step(by int) {
	items := b.Visible()
	if len(items) == 0 {
		return
	}
	at := -1
	for i := range items {
		if items[i].ID == b.Selected {
			at = i
		}
	}
	if at >= 0 {
		at += by
	} else {
		at = b.place // where the last one was deleted, or the top
	}
	at = min(max(at, 0), len(items)-1)
	if at >= len(items)-3 {
		b.LoadOlder()
	}
	b.Select(items[at].ID)
}

func (b *Inbox) readSoon() {
	if b.Open.Read {
		return
	}
	id := b.Open.ID
	b.stops.read = b.work.After(readAfter, func() { b.SetRead(id, true) })
}

// SetRead marks a notification. The list shows it at once, and shows it back if the server does not take it.
func (b *Inbox) SetRead(id api.ID, read bool) {
	b.stops.read()
	if !b.mark(id, read) {
		return
	}
	b.work.Go(func(ctx context.Context) func() {
		err := b.mail.SetRead(ctx, id, read)
		return func() {
			if err == nil {
				return
			}
			b.mark(id, !read)
			b.say(&Toast{Words: problemWords(b.w, err), Bad: true})
			b.Changed()
		}
	})
	b.Changed()
}

// mark changes what is shown and says whether anything did.
func (b *Inbox) mark(id api.ID, read bool) (changed bool) {
	if i := b.index(id); i >= 0 && b.Items[i].Read != read {
		b.Items[i].Read, changed = read, true
	}
	if b.whole != nil {
		if i := slices.IndexFunc(b.whole.items, func(n api.Notification) bool { return n.ID == id }); i >= 0 && b.whole.items[i].Read != read {
			b.whole.items[i].Read, changed = read, true
		}
	}
	if b.Open != nil && b.Open.ID == id && b.Open.Read != read {
		b.Open.Read, changed = read, true
	}
	if changed && read {
		b.Unread = max(b.Unread-1, 0)
	} else if changed {
		b.Unread++
	}
	return changed
}

// Delete takes a notification off the list and, when it can no longer be taken back, off the server. Nothing else is
// opened in its place: what was not asked for is not marked as read.
func (b *Inbox) Delete(id api.ID) {
	b.Unchoose()
	b.delete([]api.ID{id})
}

func (b *Inbox) delete(ids []api.ID) {
	b.commit() // what was deleted at once can be taken back at once
	b.place = slices.IndexFunc(b.Visible(), func(n api.Notification) bool { return slices.Contains(ids, n.ID) })
	opened := b.Selected
	if slices.Contains(ids, opened) {
		b.Select("")
	} else {
		opened = ""
	}
	for _, id := range ids {
		b.deleted[id] = true
		b.countUnread(id, -1)
	}
	pending := true
	finish := func() {
		if pending {
			pending = false
			b.remove(ids)
		}
	}
	stop := b.work.After(undoFor, finish)
	b.commit = func() { stop(); finish() }
	b.say(&Toast{Words: b.w.InboxDeletedCount(len(ids)), Undo: func() {
		if !pending {
			return
		}
		pending = false
		stop()
		b.restore(ids, opened)
	}})
	b.Changed()
}

// restore takes a deletion back.
func (b *Inbox) restore(ids []api.ID, opened api.ID) {
	for _, id := range ids {
		delete(b.deleted, id)
		b.countUnread(id, 1)
	}
	b.stops.toast()
	b.Toast = nil
	if len(ids) == 1 {
		opened = ids[0]
	}
	if opened != "" {
		b.Select(opened)
	}
	b.Changed()
}

// countUnread corrects the number of unread ones by one that comes or goes.
func (b *Inbox) countUnread(id api.ID, by int) {
	if i := b.index(id); i >= 0 && !b.Items[i].Read {
		b.Unread = max(b.Unread+by, 0)
	}
}

// Close finishes what can no longer be taken back. Call it before Work.Stop.
func (b *Inbox) Close() { b.commit() }
