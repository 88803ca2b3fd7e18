package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/ui/present"
)

// Heights of the rows of the list.
const (
	itemHeight    float32 = 74 // with the usual size of text
	headingHeight float32 = 34
	scrollGutter  float32 = 10 // left to the scroll bar
)

// itemRow is one row of the list: a notification, the heading above a day, or the foot.
type itemRow struct {
	widget.BaseWidget
	item     present.Row
	heading  string // with a heading everything else is empty
	selected bool
	focused  bool // selected, and the list has the keyboard
	ring     bool // nothing is selected, and the keyboard would begin here
	hovered  bool
	onTap    func()
	onMenu   func(fyne.Position)
}

var (
	_ fyne.Tappable          = (*itemRow)(nil)
	_ fyne.SecondaryTappable = (*itemRow)(nil)
	_ desktop.Hoverable      = (*itemRow)(nil)
)

func newItemRow() *itemRow {
	r := &itemRow{}
	r.ExtendBaseWidget(r)
	return r
}

// Tapped is part of fyne.Tappable.
func (r *itemRow) Tapped(*fyne.PointEvent) {
	if r.onTap != nil {
		r.onTap()
	}
}

// TappedSecondary is part of fyne.SecondaryTappable.
func (r *itemRow) TappedSecondary(e *fyne.PointEvent) {
	if r.onMenu != nil {
		r.onMenu(e.AbsolutePosition)
	}
}

// MouseIn is part of desktop.Hoverable.
func (r *itemRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved is part of desktop.Hoverable.
func (r *itemRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (r *itemRow) MouseOut() { r.hovered = false; r.Refresh() }

// CreateRenderer is part of fyne.Widget.
func (r *itemRow) CreateRenderer() fyne.WidgetRenderer {
	w := &itemRowRenderer{
		r: r, ground: canvas.NewRectangle(nil), dot: canvas.NewCircle(nil),
		sender: newLine("", sizeMeta, colorMuted), when: newLine("", sizeMeta, colorMuted).whole(),
		title: newLine("", sizeTitle, colorText), priority: newLine("", sizeMeta, colorAttention).whole().strong(),
		text: newLine("", sizeBody, colorMuted),
	}
	w.refresh()
	return &drawing{w.objects(), w.layout, w.minSize, w.refresh}
}

type itemRowRenderer struct {
	r                                   *itemRow
	ground                              *canvas.Rectangle
	dot                                 *canvas.Circle
	sender, when, title, priority, text *line
}

func (w *itemRowRenderer) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{w.ground, w.dot, w.sender, w.when, w.title, w.priority, w.text}
}

func (w *itemRowRenderer) minSize() fyne.Size { return fyne.NewSize(200, scaled(itemHeight)) }

func (w *itemRowRenderer) layout(s fyne.Size) {
	s.Width -= scrollGutter
	w.ground.Resize(s)
	const left, right = 28, 12
	if w.r.heading != "" {
		h := w.sender.MinSize().Height
		w.sender.Move(fyne.NewPos(gap3, s.Height-h-gap1))
		w.sender.Resize(fyne.NewSize(s.Width-gap3-right, h))
		return
	}
	width := s.Width - left - right
	y := scaled(9)
	y += w.pair(w.sender, w.when, left, y, width) + 1
	h := w.pair(w.title, w.priority, left, y, width)
	edge := scaled(8)
	w.dot.Resize(fyne.NewSquareSize(edge))
	w.dot.Move(fyne.NewPos(20-edge, y+(h-edge)/2+1))
	y += h + 1
	w.text.Move(fyne.NewPos(left, y))
	w.text.Resize(fyne.NewSize(width, w.text.MinSize().Height))
}

// pair stands a text that may be cut and one that may not on a line.
func (w *itemRowRenderer) pair(l, r *line, x, y, width float32) float32 {
	lm, rm := l.MinSize(), r.MinSize()
	gap := gap3
	if r.text == "" {
		rm.Width, gap = 0, 0
	}
	l.Move(fyne.NewPos(x, y))
	l.Resize(fyne.NewSize(max(width-rm.Width-gap, 0), lm.Height))
	r.Move(fyne.NewPos(x+width-rm.Width, y+(lm.Height-rm.Height)/2))
	r.Resize(rm)
	return lm.Height
}

func (w *itemRowRenderer) refresh() {
	r := w.r
	w.paintGround()
	heading := r.heading != ""
	w.dot.FillColor = theme.Color(colorAccent)
	w.dot.Hidden = heading || !r.item.Unread
	w.when.Hidden, w.title.Hidden, w.priority.Hidden, w.text.Hidden = heading, heading, heading, heading
	if heading {
		w.sender.bold = true
		w.sender.set(r.heading, colorMuted)
	} else {
		w.sender.bold = false
		w.sender.set(r.item.Sender, colorMuted)
		w.when.set(r.item.When, colorMuted)
		w.title.bold = r.item.Unread
		w.title.set(r.item.Title, colorText)
		w.priority.set(r.item.Priority, priorityColor(r.item))
		w.text.set(r.item.Line, colorMuted)
	}
	w.layout(r.Size())
	for _, l := range []*line{w.sender, w.when, w.title, w.priority, w.text} {
		l.Refresh()
	}
	w.dot.Refresh()
	canvas.Refresh(r)
}

func (w *itemRowRenderer) paintGround() {
	r := w.r
	w.ground.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	w.ground.StrokeWidth = 0
	w.ground.Hidden = r.heading != ""
	switch {
	case r.selected:
		w.ground.FillColor = theme.Color(theme.ColorNameSelection)
	case r.hovered:
		w.ground.FillColor = theme.Color(theme.ColorNameHover)
	default:
		w.ground.FillColor = color.Transparent
		w.ground.Hidden = !r.ring
	}
	if (r.selected && r.focused) || r.ring {
		w.ground.StrokeColor, w.ground.StrokeWidth = theme.Color(colorAccent), 1
	}
	w.ground.Refresh()
}

func priorityColor(r present.Row) fyne.ThemeColorName {
	switch {
	case r.Urgent:
		return colorUrgent
	case r.Low:
		return colorMuted
	default:
		return colorAttention
	}
}
