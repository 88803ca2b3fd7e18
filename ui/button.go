package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// button is a button that knows Return, as Fyne's does not, and that shows on every ground that it has the keyboard: Fyne
// tints it with the accent then, which on the accent cannot be seen.
type button struct {
	widget.Button
	ringed bool
}

// newButton makes a button; without words or icon where they are empty.
func newButton(label string, icon fyne.Resource, tapped func()) *button {
	b := &button{}
	b.Text, b.Icon, b.OnTapped = label, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey is part of fyne.Focusable.
func (b *button) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	case fyne.KeySpace:
		b.Button.TypedKey(k)
	default:
		passOn(b, k)
	}
}

// label changes what the button says.
func (b *button) label(words string) {
	if b.Text != words {
		b.SetText(words)
	}
}

// FocusGained is part of fyne.Focusable.
func (b *button) FocusGained() { b.ringed = true; b.Button.FocusGained(); reveal(b) }

// FocusLost is part of fyne.Focusable.
func (b *button) FocusLost() { b.ringed = false; b.Button.FocusLost() }

// CreateRenderer is part of fyne.Widget.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{WidgetRenderer: b.Button.CreateRenderer(), b: b, ring: canvas.NewRectangle(nil)}
	r.dress()
	return r
}

type buttonRenderer struct {
	fyne.WidgetRenderer
	b    *button
	ring *canvas.Rectangle // inside the edge, in the colour of the words
}

// ringInset is between the edge of a button and the ring.
const ringInset = 3

// Objects is part of fyne.WidgetRenderer.
func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	o := r.WidgetRenderer.Objects()
	return append(o[:len(o):len(o)], r.ring)
}

// Layout is part of fyne.WidgetRenderer.
func (r *buttonRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.ring.Move(fyne.NewSquareOffsetPos(ringInset))
	r.ring.Resize(size.Subtract(fyne.NewSquareSize(2 * ringInset)))
}

// Refresh is part of fyne.WidgetRenderer.
func (r *buttonRenderer) Refresh() {
	r.dress()
	r.WidgetRenderer.Refresh()
}

// dress shows the ring on the grounds that hide the tint.
func (r *buttonRenderer) dress() {
	words, onGround := map[widget.Importance]fyne.ThemeColorName{
		widget.HighImportance: theme.ColorNameForegroundOnPrimary, widget.DangerImportance: theme.ColorNameForegroundOnError,
	}[r.b.Importance]
	r.ring.Hidden = !r.b.ringed || !onGround || r.b.Disabled()
	if r.ring.Hidden {
		return
	}
	r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(words), 2
	r.ring.CornerRadius = max(theme.Size(theme.SizeNameInputRadius)-ringInset, 0)
	r.ring.Refresh()
}
