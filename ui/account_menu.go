package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/assets/words"
	"securepush/ui/present"
)

// accountMenu lists the accounts below the button in the header. Escape, or a click beside it, closes it.
type accountMenu struct {
	widget.BaseWidget
	canvas  fyne.Canvas
	w       *words.Words
	content *fyne.Container
	rows    []*pressable
}

// The widest menu, and the least width of a window in which it says the keys, with the usual size of text.
const (
	accountMenuWidth = 340
	accountMenuLeast = 300
)

// showAccountMenu opens the list at a place. add is nil where no account can be added.
func showAccountMenu(c fyne.Canvas, w *words.Words, at fyne.Position, items []present.AccountItem, choose func(id string), add func()) {
	m := &accountMenu{canvas: c, w: w}
	var objects []fyne.CanvasObject
	current := 0
	for i, it := range items {
		if it.Current {
			current = i
		}
		objects = append(objects, m.row(m.account(i, it), it.Current, func() { choose(it.ID) }))
	}
	objects = append(objects, inset(hairline(false), gap1, 0), m.last(add))
	list := container.New(column{gap: 2}, objects...)
	outer, _ := newScrolled(inset(list, gap1+2, gap1+2))
	card := newCard(outer)
	card.fill = theme.ColorNameMenuBackground
	m.content = container.New(&menuLayout{list: list, at: at}, card)
	m.ExtendBaseWidget(m)
	c.Overlays().Add(m)
	m.Resize(c.Size())
	c.Focus(m.rows[current])
}

func (m *accountMenu) inner() fyne.CanvasObject { return m.content }

func (m *accountMenu) close() { m.canvas.Overlays().Remove(m) }

// Tapped closes the menu: the click was beside it.
func (m *accountMenu) Tapped(*fyne.PointEvent) { m.close() }

// CreateRenderer is part of fyne.Widget.
func (m *accountMenu) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(m.content)
}

// row makes something to choose of a content.
func (m *accountMenu) row(content fyne.CanvasObject, current bool, do func()) *pressable {
	at := len(m.rows)
	p := newPressable(inset(content, gap2, gap3), func() { m.close(); do() })
	if current {
		p.fill = colorAccentTint
	}
	p.onKey = func(k fyne.KeyName) bool { return m.key(at, k) }
	m.rows = append(m.rows, p)
	return p
}

func (m *accountMenu) key(at int, k fyne.KeyName) bool {
	switch k {
	case fyne.KeyEscape:
		m.close()
		return true
	case fyne.KeyUp:
		at--
	case fyne.KeyDown:
		at++
	case fyne.KeyHome:
		at = 0
	case fyne.KeyEnd:
		at = len(m.rows) - 1
	default:
		return false
	}
	m.canvas.Focus(m.rows[min(max(at, 0), len(m.rows)-1)])
	return true
}

// account is what is said of one: colour, name, who it is, and how it is.
func (m *accountMenu) account(i int, it present.AccountItem) fyne.CanvasObject {
	name := newLine(it.Name, sizeBody, colorText)
	if it.Current {
		name.strong()
	}
	said := []fyne.CanvasObject{name, newLine(it.Who, sizeMeta, colorMuted)}
	if it.State != "" {
		res, color := toneLook(it.Tone)
		if it.Muted && it.Tone == present.ToneQuiet {
			res = theme.VolumeMuteIcon()
		}
		state := newLine(it.State, sizeMeta, color)
		said = append(said, container.New(row{gap: gap1 + 1, grow: state}, icon(tinted(res, color), scaled(14)), state))
	}
	words := container.New(column{gap: 1}, said...)
	ground := colorAccentTint
	switch {
	case it.Muted:
		ground = colorRaised
	case it.Current:
		ground = theme.ColorNameMenuBackground
	}
	count := newPill()
	count.show(it.Unread, it.Muted, ground)
	key := newLine(m.w.KeysCtrl()+"+"+strconv.Itoa(i+1), sizeMeta, colorMuted).whole()
	setVisible(key, m.canvas.Size().Width > scaled(accountMenuLeast))
	return container.New(row{gap: gap3, grow: words}, newDot(accountColor(it.Colour)), words, count, key)
}

// last is the way to a further account, or why there is none.
func (m *accountMenu) last(add func()) fyne.CanvasObject {
	if add == nil {
		return inset(newProse(m.w.AccountMost(local.MaxAccounts), sizeMeta, colorMuted), gap2, gap3)
	}
	label := newLine(m.w.AccountAdd(), sizeBody, colorText)
	plus := container.New(row{gap: gap3 - 4, grow: label}, icon(tinted(theme.ContentAddIcon(), colorMuted), scaled(18)), label)
	return m.row(inset(plus, 0, -4), false, add)
}

// menuLayout stands a card at a place, where it has room, and as high as it has to be.
type menuLayout struct {
	list *fyne.Container
	at   fyne.Position
}

// Layout is part of fyne.Layout.
func (l *menuLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(scaled(accountMenuWidth), size.Width-2*gap2)
	l.list.Resize(fyne.NewSize(width-2*(gap1+2), l.list.MinSize().Height))
	height := min(l.list.MinSize().Height+2*(gap1+2), size.Height-l.at.Y-gap2)
	o[0].Resize(fyne.NewSize(width, height))
	o[0].Move(fyne.NewPos(max(min(l.at.X, size.Width-width-gap2), gap2), l.at.Y))
}

// MinSize is part of fyne.Layout.
func (l *menuLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 0) }
