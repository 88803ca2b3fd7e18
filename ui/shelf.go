package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// shelf is a row whose objects stand below each other where the one that grows would have too little room. It remembers its
// width, because only with that it knows its height.
type shelf struct {
	row
	width float32
}

// shelfLeast is the least room for what grows, with the usual size of text.
const shelfLeast = 120

func newShelf(gap float32, grow fyne.CanvasObject) *shelf {
	return &shelf{row: row{gap: gap, grow: grow}}
}

func (s *shelf) stacked(objects []fyne.CanvasObject) bool {
	if s.width == 0 {
		return false
	}
	rest := s.width - s.row.MinSize(objects).Width
	least := float32(0)
	if _, empty := s.grow.(*fyne.Container); !empty {
		rest += s.grow.MinSize().Width
		least = min(scaled(shelfLeast), s.width)
	}
	return rest < least
}

// Layout is part of fyne.Layout.
func (s *shelf) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	s.width = size.Width
	if s.stacked(objects) {
		column{gap: s.gap}.Layout(objects, size)
		return
	}
	s.row.Layout(objects, size)
}

// MinSize is part of fyne.Layout. Its height holds for the width of the last Layout.
func (s *shelf) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := column{gap: s.gap}.MinSize(objects)
	if !s.stacked(objects) {
		m.Height = s.row.MinSize(objects).Height
	}
	return m
}

// barButton is an action above a pane. Where the labels of all do not fit it shows its icon only.
type barButton struct {
	widget.Button
	label string
}

// TypedKey is part of fyne.Focusable.
func (b *barButton) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		passOn(b, k)
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	default:
		b.Button.TypedKey(k)
	}
}

func newBarButton(label string, r fyne.Resource, do func()) *barButton {
	b := &barButton{label: label}
	b.Text, b.Icon, b.OnTapped, b.Importance = label, r, do, widget.LowImportance
	b.ExtendBaseWidget(b)
	return b
}

// show changes label and icon.
func (b *barButton) show(label string, r fyne.Resource) {
	if b.label != label {
		short := b.Text == ""
		b.label, b.Icon = label, r
		if !short {
			b.Text = label
		}
		b.Refresh()
	}
}

func (b *barButton) shorten(short bool) {
	text := b.label
	if short {
		text = ""
	}
	if b.Text != text {
		b.SetText(text)
	}
}

// newPaneBar is the strip of actions above a pane, its first icon standing over the text below.
func newPaneBar(buttons ...*barButton) *fyne.Container {
	bar := &paneBar{}
	for _, b := range buttons {
		bar.objects = append(bar.objects, b)
	}
	return container.New(bar, bar.objects...)
}

type paneBar struct{ objects []fyne.CanvasObject }

// Layout is part of fyne.Layout.
func (p *paneBar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	line := row{gap: gap1}
	x := column{inset: fyne.NewSize(gap8, 0)}.side(size.Width) - theme.Size(theme.SizeNameInnerPadding)
	width := size.Width - 2*x
	p.shorten(false)
	if line.MinSize(objects).Width > width {
		p.shorten(true)
	}
	line.Layout(objects, fyne.NewSize(width, size.Height))
	for _, o := range objects {
		o.Move(o.Position().AddXY(x, 0))
	}
}

func (p *paneBar) shorten(short bool) {
	for _, o := range p.objects {
		if b, ok := o.(*barButton); ok {
			b.shorten(short)
		}
	}
}

// MinSize is part of fyne.Layout.
func (p *paneBar) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return row{}.MinSize(objects).AddWidthHeight(0, 2*gap2)
}

// shortened gives a button the shorter of two labels where the longer one has no room.
type shortened struct{ long, short string }

// labelled is a button whose label can be changed.
type labelled interface {
	fyne.CanvasObject
	SetText(string)
}

// Layout is part of fyne.Layout.
func (s shortened) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		b, ok := o.(labelled)
		if !ok {
			continue
		}
		if b.SetText(s.long); b.MinSize().Width > size.Width {
			b.SetText(s.short)
		}
		b.Resize(b.MinSize())
	}
}

// MinSize is part of fyne.Layout.
func (shortened) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, column{}.MinSize(objects).Height)
}
