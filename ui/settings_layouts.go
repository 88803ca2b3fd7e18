package ui

import "fyne.io/fyne/v2"

// flow stands objects beside each other and goes on in another line where there is no more room. It remembers its width,
// because only with that it knows its height.
type flow struct {
	gap   float32
	width float32
}

// Layout is part of fyne.Layout.
func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, s fyne.Size) {
		o.Move(at)
		o.Resize(s)
	})
}

// place walks through the objects and returns the height of all.
func (f *flow) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	x, y, high := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if x > 0 && width > 0 && x+m.Width > width+0.5 {
			x, y, high = 0, y+high+f.gap, 0
		}
		put(o, fyne.NewPos(x, y), m)
		x, high = x+m.Width+f.gap, max(high, m.Height)
	}
	return y + high
}

// MinSize is part of fyne.Layout. Its height holds for the width of the last Layout.
func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	s.Height = f.place(objects, f.width, func(_ fyne.CanvasObject, _ fyne.Position, m fyne.Size) { s.Width = max(s.Width, m.Width) })
	return s
}

// halves stands objects beside each other at equal widths, no wider than they need to be read.
type halves struct{ gap float32 }

// halfMost is the widest of them, with the usual size of text.
const halfMost = 200

// Layout is part of fyne.Layout.
func (h halves) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	n := float32(len(objects))
	width := min((size.Width-(n-1)*h.gap)/n, scaled(halfMost))
	for i, o := range objects {
		fit(o, width)
		o.Move(fyne.NewPos(float32(i)*(width+h.gap), 0))
	}
}

// MinSize is part of fyne.Layout. Its height holds for the width of the last Layout.
func (h halves) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		m := o.MinSize()
		s.Width += m.Width
		s.Height = max(s.Height, m.Height)
	}
	return s.AddWidthHeight(float32(len(objects)-1)*h.gap, 0)
}
