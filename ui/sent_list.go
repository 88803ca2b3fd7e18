package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/ui/present"
)

// sentHeight is the height of a row, with the usual size of text.
const sentHeight float32 = 74

// sentList is the list of what was sent, with the arrow keys and Return.
type sentList struct {
	widget.List
	shell   *present.Shell
	store   *rowStore[*sentRow]
	at      int // where the keyboard is
	focused bool
}

func newSentList(shell *present.Shell) *sentList {
	l := &sentList{shell: shell, store: newRowStore(newSentRow)}
	l.Length = func() int { return len(shell.Sent.Items) }
	l.CreateItem = func() fyne.CanvasObject { return l.store.take() }
	l.UpdateItem = l.update
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer is part of fyne.Widget.
func (l *sentList) CreateRenderer() fyne.WidgetRenderer {
	return &sentListRenderer{l.List.CreateRenderer(), l}
}

type sentListRenderer struct {
	fyne.WidgetRenderer
	l *sentList
}

// Refresh is part of fyne.WidgetRenderer.
func (r *sentListRenderer) Refresh() {
	r.l.store.around(r.WidgetRenderer.Refresh, len(r.l.shell.Sent.Items) == 0)
}

func (l *sentList) update(i widget.ListItemID, o fyne.CanvasObject) {
	items := l.shell.Sent.Items
	r, ok := o.(*sentRow)
	if !ok || i >= len(items) {
		return
	}
	l.store.drawn(r)
	r.row = present.SentRowOf(l.shell.Words(), items[i], l.shell.Now())
	r.focused = l.focused && i == l.at
	r.onTap = func() { l.at = i; l.shell.Sent.Select(r.row.ID) }
	r.Refresh()
	if i+1 == len(items) {
		l.shell.Sent.NeedOlder()
	}
}

// FocusGained is part of fyne.Focusable.
func (l *sentList) FocusGained() { l.focused = true; l.Refresh() }

// FocusLost is part of fyne.Focusable.
func (l *sentList) FocusLost() { l.focused = false; l.Refresh() }

// TypedKey is part of fyne.Focusable.
func (l *sentList) TypedKey(k *fyne.KeyEvent) {
	items := l.shell.Sent.Items
	l.at = min(max(l.at, 0), max(len(items)-1, 0))
	switch k.Name {
	case fyne.KeyDown:
		l.at = min(l.at+1, max(len(items)-1, 0))
	case fyne.KeyUp:
		l.at = max(l.at-1, 0)
	case fyne.KeyHome:
		l.at = 0
	case fyne.KeyEnd:
		l.at = max(len(items)-1, 0)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if l.at < len(items) {
			l.shell.Sent.Select(items[l.at].ID)
		}
		return
	case fyne.KeyEscape:
		l.shell.Show(present.PaneRead)
		return
	default:
		return
	}
	l.ScrollTo(l.at)
	l.Refresh()
}

// sentRow is one of the list.
type sentRow struct {
	widget.BaseWidget
	row              present.SentRow
	focused, hovered bool
	onTap            func()
}

var (
	_ fyne.Tappable     = (*sentRow)(nil)
	_ desktop.Hoverable = (*sentRow)(nil)
)

func newSentRow() *sentRow {
	r := &sentRow{}
	r.ExtendBaseWidget(r)
	return r
}

// Tapped is part of fyne.Tappable.
func (r *sentRow) Tapped(*fyne.PointEvent) {
	if r.onTap != nil {
		r.onTap()
	}
}

// MouseIn is part of desktop.Hoverable.
func (r *sentRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved is part of desktop.Hoverable.
func (r *sentRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (r *sentRow) MouseOut() { r.hovered = false; r.Refresh() }

// CreateRenderer is part of fyne.Widget.
func (r *sentRow) CreateRenderer() fyne.WidgetRenderer {
	d := &sentRowRenderer{
		r: r, ground: canvas.NewRectangle(nil), icon: widget.NewIcon(nil), to: newLine("", sizeMeta, colorMuted),
		when: newLine("", sizeMeta, colorMuted).whole(), title: newLine("", sizeTitle, colorText), state: newLine("", sizeBody, colorMuted),
	}
	d.refresh()
	return &drawing{[]fyne.CanvasObject{d.ground, d.icon, d.to, d.when, d.title, d.state}, d.layout, d.minSize, d.refresh}
}

type sentRowRenderer struct {
	r                      *sentRow
	ground                 *canvas.Rectangle
	icon                   *widget.Icon
	to, when, title, state *line
}

func (d *sentRowRenderer) minSize() fyne.Size { return fyne.NewSize(200, scaled(sentHeight)) }

func (d *sentRowRenderer) layout(s fyne.Size) {
	s.Width -= scrollGutter
	d.ground.Resize(s)
	x, width := gap4, s.Width-gap4-gap3
	y := scaled(9)
	when := d.when.MinSize()
	d.when.Move(fyne.NewPos(x+width-when.Width, y))
	d.when.Resize(when)
	d.to.Move(fyne.NewPos(x, y))
	d.to.Resize(fyne.NewSize(max(width-when.Width-gap3, 0), when.Height))
	y += when.Height + 1
	h := d.title.MinSize().Height
	d.title.Move(fyne.NewPos(x, y))
	d.title.Resize(fyne.NewSize(width, h))
	y += h + 1
	h = d.state.MinSize().Height
	edge := scaled(14)
	d.icon.Move(fyne.NewPos(x, y+(h-edge)/2))
	d.icon.Resize(fyne.NewSquareSize(edge))
	d.state.Move(fyne.NewPos(x+edge+gap2, y))
	d.state.Resize(fyne.NewSize(width-edge-gap2, h))
}

func (d *sentRowRenderer) refresh() {
	d.ground.FillColor, d.ground.CornerRadius = theme.Color(colorSurface), theme.Size(theme.SizeNameInputRadius)
	d.ground.StrokeWidth = 0
	if d.r.hovered || d.r.focused {
		d.ground.FillColor = theme.Color(colorRaised)
	}
	if d.r.focused {
		d.ground.StrokeColor, d.ground.StrokeWidth = theme.Color(colorAccent), 2
	}
	row := d.r.row
	res, color := toneLook(row.Tone)
	d.icon.SetResource(tinted(res, color))
	d.to.set(row.To, colorMuted)
	d.when.set(row.When, colorMuted)
	d.title.set(row.Title, colorText)
	d.state.set(row.State, colorMuted)
	d.layout(d.r.Size())
	canvas.Refresh(d.r)
}
