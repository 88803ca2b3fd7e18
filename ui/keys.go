package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"securepush/agent/local"
	"securepush/assets/words"
)

// keys are the shortcuts of the whole window.
func (w *window) keys() {
	c := w.win.Canvas()
	known := make(map[string]func())
	with := func(m fyne.KeyModifier, key fyne.KeyName, do func()) {
		s := &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault | m}
		known[s.ShortcutName()] = do
		c.AddShortcut(s, func(fyne.Shortcut) { do() })
	}
	add := func(key fyne.KeyName, do func()) { with(0, key, w.unasked(do)) }
	add(fyne.KeyN, func() {
		if w.header.compose.Visible() && !w.header.compose.Disabled() {
			w.showCompose()
		}
	})
	add(fyne.KeyF, w.goSearch)
	add(fyne.KeySlash, w.showHelp)
	with(fyne.KeyModifierShift, fyne.KeyA, w.unasked(func() {
		if w.inbox.Visible() {
			w.askAllRead()
		}
	}))
	add(fyne.KeyComma, w.showSettings)
	add(fyne.KeyI, w.showConnection)
	w.accountKeys(func(key fyne.KeyName, do func()) { with(0, key, do) })
	add(fyne.KeyReturn, func() {
		if w.compose.content.Visible() && w.inbox.Visible() {
			w.compose.trySend()
		}
	})
	for _, e := range w.entries() {
		e.shortcut = func(s fyne.Shortcut) bool {
			do := known[s.ShortcutName()]
			if do != nil {
				do()
			}
			return do != nil
		}
	}
	w.plainKeys(c)
	c.SetOnTypedKey(w.pageKey)
}

// pageKey is what a key does that no control has a use for.
func (w *window) pageKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape:
		w.goBack()
	case w.way.content.Visible():
		pager{w.way.scroll}.key(k.Name)
	case w.settings.content.Visible():
		pager{w.settings.scroll}.key(k.Name)
	}
}

// unasked does something unless a card or a menu is open: that comes first.
func (w *window) unasked(do func()) func() {
	return func() {
		if w.win.Canvas().Overlays().Top() == nil {
			do()
		}
	}
}

// plainKeys are those that a text field has for itself.
func (w *window) plainKeys(c fyne.Canvas) {
	all := w.unasked(func() {
		if w.inbox.Visible() && w.list.content.Visible() {
			w.shell.Inbox.ChooseAll()
		}
	})
	c.AddShortcut(&fyne.ShortcutSelectAll{}, func(fyne.Shortcut) { all() })
	c.AddShortcut(&fyne.ShortcutCopy{}, func(fyne.Shortcut) {
		if n := w.shell.Inbox.Open; n != nil && w.detail.content.Visible() && w.inbox.Visible() {
			w.app.Clipboard().SetContent(n.Payload)
		}
	})
	c.SetOnTypedRune(func(r rune) {
		if r == '?' {
			w.showHelp()
		}
	})
}

// keyWord is a key, or several, and what it does.
type keyWord struct{ keys, words string }

// keyWords lists the shortcuts.
func keyWords(w *words.Words) []keyWord {
	ctrl, shift := w.KeysCtrl()+"+", w.KeysShift()+"+"
	return []keyWord{
		{"?   " + ctrl + "/", w.KeysHelp()},
		{"/   " + ctrl + "F", w.KeysSearch()},
		{"Tab", w.KeysNext()},
		{w.KeysEsc(), w.KeysBack()},
		{ctrl + "N", w.KeysCompose()},
		{ctrl + w.KeysEnter(), w.KeysSend()},
		{ctrl + ",", w.CommonSettings()},
		{ctrl + "I", w.ConnectionTitle()},
		{},
		{"↑   ↓", w.KeysStep()},
		{w.KeysEnter(), w.CommonOpen()},
		{"U", w.KeysRead()},
		{w.KeysDel(), w.CommonDelete()},
		{"L", w.KeysLink()},
		{ctrl + "C", w.MenuCopyText()},
		{},
		{shift + "↑ ↓", w.KeysSeveral()},
		{"X", w.KeysChoose()},
		{ctrl + "A", w.KeysAll()},
		{ctrl + shift + "A", w.InboxMarkAllRead()},
		{"F", w.InboxFilter()},
		{shift + "U", w.KeysUnread()},
	}
}

// showHelp lists the keys.
func (w *window) showHelp() {
	c, say := w.win.Canvas(), w.shell.Words()
	if c.Overlays().Top() != nil {
		return
	}
	known := keyWords(say)
	if w.shell.Several() {
		known = append(known, keyWord{}, keyWord{say.KeysCtrl() + "+1 … " + strconv.Itoa(local.MaxAccounts), say.AccountKeys()})
	}
	var rows []fyne.CanvasObject
	for _, k := range known {
		if k.keys == "" {
			rows = append(rows, inContainer(fixed{height: gap1}))
			continue
		}
		rows = append(rows, container.New(keyRow{}, newLine(k.keys, sizeBody, colorText).strong(), newProse(k.words, sizeBody, colorMuted)))
	}
	list := container.New(column{gap: gap1}, rows...)
	width := min(c.Size().Width-2*gap4, scaled(420)) - 2*gap6
	list.Layout.Layout(list.Objects, fyne.NewSize(width, 0))
	height := min(list.MinSize().Height, c.Size().Height-2*gap4-scaled(60)-110)
	outer, _ := newScrolled(list)
	showOverlay(c, question{title: say.KeysTitle(), extra: []fyne.CanvasObject{inContainer(tall{height}, outer)}, cancel: say.CommonClose()})
}

// keyRow stands a key beside what it does, or above it where there is little room.
type keyRow struct{}

func (keyRow) beside(width float32) bool { return width >= scaled(250) }

// Layout is part of fyne.Layout.
func (k keyRow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x, y, left := scaled(120), float32(0), scaled(110)
	if !k.beside(size.Width) {
		x, y, left = 0, o[0].MinSize().Height, size.Width
	}
	o[0].Resize(fyne.NewSize(left, o[0].MinSize().Height))
	o[0].Move(fyne.NewPos(0, 0))
	fit(o[1], size.Width-x)
	o[1].Move(fyne.NewPos(x, y))
}

// MinSize is part of fyne.Layout. Its height holds for the width of the last Layout.
func (k keyRow) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, o[1].Position().Y+max(o[1].MinSize().Height, o[0].MinSize().Height))
}

// tall gives an object a height of its own, whatever it asks for.
type tall struct{ height float32 }

// Layout is part of fyne.Layout.
func (tall) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is part of fyne.Layout.
func (t tall) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, t.height) }
