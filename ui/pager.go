package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// pager moves a page that is higher than the window by keyboard, which Fyne does not.
type pager struct {
	scroll *container.Scroll
	driver fyne.Driver // says where something stands
}

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

// reveal brings what has got the keyboard into sight.
func (p pager) reveal(o fyne.CanvasObject) {
	d, s := p.driver, p.scroll
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s.Content).Y
	bottom, room := top+o.Size().Height, theme.Size(theme.SizeNameInnerPadding)+gap4
	switch {
	case top < s.Offset.Y:
		p.to(top - room)
	case bottom > s.Offset.Y+s.Size().Height:
		p.to(bottom + room - s.Size().Height)
	}
}

// pageButton is a button of a page that Escape leaves. What has the keyboard is in sight, and other keys move the page.
type pageButton struct {
	escButton
	pager *pager
}

func newPageButton(label string, do, back func(), p *pager) *pageButton {
	b := &pageButton{pager: p}
	b.Text, b.OnTapped, b.onEscape = label, do, back
	b.ExtendBaseWidget(b)
	return b
}

// label changes what the button says.
func (b *pageButton) label(words string) {
	if b.Text != words {
		b.SetText(words)
	}
}

// FocusGained is part of fyne.Focusable.
func (b *pageButton) FocusGained() {
	b.escButton.FocusGained()
	b.pager.reveal(b)
}

// TypedKey is part of fyne.Focusable.
func (b *pageButton) TypedKey(k *fyne.KeyEvent) {
	b.pager.key(k.Name)
	b.escButton.TypedKey(k)
}
