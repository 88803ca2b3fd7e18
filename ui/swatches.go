package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/assets/words"
)

// swatches chooses one of the colours of accounts: by click, or with the arrow keys. The name of the colour that is chosen, or
// pointed at, stands beneath.
type swatches struct {
	widget.DisableableWidget
	w         *words.Words
	colours   []string
	selected  int
	automatic bool // nobody chose it
	pointed   int  // -1: none
	focused   bool
	onChange  func(string)
}

var (
	_ fyne.Focusable     = (*swatches)(nil)
	_ fyne.Tappable      = (*swatches)(nil)
	_ desktop.Hoverable  = (*swatches)(nil)
	_ desktop.Cursorable = (*swatches)(nil)
)

func newSwatches(w *words.Words, onChange func(string)) *swatches {
	s := &swatches{w: w, colours: local.Colours(), pointed: -1, onChange: onChange}
	s.ExtendBaseWidget(s)
	return s
}

// show marks a colour without telling anybody.
func (s *swatches) show(colour string, automatic bool) {
	if i := max(slices.Index(s.colours, colour), 0); i != s.selected || automatic != s.automatic {
		s.selected, s.automatic = i, automatic
		s.Refresh()
	}
}

func (s *swatches) choose(i int) {
	if i < 0 || i >= len(s.colours) || s.Disabled() || i == s.selected && !s.automatic {
		return
	}
	s.selected, s.automatic = i, false
	s.Refresh()
	s.onChange(s.colours[i])
}

// words name the colour.
func (s *swatches) words() string {
	if s.pointed >= 0 {
		return colourWord(s.w, s.colours[s.pointed])
	}
	name := colourWord(s.w, s.colours[s.selected])
	if s.automatic {
		return s.w.AccountColourAutomatic(name)
	}
	return name
}

// swatchSize is the edge of one with the space around it, with the usual size of text.
const swatchSize = 30

func (s *swatches) columns(width float32) int {
	return min(max(int((width+0.5)/scaled(swatchSize)), 1), len(s.colours))
}

func (s *swatches) lines(width float32) int {
	n := s.columns(width)
	return (len(s.colours) + n - 1) / n
}

// at is the colour at a place, or -1.
func (s *swatches) at(p fyne.Position) int {
	n := s.columns(s.Size().Width)
	x, y := int(p.X/scaled(swatchSize)), int(p.Y/scaled(swatchSize))
	if i := y*n + x; p.X >= 0 && p.Y >= 0 && x < n && i < len(s.colours) {
		return i
	}
	return -1
}

// Tapped is part of fyne.Tappable.
func (s *swatches) Tapped(e *fyne.PointEvent) { s.choose(s.at(e.Position)) }

// Cursor is part of desktop.Cursorable.
func (s *swatches) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn is part of desktop.Hoverable.
func (s *swatches) MouseIn(e *desktop.MouseEvent) { s.MouseMoved(e) }

// MouseMoved is part of desktop.Hoverable.
func (s *swatches) MouseMoved(e *desktop.MouseEvent) {
	if i := s.at(e.Position); i != s.pointed {
		s.pointed = i
		s.Refresh()
	}
}

// MouseOut is part of desktop.Hoverable.
func (s *swatches) MouseOut() { s.pointed = -1; s.Refresh() }

// FocusGained is part of fyne.Focusable.
func (s *swatches) FocusGained() { s.focused = true; s.Refresh(); reveal(s) }

// FocusLost is part of fyne.Focusable.
func (s *swatches) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune is part of fyne.Focusable.
func (s *swatches) TypedRune(rune) {}

// TypedKey is part of fyne.Focusable.
func (s *swatches) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyLeft, fyne.KeyUp:
		s.choose(s.selected - 1)
	case fyne.KeyRight, fyne.KeyDown:
		s.choose(s.selected + 1)
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		s.choose(s.selected)
	case fyne.KeyEscape:
		passOn(s, k)
	}
}

// CreateRenderer is part of fyne.Widget.
func (s *swatches) CreateRenderer() fyne.WidgetRenderer {
	r := &swatchesRenderer{s: s, ring: canvas.NewCircle(nil), name: newLine("", sizeMeta, colorMuted)}
	for range s.colours {
		r.spots = append(r.spots, canvas.NewCircle(nil))
	}
	r.refresh()
	objects := []fyne.CanvasObject{r.ring}
	for _, c := range r.spots {
		objects = append(objects, c)
	}
	return &drawing{append(objects, r.name), r.layout, r.minSize, r.refresh}
}

type swatchesRenderer struct {
	s     *swatches
	ring  *canvas.Circle
	spots []*canvas.Circle
	name  *line
}

func (r *swatchesRenderer) minSize() fyne.Size {
	width := r.s.Size().Width
	if width == 0 {
		width = scaled(swatchSize) * float32(len(r.s.colours))
	}
	return fyne.NewSize(scaled(swatchSize), float32(r.s.lines(width))*scaled(swatchSize)+gap1+r.name.MinSize().Height)
}

func (r *swatchesRenderer) layout(size fyne.Size) {
	n, cell := r.s.columns(size.Width), scaled(swatchSize)
	for i, c := range r.spots {
		at := fyne.NewPos(float32(i%n)*cell, float32(i/n)*cell)
		gap := float32(6)
		c.Move(at.AddXY(gap, gap))
		c.Resize(fyne.NewSquareSize(cell - 2*gap))
		if i == r.s.selected {
			r.ring.Move(at.AddXY(2, 2))
			r.ring.Resize(fyne.NewSquareSize(cell - 4))
		}
	}
	r.name.Move(fyne.NewPos(0, float32(r.s.lines(size.Width))*cell+gap1))
	r.name.Resize(fyne.NewSize(size.Width, r.name.MinSize().Height))
}

func (r *swatchesRenderer) refresh() {
	for i, c := range r.spots {
		c.FillColor = theme.Color(accountColor(r.s.colours[i]))
		c.Refresh()
	}
	r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorMuted), 2
	if r.s.focused {
		r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorAccent), 3
	}
	r.name.set(r.s.words(), colorMuted)
	r.layout(r.s.Size())
	canvas.Refresh(r.s)
}
