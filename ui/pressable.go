package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pressable makes a button of anything: for what a label and an icon are not enough.
type pressable struct {
	widget.BaseWidget
	content fyne.CanvasObject
	fill    fyne.ThemeColorName // the ground while nobody points at it; "" for none
	do      func()
	onKey   func(fyne.KeyName) bool // says whether the key was meant for it; may be nil

	hovered, focused bool
}

var (
	_ fyne.Focusable     = (*pressable)(nil)
	_ fyne.Tappable      = (*pressable)(nil)
	_ desktop.Hoverable  = (*pressable)(nil)
	_ desktop.Cursorable = (*pressable)(nil)
)

func newPressable(content fyne.CanvasObject, do func()) *pressable {
	p := &pressable{content: content, do: do}
	p.ExtendBaseWidget(p)
	return p
}

func (p *pressable) inner() fyne.CanvasObject { return p.content }

// Tapped is part of fyne.Tappable.
func (p *pressable) Tapped(*fyne.PointEvent) { p.do() }

// Cursor is part of desktop.Cursorable.
func (p *pressable) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn is part of desktop.Hoverable.
func (p *pressable) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.Refresh() }

// MouseMoved is part of desktop.Hoverable.
func (p *pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (p *pressable) MouseOut() { p.hovered = false; p.Refresh() }

// FocusGained is part of fyne.Focusable.
func (p *pressable) FocusGained() { p.focused = true; p.Refresh(); reveal(p) }

// FocusLost is part of fyne.Focusable.
func (p *pressable) FocusLost() { p.focused = false; p.Refresh() }

// TypedRune is part of fyne.Focusable.
func (p *pressable) TypedRune(rune) {}

// TypedKey is part of fyne.Focusable.
func (p *pressable) TypedKey(k *fyne.KeyEvent) {
	if p.onKey != nil && p.onKey(k.Name) {
		return
	}
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.do()
	case fyne.KeyEscape:
		passOn(p, k)
	}
}

// CreateRenderer is part of fyne.Widget.
func (p *pressable) CreateRenderer() fyne.WidgetRenderer {
	ground := canvas.NewRectangle(nil)
	paint := func() {
		switch {
		case p.hovered:
			ground.FillColor = theme.Color(theme.ColorNameHover)
		case p.fill != "":
			ground.FillColor = theme.Color(p.fill)
		default:
			ground.FillColor = nil
		}
		ground.CornerRadius = theme.Size(theme.SizeNameInputRadius)
		ground.StrokeWidth = 0
		if p.focused {
			ground.StrokeColor, ground.StrokeWidth = theme.Color(colorAccent), 2
		}
	}
	paint()
	return &drawing{
		objects: []fyne.CanvasObject{ground, p.content},
		layout:  func(s fyne.Size) { ground.Resize(s); p.content.Resize(s) },
		minSize: func() fyne.Size { return p.content.MinSize() },
		refresh: func() { paint(); ground.Refresh(); p.content.Refresh() },
	}
}
