package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// overlay is a card over the whole window that asks one question or says one thing. Escape closes it.
type overlay struct {
	widget.BaseWidget
	canvas  fyne.Canvas
	content fyne.CanvasObject
}

// question is what an overlay shows.
type question struct {
	title, text string
	extra       []fyne.CanvasObject // between text and buttons
	action      string              // "" for none
	danger      bool
	do          func()
	cancel      string
}

// showOverlay opens the card. It closes with either button.
func showOverlay(c fyne.Canvas, q question) {
	o := &overlay{canvas: c}
	var column []fyne.CanvasObject
	if q.title != "" {
		column = append(column, newProse(q.title, sizeTitle, colorText).strong())
	}
	if q.text != "" {
		column = append(column, newProse(q.text, sizeBody, colorMuted))
	}
	column = append(column, q.extra...)
	gap := inContainer(fixed{}, newPanel(colorSurface, nil))
	cancel := o.button(q.cancel, o.close)
	buttons := []fyne.CanvasObject{gap, cancel}
	if q.action != "" {
		do := o.button(q.action, func() { o.close(); q.do() })
		if do.Importance = widget.HighImportance; q.danger {
			do.Importance = widget.DangerImportance
		}
		buttons = append(buttons, do)
	}
	column = append(column, container.New(row{gap: gap2, grow: gap}, buttons...))
	card := newCard(container.New(padded{gap6, gap6, gap4, gap6}, container.New(columnOf(gap3), column...)))
	o.content = container.NewStack(newScrim(), container.New(middle{most: scaled(420)}, card))
	o.ExtendBaseWidget(o)
	c.Overlays().Add(o)
	o.Resize(c.Size())
	c.Focus(cancel)
}

func columnOf(gap float32) column { return column{gap: gap} }

func newScrim() *panel { return newPanel(colorScrim, nil) }

func (o *overlay) close() { o.canvas.Overlays().Remove(o) }

// Tapped keeps clicks beside the card from what lies beneath.
func (o *overlay) Tapped(*fyne.PointEvent) {}

// CreateRenderer is part of fyne.Widget.
func (o *overlay) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(o.content) }

// escButton is a button of a card, which Escape closes.
type escButton struct {
	button
	leave func()
}

func (o *overlay) button(label string, do func()) *escButton {
	b := &escButton{leave: o.close}
	b.Text, b.OnTapped = label, do
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey is part of fyne.Focusable.
func (b *escButton) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		b.leave()
		return
	}
	b.button.TypedKey(k)
}

// addressBox shows an address in full, letter by letter where it is long.
func addressBox(address string) fyne.CanvasObject {
	p := newProse(address, sizeBody, colorText)
	p.rich.Wrapping = fyne.TextWrapBreak
	box := newPanel(colorRaised, inset(p, gap2, gap3))
	box.radius = theme.Size(theme.SizeNameInputRadius)
	return box
}
