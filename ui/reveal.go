package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// revealRoom is kept above what is scrolled into sight, for its label, and below.
const revealRoom = 44

// reveal scrolls a control into sight that the keyboard has come to: the toolkit leaves it where it is.
func reveal(o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver() //nolint:forbidigo // a control does not know its window; the toolkit finds it
	c := driver.CanvasForObject(o)
	if c == nil {
		return
	}
	s, _ := scrollAround(c.Content(), o)
	if s == nil {
		return
	}
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s).Y
	if by := revealBy(top, o.Size().Height, s.Size().Height, scaled(revealRoom)); by != 0 {
		s.ScrollToOffset(s.Offset.AddXY(0, by))
	}
}

// revealBy says how far to scroll, down when positive, so that something from top, high, is in sight with room around it.
// Where not all of it fits its top counts.
func revealBy(top, high, sight, room float32) float32 {
	switch {
	case top < room:
		return top - room
	case top+high > sight-room:
		return min(top+high-sight+room, top-room)
	default:
		return 0
	}
}

// scrollAround finds what scrolls an object, and says whether the object is there at all.
func scrollAround(in, o fyne.CanvasObject) (*container.Scroll, bool) {
	switch {
	case in == nil || !in.Visible():
		return nil, false
	case in == o:
		return nil, true
	}
	switch in := in.(type) {
	case *fyne.Container:
		for _, child := range in.Objects {
			if s, found := scrollAround(child, o); found {
				return s, true
			}
		}
	case *container.Scroll:
		s, found := scrollAround(in.Content, o)
		if found && s == nil {
			s = in
		}
		return s, found
	case wrapping:
		return scrollAround(in.inner(), o)
	}
	return nil, false
}
