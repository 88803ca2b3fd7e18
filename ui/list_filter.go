package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
	"securepush/assets"
	"securepush/ui/present"
)

// filterBar stands above the list: what is shown of it, or what can be done with several chosen ones.
type filterBar struct {
	content *fyne.Container
	v       *listView

	unread         *segmented
	menu, allRead  *barButton
	only           *button // the filter in words; a click takes it away
	filters, tools *fyne.Container
	onlyRow        *fyne.Container
	count          *line
}

func newFilterBar(v *listView) *filterBar {
	b, w, inbox := &filterBar{v: v}, v.w, v.inbox
	b.unread = newSegmented([]string{w.InboxAll(), w.InboxUnread()}, func(i int) { inbox.ShowUnread(i == 1) })
	b.menu = newBarButton(w.InboxFilter(), glyph(assets.GlyphFilter), b.openMenu)
	b.allRead = newBarButton(w.InboxMarkAllRead(), glyph(assets.GlyphAllRead), func() { v.act.allRead() })
	gap := inContainer(fixed{}, newPanel(theme.ColorNameBackground, nil))
	b.filters = container.New(newTightShelf(gap, b.allRead, b.menu), b.unread, gap, b.menu, b.allRead)

	b.count = newLine("", sizeBody, colorText).strong().whole()
	read := newBarButton(w.MenuMarkRead(), glyph(assets.GlyphRead), func() { inbox.MarkChosen(true) })
	unread := newBarButton(w.MenuMarkUnread(), glyph(assets.GlyphUnread), func() { inbox.MarkChosen(false) })
	remove := newBarButton(w.CommonDelete(), theme.DeleteIcon(), inbox.DeleteChosen)
	leave := newBarButton("", theme.CancelIcon(), inbox.LeaveChosen)
	gap = inContainer(fixed{}, newPanel(theme.ColorNameBackground, nil))
	b.tools = container.New(newTightShelf(gap, read, unread, remove).together(), b.count, gap, read, unread, remove, leave)
	b.tools.Hide()

	b.only = newButton("", theme.CancelIcon(), func() { inbox.ShowSender(""); inbox.ShowPriority("") })
	b.onlyRow = container.New(row{}, b.only)
	b.onlyRow.Hide()
	b.content = container.New(padded{gap3, gap3, gap2, gap4}, container.New(column{gap: gap2}, b.filters, b.tools, b.onlyRow))
	return b
}

func (b *filterBar) render() {
	inbox, w := b.v.inbox, b.v.w
	n := inbox.ChosenCount()
	setVisible(b.filters, n == 0)
	setVisible(b.tools, n > 0)
	b.count.set(w.InboxChosen(n), colorText)
	unread := w.InboxUnread()
	if inbox.Unread > 0 {
		unread = w.InboxUnreadCount(inbox.Unread)
	}
	chosen := 0
	if inbox.Filter.Unread {
		chosen = 1
	}
	b.unread.show(chosen, w.InboxAll(), unread)
	setEnabled(b.allRead, inbox.Unread > 0)
	what := b.words()
	setVisible(b.onlyRow, what != "")
	if label := ellipsis(w.InboxOnly(what), scaled(240), theme.Size(theme.SizeNameText), fyne.TextStyle{}); what != "" && b.only.Text != label {
		b.only.SetText(label)
	}
}

// words say which sender and priority are shown.
func (b *filterBar) words() string {
	var parts []string
	f := b.v.inbox.Filter
	if f.Sender != "" {
		parts = append(parts, f.Sender)
	}
	if f.Priority != "" {
		parts = append(parts, present.PriorityWord(b.v.w, f.Priority))
	}
	return strings.Join(parts, " · ")
}

// openMenu offers senders and priorities.
func (b *filterBar) openMenu() {
	if b.v.canvas == nil || !b.filters.Visible() {
		return
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", b.items()...), b.v.canvas())
	menu.ShowAtRelativePosition(fyne.NewPos(0, b.menu.Size().Height+gap1), b.menu)
}

func (b *filterBar) items() []*fyne.MenuItem {
	inbox, w := b.v.inbox, b.v.w
	choice := func(label string, on bool, do func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(ellipsis(label, scaled(240), theme.Size(theme.SizeNameText), fyne.TextStyle{}), do)
		i.Checked = on
		return i
	}
	f := inbox.Filter
	items := []*fyne.MenuItem{choice(w.InboxEveryPriority(), f.Priority == "", func() { inbox.ShowPriority("") })}
	for _, p := range []api.Priority{api.PriorityUrgent, api.PriorityHigh, api.PriorityNormal, api.PriorityLow} {
		items = append(items, choice(present.PriorityWord(w, p), f.Priority == p, func() { inbox.ShowPriority(p) }))
	}
	items = append(items, fyne.NewMenuItemSeparator(), choice(w.InboxEverySender(), f.Sender == "", func() { inbox.ShowSender("") }))
	for _, s := range inbox.Senders() {
		items = append(items, choice(s, f.Sender == s, func() { inbox.ShowSender(s) }))
	}
	return items
}

// tightShelf is a row whose buttons show their icons only where their labels do not fit. Where not even those do, all but the
// first object stand below it.
type tightShelf struct {
	*shelf
	buttons []*barButton
	whole   bool // all labels or none
}

func newTightShelf(grow fyne.CanvasObject, buttons ...*barButton) *tightShelf {
	return &tightShelf{shelf: newShelf(gap1, grow), buttons: buttons}
}

func (t *tightShelf) together() *tightShelf { t.whole = true; return t }

// Layout is part of fyne.Layout.
func (t *tightShelf) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	t.width = size.Width
	for _, b := range t.buttons {
		b.shorten(false)
	}
	fits := func() bool { return t.row.MinSize(objects).Width <= size.Width }
	if short := !fits(); t.whole {
		for _, b := range t.buttons {
			b.shorten(short)
		}
	}
	for _, b := range t.buttons {
		if fits() {
			break
		}
		b.shorten(true)
	}
	if fits() {
		t.row.Layout(objects, size)
		return
	}
	top := objects[0].MinSize()
	objects[0].Resize(top)
	objects[0].Move(fyne.NewPos(0, 0))
	below := row{gap: gap1}
	below.Layout(objects[2:], fyne.NewSize(size.Width, below.MinSize(objects[2:]).Height))
	for _, o := range objects[2:] {
		o.Move(o.Position().AddXY(0, top.Height+gap1))
	}
}

// MinSize is part of fyne.Layout. Its height holds for the width of the last Layout.
func (t *tightShelf) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := t.row.MinSize(objects)
	if t.width > 0 && m.Width > t.width {
		m.Height = objects[0].MinSize().Height + gap1 + row{}.MinSize(objects[2:]).Height
	}
	m.Width = objects[0].MinSize().Width
	return m
}
