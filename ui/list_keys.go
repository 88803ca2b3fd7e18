package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
)

// listActs are what the keys of the list want of the window.
type listActs struct {
	search, help, link, allRead func()
	modifiers                   func() fyne.KeyModifier // held now
}

func newListActs() listActs {
	nop := func() {}
	return listActs{nop, nop, nop, nop, func() fyne.KeyModifier { return 0 }}
}

// heldModifiers are the keys held now.
func (w *window) heldModifiers() fyne.KeyModifier {
	if d, ok := w.app.Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// marked says whether a row is drawn as chosen: one of several, or the open one.
func (v *listView) marked(id api.ID) bool {
	if v.inbox.ChosenCount() > 0 {
		return v.inbox.Chosen(id)
	}
	return id == v.inbox.Selected
}

// tapped opens an item, or with a key held chooses it too, or all up to it.
func (v *listView) tapped(id api.ID) {
	v.focus(v.list)
	v.list.end = id
	switch held := v.act.modifiers(); {
	case held&fyne.KeyModifierShift != 0:
		v.inbox.ChooseTo(id)
	case held&fyne.KeyModifierShortcutDefault != 0:
		v.inbox.Choose(id)
	default:
		v.inbox.Select(id)
		v.opened()
	}
}

// inboxList is Fyne's pooled list with our own selection and keys.
type inboxList struct {
	widget.List
	view    *listView
	store   *rowStore[*itemRow]
	focused bool
	ring    bool   // came to with the keyboard, while nothing is selected
	unasked bool   // the focus is given, not taken
	end     api.ID // where a range of chosen ones ends
	quiet   bool   // heights are being set, each of which would draw everything again
}

// CreateRenderer is part of fyne.Widget.
func (l *inboxList) CreateRenderer() fyne.WidgetRenderer {
	return &inboxListRenderer{l.List.CreateRenderer(), l}
}

type inboxListRenderer struct {
	fyne.WidgetRenderer
	l *inboxList
}

// Refresh is part of fyne.WidgetRenderer.
func (r *inboxListRenderer) Refresh() {
	if !r.l.quiet {
		r.l.store.around(r.WidgetRenderer.Refresh, len(r.l.view.rows) == 0)
	}
}

func newInboxList(v *listView) *inboxList {
	l := &inboxList{view: v, store: newRowStore(newItemRow)}
	l.Length = func() int { return len(v.rows) }
	l.CreateItem = func() fyne.CanvasObject { return l.store.take() }
	l.UpdateItem = v.update
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

// FocusGained is part of fyne.Focusable.
func (l *inboxList) FocusGained() { l.focused, l.ring = true, !l.unasked; l.Refresh() }

// FocusLost is part of fyne.Focusable.
func (l *inboxList) FocusLost() { l.focused, l.ring = false, false; l.Refresh() }

// TypedKey is part of fyne.Focusable.
func (l *inboxList) TypedKey(k *fyne.KeyEvent) {
	v, b := l.view, l.view.inbox
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if !v.inSight() {
			b.Step(0)
		}
		v.opened()
	case fyne.KeyDelete, fyne.KeyBackspace:
		b.DeleteChosen()
	case fyne.KeyEscape:
		if b.ChosenCount() > 0 {
			b.LeaveChosen()
		} else {
			b.Select("")
		}
	default:
		l.walk(k.Name)
	}
}

// inSight says whether the open item is one of those on the list; a search may have left it away.
func (v *listView) inSight() bool {
	return slices.ContainsFunc(v.items, func(n api.Notification) bool { return n.ID == v.inbox.Selected })
}

// page is how many items stand in sight.
func (l *inboxList) page() int { return max(int(l.Size().Height/scaled(itemHeight))-1, 1) }

// walk opens another item, or with Shift chooses all up to it.
func (l *inboxList) walk(key fyne.KeyName) {
	v, b := l.view, l.view.inbox
	by := map[fyne.KeyName]int{
		fyne.KeyDown: 1, fyne.KeyUp: -1, fyne.KeyPageDown: l.page(), fyne.KeyPageUp: -l.page(),
		fyne.KeyHome: -len(v.items), fyne.KeyEnd: len(v.items),
	}[key]
	if by == 0 {
		return
	}
	if v.act.modifiers()&fyne.KeyModifierShift != 0 {
		if b.ChosenCount() == 0 {
			l.end = b.Selected
		}
		l.end = b.ChooseStep(l.end, by)
		v.scrollTo(l.end)
		return
	}
	b.Step(by)
	l.end = b.Selected
	v.scrollTo(b.Selected)
}

// TypedRune is part of fyne.Focusable.
func (l *inboxList) TypedRune(r rune) {
	v, b := l.view, l.view.inbox
	switch r {
	case 'u':
		b.ToggleRead()
	case 'U':
		b.ShowUnread(!b.Filter.Unread)
	case 'x':
		if l.end == "" || b.ChosenCount() == 0 {
			l.end = b.Selected
		}
		if l.end != "" {
			b.Choose(l.end)
		}
	case 'f':
		v.bar.openMenu()
	case 'l':
		v.act.link()
	case '/':
		v.act.search()
	case '?':
		v.act.help()
	}
}
