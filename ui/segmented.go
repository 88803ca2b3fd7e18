package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// segmented chooses one of a few: by click, or with the arrow keys.
type segmented struct {
	widget.DisableableWidget
	options  []string
	selected int
	focused  bool
	wraps    bool // the options stand below each other where they do not fit beside each other
	onChange func(int)
}

var (
	_ fyne.Focusable     = (*segmented)(nil)
	_ fyne.Tappable      = (*segmented)(nil)
	_ desktop.Cursorable = (*segmented)(nil)
)

func newSegmented(options []string, onChange func(int)) *segmented {
	s := &segmented{options: options, onChange: onChange}
	s.ExtendBaseWidget(s)
	return s
}

// show marks an option without telling anybody; -1 marks none.
func (s *segmented) show(i int, options ...string) {
	changed := s.selected != i
	for k := range options {
		changed = changed || s.options[k] != options[k]
	}
	if len(options) > 0 {
		s.options = options
	}
	if s.selected = i; changed {
		s.Refresh()
	}
}

func (s *segmented) choose(i int) {
	if i < 0 || i >= len(s.options) || i == s.selected || s.Disabled() {
		return
	}
	s.selected = i
	s.Refresh()
	s.onChange(i)
}

// Tapped is part of fyne.Tappable.
func (s *segmented) Tapped(e *fyne.PointEvent) {
	for i, box := range s.boxes(s.Size()) {
		if p := e.Position.Subtract(box.at); p.X >= 0 && p.Y >= 0 && p.X < box.size.Width && p.Y < box.size.Height {
			s.choose(i)
			return
		}
	}
}

// Cursor is part of desktop.Cursorable.
func (s *segmented) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained is part of fyne.Focusable.
func (s *segmented) FocusGained() { s.focused = true; s.Refresh(); reveal(s) }

// FocusLost is part of fyne.Focusable.
func (s *segmented) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune is part of fyne.Focusable.
func (s *segmented) TypedRune(rune) {}

// TypedKey is part of fyne.Focusable.
func (s *segmented) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyLeft, fyne.KeyUp:
		s.choose(s.selected - 1)
	case fyne.KeyRight, fyne.KeyDown:
		s.choose(s.selected + 1)
	case fyne.KeyEscape:
		passOn(s, k)
	}
}

const (
	segmentInset  = 3
	segmentHeight = 32 // with the usual size of text
)

func (s *segmented) width(i int) float32 {
	// As wide as in bold, so that nothing moves with the choice.
	return fyne.MeasureText(s.options[i], theme.Size(sizeBody), fyne.TextStyle{Bold: true}).Width + 2*gap3
}

// stacked says whether the options stand below each other in a width.
func (s *segmented) stacked(width float32) bool {
	return s.wraps && width > 0 && width < s.whole()
}

// whole is the width of all options beside each other.
func (s *segmented) whole() float32 {
	w := float32(2 * segmentInset)
	for i := range s.options {
		w += s.width(i)
	}
	return w
}

// segmentBox is the place of an option.
type segmentBox struct {
	at   fyne.Position
	size fyne.Size
}

// boxes are the places of the options.
func (s *segmented) boxes(size fyne.Size) []segmentBox {
	boxes := make([]segmentBox, len(s.options))
	stacked, line := s.stacked(size.Width), scaled(segmentHeight)
	x, y := float32(segmentInset), float32(segmentInset)
	for i := range boxes {
		if stacked {
			boxes[i] = segmentBox{fyne.NewPos(x, y), fyne.NewSize(size.Width-2*segmentInset, line-2*segmentInset)}
			y += line - segmentInset
			continue
		}
		boxes[i] = segmentBox{fyne.NewPos(x, y), fyne.NewSize(s.width(i), size.Height-2*segmentInset)}
		x += s.width(i)
	}
	return boxes
}

// CreateRenderer is part of fyne.Widget.
func (s *segmented) CreateRenderer() fyne.WidgetRenderer {
	r := &segmentedRenderer{s: s, ground: canvas.NewRectangle(nil), pill: canvas.NewRectangle(nil)}
	for range s.options {
		r.texts = append(r.texts, canvas.NewText("", nil))
	}
	r.refresh()
	return &drawing{r.objects(), r.layout, r.minSize, r.refresh}
}

type segmentedRenderer struct {
	s            *segmented
	ground, pill *canvas.Rectangle
	texts        []*canvas.Text
}

func (r *segmentedRenderer) objects() []fyne.CanvasObject {
	o := []fyne.CanvasObject{r.ground, r.pill}
	for _, t := range r.texts {
		o = append(o, t)
	}
	return o
}

func (r *segmentedRenderer) minSize() fyne.Size {
	s, line := r.s, scaled(segmentHeight)
	if !s.wraps {
		return fyne.NewSize(s.whole(), line)
	}
	widest := float32(0)
	for i := range s.options {
		widest = max(widest, s.width(i)+2*segmentInset)
	}
	if n := float32(len(s.options)); s.stacked(s.Size().Width) {
		return fyne.NewSize(widest, n*line-(n-1)*segmentInset)
	}
	return fyne.NewSize(widest, line)
}

func (r *segmentedRenderer) layout(size fyne.Size) {
	r.ground.Resize(size)
	if !r.s.stacked(size.Width) {
		r.ground.Resize(fyne.NewSize(r.s.whole(), size.Height))
	}
	for i, box := range r.s.boxes(size) {
		m := r.texts[i].MinSize()
		r.texts[i].Move(box.at.AddXY((box.size.Width-m.Width)/2, (box.size.Height-m.Height)/2))
		r.texts[i].Resize(m)
		if i == r.s.selected {
			r.pill.Move(box.at)
			r.pill.Resize(box.size)
		}
	}
}

func (r *segmentedRenderer) refresh() {
	r.ground.FillColor = theme.Color(theme.ColorNameButton)
	r.ground.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	r.pill.FillColor = theme.Color(colorSurface)
	r.pill.CornerRadius = theme.Size(theme.SizeNameInputRadius) - 2
	r.pill.StrokeColor, r.pill.StrokeWidth = theme.Color(colorLine), 1
	if r.s.focused {
		r.pill.StrokeColor, r.pill.StrokeWidth = theme.Color(colorAccent), 2
	}
	r.pill.Hidden = r.s.selected < 0
	for i, t := range r.texts {
		t.Text, t.TextSize, t.TextStyle = r.s.options[i], theme.Size(sizeBody), fyne.TextStyle{Bold: i == r.s.selected}
		t.Color = theme.Color(colorMuted)
		if i == r.s.selected {
			t.Color = theme.Color(colorText)
		}
		if r.s.Disabled() {
			t.Color = theme.Color(theme.ColorNameDisabled)
		}
	}
	r.layout(r.s.Size())
	canvas.Refresh(r.s)
}
