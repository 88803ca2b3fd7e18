package present

import (
	"context"
	"slices"
	"time"

	"securepush/api"
)

// mostMarked is how many one request marks.
const mostMarked = 100

// Chosen says whether an item is one of several chosen to act on.
func (b *Inbox) Chosen(id api.ID) bool { return b.chosen[id] }

// ChosenCount is how many are chosen.
func (b *Inbox) ChosenCount() int { return len(b.chosen) }

// Choose adds an item to the chosen ones, or takes it away. What is open is the first of them.
func (b *Inbox) Choose(id api.ID) {
	b.stops.read()
	if len(b.chosen) == 0 && b.Selected != "" && b.Selected != id && b.index(b.Selected) >= 0 {
		b.chosen[b.Selected] = true
	}
	if b.chosen[id] {
		delete(b.chosen, id)
	} else {
		b.chosen[id] = true
	}
	b.from = id
	b.Changed()
}

// ChooseTo chooses all from the last one chosen, or the open one, to this one.
func (b *Inbox) ChooseTo(id api.ID) {
	b.stops.read()
	if b.from == "" || !b.shown(b.from) {
		b.from = b.Selected
	}
	items := b.Visible()
	at := func(id api.ID) int {
		return slices.IndexFunc(items, func(n api.Notification) bool { return n.ID == id })
	}
	x, y := at(b.from), at(id)
	if y < 0 {
		return
	}
	if x < 0 {
		x, b.from = y, id
	}
	clear(b.chosen)
	for _, n := range items[min(x, y) : max(x, y)+1] {
		b.chosen[n.ID] = true
	}
	b.Changed()
}

// ChooseStep makes the range one longer (1: downwards) or shorter and returns its end.
func (b *Inbox) ChooseStep(from api.ID, by int) api.ID {
	items := b.Visible()
	if len(items) == 0 {
		return ""
	}
	at := slices.IndexFunc(items, func(n api.Notification) bool { return n.ID == from })
	at = min(max(at+by, 0), len(items)-1)
	b.ChooseTo(items[at].ID)
	return items[at].ID
}

// ChooseAll chooses what the list shows, as far as it is here.
func (b *Inbox) ChooseAll() {
	b.stops.read()
	for _, n := range b.Visible() {
		b.chosen[n.ID] = true
	}
	b.Changed()
}

// Unchoose chooses nothing any more. It says whether something was.
func (b *Inbox) Unchoose() bool {
	had := len(b.chosen) > 0
	clear(b.chosen)
	b.from = ""
	return had
}

// LeaveChosen goes back to one at a time.
func (b *Inbox) LeaveChosen() {
	if b.Unchoose() {
		b.Changed()
	}
}

func (b *Inbox) shown(id api.ID) bool { return !b.deleted[id] && b.index(id) >= 0 }

// keepChosen forgets those that are no longer there.
func (b *Inbox) keepChosen() {
	for id := range b.chosen {
		if !b.shown(id) {
			delete(b.chosen, id)
		}
	}
}

// those are the chosen ones, or the one that is open.
func (b *Inbox) those() []api.ID {
	var ids []api.ID
	for i := range b.Items {
		if b.chosen[b.Items[i].ID] {
			ids = append(ids, b.Items[i].ID)
		}
	}
	if len(ids) == 0 && b.Selected != "" {
		ids = append(ids, b.Selected)
	}
	return ids
}

// ToggleRead marks the chosen ones, or the open one, as read; when all are, as unread.
func (b *Inbox) ToggleRead() {
	unread := false
	for _, id := range b.those() {
		if n := b.find(id); n != nil && !n.Read {
			unread = true
		}
	}
	b.MarkChosen(unread)
}

func (b *Inbox) find(id api.ID) *api.Notification {
	if i := b.index(id); i >= 0 {
		return &b.Items[i]
	}
	if b.Open != nil && b.Open.ID == id {
		return b.Open
	}
	return nil
}

// MarkChosen marks the chosen ones, or the open one.
func (b *Inbox) MarkChosen(read bool) {
	if len(b.chosen) == 0 {
		b.SetRead(b.Selected, read)
		return
	}
	b.stops.read()
	b.markMany(b.those(), read)
	b.Changed()
}

// markMany marks those that are not so yet, at once on the screen, and shows back what the server does not take.
func (b *Inbox) markMany(ids []api.ID, read bool) {
	var changed []api.ID
	for _, id := range ids {
		if b.mark(id, read) {
			changed = append(changed, id)
		}
	}
	for part := range slices.Chunk(changed, mostMarked) {
		b.work.Go(func(ctx context.Context) func() {
			err := b.mail.MarkRead(ctx, part, read)
			return func() {
				if err == nil {
					return
				}
				for _, id := range part {
					b.mark(id, !read)
				}
				b.say(&Toast{Words: problemWords(b.w, err), Bad: true})
				b.Changed()
			}
		})
	}
}

// DeleteChosen deletes the chosen ones, or the open one.
func (b *Inbox) DeleteChosen() {
	ids := b.those()
	if len(ids) == 0 {
		return
	}
	b.Unchoose()
	b.delete(ids)
}

// unreadHere are those of the items that are unread, newest first.
func (b *Inbox) unreadHere() (ids []api.ID) {
	items := b.Items
	if b.whole != nil {
		items = b.whole.items
	}
	for i := range items {
		if !items[i].Read && !b.deleted[items[i].ID] {
			ids = append(ids, items[i].ID)
		}
	}
	return ids
}

// AllReadCanBeUndone says whether all that MarkAllRead would mark is known here, so that it can be marked back.
func (b *Inbox) AllReadCanBeUndone() bool { return len(b.unreadHere()) >= b.Unread }

// MarkAllRead marks everything, also what is not on the list. It can be taken back as far as it is known here.
func (b *Inbox) MarkAllRead() {
	b.stops.read()
	ids, undo := b.unreadHere(), b.AllReadCanBeUndone()
	for _, id := range ids {
		b.mark(id, true)
	}
	b.Unread = 0
	b.work.Go(func(ctx context.Context) func() {
		err := b.mail.MarkAllRead(ctx)
		return func() {
			switch {
			case err != nil:
				b.say(&Toast{Words: problemWords(b.w, err), Bad: true})
			case undo:
				b.say(&Toast{Words: b.w.InboxAllRead(), Undo: func() { b.markBack(ids) }})
			default:
				b.say(&Toast{Words: b.w.InboxAllRead()})
			}
			b.Reload()
		}
	})
	b.Changed()
}

func (b *Inbox) markBack(ids []api.ID) {
	b.stops.toast()
	b.Toast = nil
	b.markMany(ids, false)
	b.Changed()
}

// remove deletes on the server what was taken off the list.
func (b *Inbox) remove(ids []api.ID) {
	b.work.Go(func(ctx context.Context) func() {
		// Closing the window does not undo a deletion that the person saw happen.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout+time.Duration(len(ids)-1)*deleteTime)
		defer cancel()
		for i, id := range ids {
			if err := b.mail.Delete(ctx, id); err != nil {
				return func() { b.bringBack(ids[i:], err) }
			}
		}
		return func() {} // they stay in deleted: a page that is on its way may still hold them
	})
}

// bringBack shows again what could not be deleted.
func (b *Inbox) bringBack(ids []api.ID, err error) {
	for _, id := range ids {
		delete(b.deleted, id)
		b.countUnread(id, 1)
	}
	b.say(&Toast{Words: problemWords(b.w, err), Bad: true})
	b.Changed()
}
