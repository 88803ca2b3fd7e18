package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// fit gives an object a width and the height that it needs at that width. Wrapped text knows its height only then, which
// is why Fyne's own boxes, asking before, come out too high or too low.
func fit(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	h := o.MinSize().Height
	if o.Size().Height != h {
		o.Resize(fyne.NewSize(width, h))
	}
	return h
}

// column stands objects below each other, each as wide as the column and as high as it needs.
type column struct {
	gap   float32
	most  float32 // widest; 0: no bound
	mid   bool    // in the middle instead of at the left edge
	inset fyne.Size
}

// Layout is part of fyne.Layout.
func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := size.Width - 2*c.side(size.Width)
	if c.most > 0 {
		width = min(width, c.most)
	}
	x, y := c.side(size.Width), c.inset.Height
	if c.mid {
		x = (size.Width - width) / 2
	}
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(x, y))
		y += fit(o, width) + c.gap
	}
}

// MinSize is part of fyne.Layout. Its height holds for the width of the last Layout.
func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	n := 0
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			s.Width = max(s.Width, m.Width)
			s.Height += m.Height
			n++
		}
	}
	s.Height += float32(max(n-1, 0)) * c.gap
	return s.AddWidthHeight(2*c.inset.Width, 2*c.inset.Height)
}

// narrowColumn is the width below which a column has less space beside it.
const narrowColumn = 480

// side is the space to the left and right of a column.
func (c column) side(width float32) float32 {
	if width < narrowColumn {
		return min(c.inset.Width, gap4)
	}
	return c.inset.Width
}

// pile stands objects on each other without gaps, as wide as the place. One takes the height that is left.
type pile struct{ fill fyne.CanvasObject }

// Layout is part of fyne.Layout.
func (p pile) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rest := size.Height
	for _, o := range objects {
		if o.Visible() && o != p.fill {
			rest -= fit(o, size.Width)
		}
	}
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if o == p.fill {
			o.Resize(fyne.NewSize(size.Width, max(rest, 0)))
		}
		o.Move(fyne.NewPos(0, y))
		y += o.Size().Height
	}
}

// MinSize is part of fyne.Layout.
func (p pile) MinSize(objects []fyne.CanvasObject) fyne.Size { return column{}.MinSize(objects) }

// row stands objects beside each other at their own widths, centred in height. One may take what is left.
type row struct {
	gap  float32
	grow fyne.CanvasObject
}

// Layout is part of fyne.Layout.
func (r row) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rest := size.Width - r.MinSize(objects).Width
	x := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if o == r.grow {
			m.Width += rest
			m.Height = fit(o, m.Width)
		}
		o.Resize(m)
		o.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		x += m.Width + r.gap
	}
}

// MinSize is part of fyne.Layout.
func (r row) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	n := 0
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			s.Height = max(s.Height, m.Height)
			s.Width += m.Width
			n++
		}
	}
	s.Width += float32(max(n-1, 0)) * r.gap
	return s
}

// middle puts one object of a column's width into the middle of the page, or at its top when it is too high. With a
// usual height it stays where it is when it grows beyond that.
type middle struct{ most, usual float32 }

// Layout is part of fyne.Layout.
func (m middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		width := min(size.Width-2*gap4, m.most)
		h := fit(o, width)
		y := (size.Height - h) * 0.42
		if m.usual > 0 {
			y = min((size.Height-m.usual)*0.42, (size.Height-h)/2)
		}
		o.Move(fyne.NewPos((size.Width-width)/2, max(y, gap4)))
	}
}

// MinSize is part of fyne.Layout.
func (m middle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		s = s.Max(o.MinSize())
	}
	return s.AddWidthHeight(2*gap4, 2*gap4)
}

// scrolled lets a content that knows its height only at its width scroll.
type scrolled struct{}

// Layout is part of fyne.Layout.
func (scrolled) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		s, ok := o.(*container.Scroll)
		if ok {
			s.Content.Resize(fyne.NewSize(size.Width, max(size.Height, s.Content.MinSize().Height)))
		}
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
		if ok {
			settleScroll(s)
		}
	}
}

// settleScroll makes a scroll area notice that its content has another height. Its Refresh would do so too, but draw
// all of the content again.
func settleScroll(s *container.Scroll) {
	at := s.Offset
	s.Offset.Y++
	s.ScrollToOffset(at)
}

// MinSize is part of fyne.Layout.
func (scrolled) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(100, 100) }

func newScrolled(content fyne.CanvasObject) (*fyne.Container, *container.Scroll) {
	s := container.NewVScroll(content)
	return container.New(scrolled{}, s), s
}

// wrapping is a widget around something that may have to be laid out again.
type wrapping interface{ inner() fyne.CanvasObject }

// relayout lays out again, from the inside out, what an object holds: after something in it changed its size or was
// shown or hidden. Fyne itself does so only for what changes its own size.
func relayout(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			if child.Visible() {
				relayout(child)
			}
		}
		if s := o.Size(); !s.IsZero() && o.Layout != nil {
			o.Layout.Layout(o.Objects, s)
		}
	case *container.Scroll:
		relayout(o.Content)
	case wrapping:
		if inner := o.inner(); inner != nil {
			relayout(inner)
		}
	}
}

// padded keeps space around an object, also when its height follows its width.
type padded struct{ top, right, bottom, left float32 }

// Layout is part of fyne.Layout.
func (p padded) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(p.left, p.top))
		o.Resize(fyne.NewSize(size.Width-p.left-p.right, size.Height-p.top-p.bottom))
	}
}

// MinSize is part of fyne.Layout.
func (p padded) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		s = s.Max(o.MinSize())
	}
	return s.AddWidthHeight(p.left+p.right, p.top+p.bottom)
}

func inset(o fyne.CanvasObject, vertical, horizontal float32) *fyne.Container {
	return container.New(padded{vertical, horizontal, vertical, horizontal}, o)
}

// setVisible shows or hides an object. Fyne draws a button's icon only after Show has been called on it.
func setVisible(o fyne.CanvasObject, on bool) {
	if on && !o.Visible() {
		o.Show()
	} else if !on && o.Visible() {
		o.Hide()
	}
}

// icon is a picture of a fixed size.
func icon(r fyne.Resource, edge float32) *fyne.Container {
	return container.New(layout.NewGridWrapLayout(fyne.NewSquareSize(edge)), widget.NewIcon(r))
}
