package ui

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
	"securepush/assets"
	"securepush/assets/words"
	"securepush/ui/present"
)

// listView is the left pane: filter, list, and what is said when there is nothing in it.
type listView struct {
	content *fyne.Container

	inbox  *present.Inbox
	w      *words.Words
	now    func() time.Time
	focus  func(fyne.Focusable)
	canvas func() fyne.Canvas
	opened func()      // something was chosen by click or Enter
	unseen func() bool // no tray shows that the agent goes on
	menu   func(api.ID, fyne.Position)
	act    listActs

	bar   *filterBar
	list  *inboxList
	items []api.Notification // that the rows point into
	rows  []listRow
	tall  map[int]bool // rows that are headings now
	above int          // how many arrived above what is in sight
	pill  *button
	body  *fyne.Container
	empty *emptyView
	toast *toastBar
}

// listRow is a heading, the foot, or the item at index.
type listRow struct {
	heading string
	id      api.ID
	index   int
}

func newListView(inbox *present.Inbox, w *words.Words, now func() time.Time) *listView {
	v := &listView{inbox: inbox, w: w, now: now, tall: make(map[int]bool)}
	v.focus, v.opened, v.menu = func(fyne.Focusable) {}, func() {}, func(api.ID, fyne.Position) {}
	v.unseen = func() bool { return false }
	v.act = newListActs()
	v.bar = newFilterBar(v)
	v.list = newInboxList(v)
	v.empty = newEmptyView()
	v.pill = newButton("", theme.MoveUpIcon(), v.toTop)
	v.pill.Importance = widget.HighImportance
	v.pill.Hide()
	v.toast = newToastBar(inbox, w)
	v.body = container.NewStack(container.New(padded{left: gap2, right: gap1}, v.list), v.empty.content,
		container.New(atHead{}, v.pill), container.New(atFoot{}, v.toast.panel))
	v.content = container.New(pile{v.body}, v.bar.content, v.body)
	return v
}

// render shows what the presenter says.
func (v *listView) render() {
	v.bar.render()
	relayout(v.content)
	v.renderRows()
	v.renderEmpty()
	v.toast.render()
}

func (v *listView) renderRows() {
	id, dy, held := v.anchor()
	before := slices.Clone(v.rows)
	items, now := v.inbox.Visible(), v.now()
	v.items = items
	v.rows = v.rows[:0]
	day, last := "", 0
	for i := range items {
		at := items[i].CreatedAt.In(now.Location())
		if d := 1000*at.Year() + at.YearDay(); d != last { // the words of a day are made once, not for each of thousands
			last = d
			if words := v.w.Day(at, now); words != day {
				day = words
				v.rows = append(v.rows, listRow{heading: words})
			}
		}
		v.rows = append(v.rows, listRow{id: items[i].ID, index: i})
	}
	if v.inbox.Older {
		v.rows = append(v.rows, listRow{heading: v.w.InboxOlder()})
	}
	v.list.quiet = true
	for i := range v.tall {
		if i >= len(v.rows) || v.rows[i].heading == "" {
			delete(v.tall, i)
			v.list.SetItemHeight(i, scaled(itemHeight))
		}
	}
	for i := range v.rows {
		if v.rows[i].heading != "" && !v.tall[i] {
			v.tall[i] = true
			v.list.SetItemHeight(i, scaled(headingHeight))
		}
	}
	v.list.quiet = false
	v.list.Refresh()
	if held {
		v.restore(id, dy)
		v.above += added(before, v.rows, id)
	} else {
		v.above = 0
	}
	v.renderPill()
}

// added counts the items that stand above one in the new rows but not in the old.
func added(before, now []listRow, id api.ID) int {
	return max(itemsAbove(now, id)-itemsAbove(before, id), 0)
}

func itemsAbove(rows []listRow, id api.ID) (n int) {
	for _, r := range rows {
		if r.heading == "" && r.id == id {
			return n
		}
		if r.heading == "" {
			n++
		}
	}
	return 0
}

// renderPill offers the way to what arrived out of sight.
func (v *listView) renderPill() {
	setVisible(v.pill, v.above > 0)
	if text := v.w.InboxArrived(v.above); v.above > 0 && v.pill.Text != text {
		v.pill.SetText(text)
		relayout(v.body)
	}
}

func (v *listView) toTop() {
	v.above = 0
	v.list.ScrollToTop()
	v.renderPill()
}

// anchor is the first item in sight and how far it stands above the edge, so that what is read stays where it is when
// something arrives above it. At the top nothing is held: what is new is to be seen.
func (v *listView) anchor() (id api.ID, dy float32, held bool) {
	offset := v.list.GetScrollOffset()
	if offset <= 0 {
		return "", 0, false
	}
	y := float32(0)
	for _, r := range v.rows {
		h := r.height()
		if y+h > offset && r.heading == "" {
			return r.id, y - offset, true
		}
		y += h + v.gap()
	}
	return "", 0, false
}

func (v *listView) restore(id api.ID, dy float32) {
	y := float32(0)
	for _, r := range v.rows {
		if r.heading == "" && r.id == id {
			if offset := y - dy; offset != v.list.GetScrollOffset() {
				v.list.ScrollToOffset(offset)
			}
			return
		}
		y += r.height() + v.gap()
	}
}

func (r listRow) height() float32 {
	if r.heading != "" {
		return scaled(headingHeight)
	}
	return scaled(itemHeight)
}

func (v *listView) gap() float32 { return theme.Size(theme.SizeNamePadding) }

func (v *listView) renderEmpty() {
	b, e, w := v.inbox, v.empty, v.w
	switch {
	case len(v.rows) > 0:
		e.content.Hide()
		return
	case b.Trouble != "":
		e.say(theme.WarningIcon(), w.InboxTrouble(), b.Trouble, w.InboxTryAgain(), b.Reload)
	case !b.Loaded:
		e.say(nil, "", w.CommonLoading(), "", nil)
	case b.Filter.Text != "":
		e.say(theme.SearchIcon(), w.InboxNoneFound(), w.InboxNoneFoundText(present.Line(b.Filter.Text)), w.InboxClearSearch(), b.ClearSearch)
	case b.Filter.Sender != "" || b.Filter.Priority != "":
		v.renderNoneFits()
	case b.Filter.Unread:
		e.say(glyph(assets.GlyphAllRead), w.InboxNoUnread(), "", w.InboxShowAll(), func() { b.ShowUnread(false) })
	default:
		text := w.InboxEmptyText()
		if v.unseen() {
			text += " " + w.StartGoesOn()
		}
		e.say(glyph(assets.TrayConnected), w.InboxEmptyTitle(), text, "", nil)
	}
	e.content.Show()
	relayout(v.body)
}

// renderNoneFits says that sender and priority fit nothing, or nothing yet.
func (v *listView) renderNoneFits() {
	b, e, w := v.inbox, v.empty, v.w
	switch {
	case b.Looking():
		e.say(nil, "", w.CommonLoading(), "", nil)
	case b.More:
		e.say(theme.SearchIcon(), w.InboxNoneFits(), w.InboxNoneFitsYet(strconv.Itoa(len(b.Items))), w.InboxLookFurther(), b.LookFurther)
	default:
		e.say(theme.SearchIcon(), w.InboxNoneFits(), "", w.InboxShowAll(), b.ShowAll)
	}
}

// scrollTo brings an item into sight.
func (v *listView) scrollTo(id api.ID) {
	for i, r := range v.rows {
		if r.heading == "" && r.id == id {
			if i == 1 {
				i = 0 // with the heading above it
			}
			v.list.ScrollTo(i)
			return
		}
	}
}

func (v *listView) update(i int, o fyne.CanvasObject) {
	r, ok := o.(*itemRow)
	if !ok || i >= len(v.rows) {
		return
	}
	v.list.store.drawn(r)
	l := v.rows[i]
	r.heading, r.item = l.heading, present.Row{}
	r.selected = l.heading == "" && v.marked(l.id)
	r.focused = v.list.focused
	r.ring = v.list.ring && l.heading == "" && l.index == 0 && !v.inSight()
	r.onTap, r.onMenu = nil, nil
	if l.heading == "" {
		r.item = present.RowOf(v.w, v.items[l.index], v.now()) // only for rows in sight: there may be thousands
		r.onTap = func() { v.tapped(l.id) }
		r.onMenu = func(at fyne.Position) { v.menu(l.id, at) }
	}
	r.Refresh()
	if i == 0 && v.above > 0 {
		v.above = 0 // scrolled there by hand
		v.pill.Hide()
	}
	if i >= len(v.rows)-5 && v.inbox.More && !v.inbox.Older {
		// Not now: drawing a row must not change the list.
		v.inbox.LoadOlderSoon()
	}
}

// setEnabled switches a button on or off.
func setEnabled(b fyne.Disableable, on bool) {
	if on && b.Disabled() {
		b.Enable()
	} else if !on && !b.Disabled() {
		b.Disable()
	}
}
