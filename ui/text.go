package ui

import (
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// line is one line of text without any space around it, cut with an ellipsis where its place ends.
type line struct {
	widget.BaseWidget
	text  string
	size  fyne.ThemeSizeName
	color fyne.ThemeColorName
	bold  bool
	wide  bool // asks for the room of the whole text
	right bool
}

func newLine(text string, size fyne.ThemeSizeName, color fyne.ThemeColorName) *line {
	l := &line{text: text, size: size, color: color}
	l.ExtendBaseWidget(l)
	return l
}

// whole makes the line ask for all the room that it needs.
func (l *line) whole() *line { l.wide = true; return l }

func (l *line) strong() *line { l.bold = true; return l }

// set changes what is said, and in which colour.
func (l *line) set(text string, color fyne.ThemeColorName) {
	if l.text != text || l.color != color {
		l.text, l.color = text, color
		l.Refresh()
	}
}

// CreateRenderer is part of fyne.Widget.
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{l: l, t: canvas.NewText("", nil)}
	r.refresh()
	return &drawing{[]fyne.CanvasObject{r.t}, r.layout, r.minSize, r.refresh}
}

type lineRenderer struct {
	l *line
	t *canvas.Text
}

func (r *lineRenderer) style() (float32, fyne.TextStyle) {
	return theme.Size(r.l.size), fyne.TextStyle{Bold: r.l.bold}
}

func (r *lineRenderer) minSize() fyne.Size {
	size, style := r.style()
	if r.l.wide {
		return fyne.MeasureText(r.l.text, size, style)
	}
	return fyne.NewSize(0, fyne.MeasureText("X", size, style).Height)
}

func (r *lineRenderer) layout(s fyne.Size) {
	size, style := r.style()
	r.t.Text = ellipsis(r.l.text, s.Width, size, style)
	r.t.Alignment = fyne.TextAlignLeading
	if r.l.right {
		r.t.Alignment = fyne.TextAlignTrailing
	}
	r.t.Resize(s)
	r.t.Refresh()
}

func (r *lineRenderer) refresh() {
	r.t.TextSize, r.t.TextStyle = r.style()
	r.t.Color = theme.Color(r.l.color)
	r.layout(r.l.Size())
}

// ellipsis cuts a text so that it fits into a width.
func ellipsis(text string, width, size float32, style fyne.TextStyle) string {
	fits := func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width+0.5 }
	if text == "" || width <= 0 || fits(text) {
		return text
	}
	runes := []rune(text)
	// What is far too long is not measured whole again and again.
	runes = runes[:min(len(runes), int(width/size*4)+4)]
	n := sort.Search(len(runes), func(i int) bool { return !fits(string(runes[:i+1]) + "…") })
	for n > 0 && runes[n-1] == ' ' {
		n--
	}
	return string(runes[:n]) + "…"
}

// prose is text that wraps, without any space around it. It is never read as markup.
type prose struct {
	widget.BaseWidget
	rich *widget.RichText
	seg  *widget.TextSegment
}

func newProse(text string, size fyne.ThemeSizeName, color fyne.ThemeColorName) *prose {
	seg := &widget.TextSegment{Text: text, Style: widget.RichTextStyle{SizeName: size, ColorName: color, Inline: true}}
	p := &prose{rich: widget.NewRichText(seg), seg: seg}
	p.rich.Wrapping = fyne.TextWrapWord
	p.ExtendBaseWidget(p)
	return p
}

func (p *prose) strong() *prose { p.seg.Style.TextStyle.Bold = true; return p }

func (p *prose) centered() *prose { p.seg.Style.Alignment = fyne.TextAlignCenter; return p }

// set changes what is said, and in which colour.
func (p *prose) set(text string, color fyne.ThemeColorName) {
	if p.seg.Text != text || p.seg.Style.ColorName != color {
		p.seg.Text, p.seg.Style.ColorName = text, color
		p.Refresh()
	}
}

// say shows the text, or nothing at all when there is none.
func (p *prose) say(text string, color fyne.ThemeColorName) {
	p.set(text, color)
	if text == "" {
		p.Hide()
	} else {
		p.Show()
	}
}

// CreateRenderer is part of fyne.Widget. It takes the space away that Fyne puts around a text.
func (p *prose) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{
		objects: []fyne.CanvasObject{p.rich},
		layout: func(s fyne.Size) {
			pad := theme.Size(theme.SizeNameInnerPadding)
			p.rich.Move(fyne.NewPos(-pad, -pad))
			p.rich.Resize(s.AddWidthHeight(2*pad, 2*pad))
		},
		minSize: func() fyne.Size {
			pad := theme.Size(theme.SizeNameInnerPadding)
			return p.rich.MinSize().SubtractWidthHeight(2*pad, 2*pad)
		},
		refresh: p.rich.Refresh,
	}
}

// holder makes a widget of a container, for types that are more than one.
type holder struct {
	widget.BaseWidget
	box *fyne.Container
}

func (h *holder) inner() fyne.CanvasObject { return h.box }

// CreateRenderer is part of fyne.Widget.
func (h *holder) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(h.box) }
