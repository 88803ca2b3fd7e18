package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// pager moves a page that is higher than the window by keyboard, which Fyne does not.
type pager struct{ scroll *container.Scroll }

// key moves by a key, if it is one for that.
func (p pager) key(name fyne.KeyName) {
	s := p.scroll
	to := s.Offset.Y
	switch name {
	case fyne.KeyDown:
		to += scaled(pagerStep)
	case fyne.KeyUp:
		to -= scaled(pagerStep)
	case fyne.KeyPageDown:
		to += s.Size().Height - scaled(pagerStep)
	case fyne.KeyPageUp:
		to -= s.Size().Height - scaled(pagerStep)
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = s.Content.Size().Height
	default:
		return
	}
	p.to(to)
}

// pagerStep is how far an arrow key goes, with the usual size of text.
const pagerStep = 48

func (p pager) to(y float32) {
	most := max(p.scroll.Content.Size().Height-p.scroll.Size().Height, 0)
	p.scroll.ScrollToOffset(fyne.NewPos(0, min(max(y, 0), most)))
}
