package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/assets"
	"securepush/ui/present"
)

// entry is a text field that tells about Escape and about losing the focus.
type entry struct {
	widget.Entry
	onEscape func()
	onLeave  func()
	shortcut func(fyne.Shortcut) bool // of the window: a field would swallow them
	inFocus  bool
}

// TypedShortcut is part of fyne.Shortcutable.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if e.shortcut == nil || !e.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

// focused says whether the cursor is here.
func (e *entry) focused() bool { return e.inFocus }

// FocusGained is part of fyne.Focusable.
func (e *entry) FocusGained() { e.inFocus = true; e.Entry.FocusGained() }

func newEntry(placeholder string) *entry {
	e := &entry{}
	e.PlaceHolder = placeholder
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey is part of fyne.Focusable.
func (e *entry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape && e.onEscape != nil {
		e.onEscape()
		return
	}
	e.Entry.TypedKey(k)
}

// FocusLost is part of fyne.Focusable.
func (e *entry) FocusLost() {
	e.inFocus = false
	e.Entry.FocusLost()
	if e.onLeave != nil {
		e.onLeave()
	}
}

// show puts a text into the field without it counting as typed.
func (e *entry) show(text string) {
	if e.Text == text {
		return
	}
	typed := e.OnChanged
	e.OnChanged = nil
	e.SetText(text)
	e.OnChanged = typed
}

// toneLook is the icon and colour of a tone.
func toneLook(t present.Tone) (fyne.Resource, fyne.ThemeColorName) {
	switch t {
	case present.ToneGood:
		return theme.ConfirmIcon(), colorGood
	case present.ToneWorking:
		return theme.ViewRefreshIcon(), colorMuted
	case present.ToneAttention:
		return theme.WarningIcon(), colorAttention
	case present.ToneBad:
		return theme.ErrorIcon(), colorUrgent
	case present.ToneOffline:
		return glyph(assets.TrayOffline), colorAttention
	default:
		return theme.InfoIcon(), colorMuted
	}
}

// hint is a small line of words with an icon, beneath a field or a form. Empty, it takes no room.
type hint struct {
	holder
	icon  *widget.Icon
	words *prose
}

func newHint() *hint {
	h := &hint{icon: widget.NewIcon(nil), words: newProse("", sizeMeta, colorMuted)}
	h.box = container.New(hintLayout{16, gap1 + 2}, h.icon, h.words)
	h.ExtendBaseWidget(h)
	h.Hide()
	return h
}

// say shows words, or nothing when there are none.
func (h *hint) say(tone present.Tone, words string) {
	if words == "" {
		h.Hide()
		return
	}
	res, color := toneLook(tone)
	h.icon.SetResource(tinted(res, color))
	if tone == present.ToneWorking || tone == present.ToneQuiet {
		color = colorMuted
	}
	h.words.set(words, color)
	h.Show()
}

// hintLayout stands an icon beside the first line of a text.
type hintLayout struct{ edge, gap float32 }

// Layout is part of fyne.Layout.
func (l hintLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(fyne.NewSquareSize(l.edge))
	objects[0].Move(fyne.NewPos(0, 1))
	x := l.edge + l.gap
	fit(objects[1], size.Width-x)
	objects[1].Move(fyne.NewPos(x, 0))
}

// MinSize is part of fyne.Layout.
func (l hintLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := objects[1].MinSize()
	return fyne.NewSize(m.Width+l.edge+l.gap, max(m.Height, l.edge+2))
}

// field is a label, a control and what is wrong with it.
type field struct {
	holder
	hint *hint
}

func newField(label string, control fyne.CanvasObject) *field {
	f := &field{hint: newHint()}
	l := newLine(label, sizeMeta, colorMuted)
	l.bold = true
	f.box = container.New(column{gap: gap1 + 2}, l, control, f.hint)
	f.ExtendBaseWidget(f)
	return f
}

// segmented chooses one of a few: by click, or with the arrow keys.
type segmented struct {
	widget.DisableableWidget
	options  []string
	selected int
	focused  bool
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
	x := float32(segmentInset)
	for i := range s.options {
		if x += s.width(i); e.Position.X < x || i == len(s.options)-1 {
			s.choose(i)
			return
		}
	}
}

// Cursor is part of desktop.Cursorable.
func (s *segmented) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained is part of fyne.Focusable.
func (s *segmented) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost is part of fyne.Focusable.
func (s *segmented) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune is part of fyne.Focusable.
func (s *segmented) TypedRune(rune) {}

// TypedKey is part of fyne.Focusable.
func (s *segmented) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyLeft:
		s.choose(s.selected - 1)
	case fyne.KeyRight:
		s.choose(s.selected + 1)
	}
}

const (
	segmentInset  = 3
	segmentHeight = 32
)

func (s *segmented) width(i int) float32 {
	// As wide as in bold, so that nothing moves with the choice.
	return fyne.MeasureText(s.options[i], theme.Size(sizeBody), fyne.TextStyle{Bold: true}).Width + 2*gap3
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
	w := float32(2 * segmentInset)
	for i := range r.texts {
		w += r.s.width(i)
	}
	return fyne.NewSize(w, segmentHeight)
}

func (r *segmentedRenderer) layout(size fyne.Size) {
	r.ground.Resize(fyne.NewSize(r.minSize().Width, size.Height))
	x := float32(segmentInset)
	for i, t := range r.texts {
		w := r.s.width(i)
		m := t.MinSize()
		t.Move(fyne.NewPos(x+(w-m.Width)/2, (size.Height-m.Height)/2))
		t.Resize(m)
		if i == r.s.selected {
			r.pill.Move(fyne.NewPos(x, segmentInset))
			r.pill.Resize(fyne.NewSize(w, size.Height-2*segmentInset))
		}
		x += w
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
