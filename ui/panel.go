package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panel is a ground in a colour of the theme, with something on it.
type panel struct {
	widget.BaseWidget
	fill    fyne.ThemeColorName
	edge    fyne.ThemeColorName // "" for none
	radius  float32
	content fyne.CanvasObject // may be nil
}

func newPanel(fill fyne.ThemeColorName, content fyne.CanvasObject) *panel {
	p := &panel{fill: fill, content: content}
	p.ExtendBaseWidget(p)
	return p
}

// newCard is a panel with round corners and a hairline around it.
func newCard(content fyne.CanvasObject) *panel {
	p := newPanel(colorSurface, content)
	p.edge, p.radius = colorLine, cardRadius
	return p
}

func (p *panel) inner() fyne.CanvasObject { return p.content }

// CreateRenderer is part of fyne.Widget.
func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{p: p, rect: canvas.NewRectangle(nil)}
	r.objects = []fyne.CanvasObject{r.rect}
	if p.content != nil {
		r.objects = append(r.objects, p.content)
	}
	r.paint()
	return &drawing{r.objects, r.layout, r.minSize, r.refresh}
}

type panelRenderer struct {
	p       *panel
	rect    *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *panelRenderer) layout(s fyne.Size) {
	for _, o := range r.objects {
		o.Resize(s)
	}
}

func (r *panelRenderer) minSize() fyne.Size {
	if r.p.content == nil {
		return fyne.Size{}
	}
	return r.p.content.MinSize()
}

func (r *panelRenderer) paint() {
	r.rect.FillColor = theme.Color(r.p.fill)
	r.rect.CornerRadius = r.p.radius
	r.rect.StrokeWidth = 0
	if r.p.edge != "" {
		r.rect.StrokeColor, r.rect.StrokeWidth = theme.Color(r.p.edge), 1
	}
}

func (r *panelRenderer) refresh() {
	r.paint()
	r.rect.Refresh()
	if r.p.content != nil {
		r.p.content.Refresh()
	}
}

// hairline is a line of one pixel where space cannot separate.
func hairline(vertical bool) *fyne.Container {
	line := newPanel(colorLine, nil)
	if vertical {
		return inContainer(fixed{width: 1}, line)
	}
	return inContainer(fixed{height: 1}, line)
}

// fixed asks for a width or height of its own.
type fixed struct{ width, height float32 }

// Layout is part of fyne.Layout.
func (fixed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is part of fyne.Layout.
func (f fixed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	s := fyne.NewSize(f.width, f.height)
	for _, o := range objects {
		m := o.MinSize()
		if f.width == 0 {
			s.Width = max(s.Width, m.Width)
		}
		if f.height == 0 {
			s.Height = max(s.Height, m.Height)
		}
	}
	return s
}

func inContainer(l fyne.Layout, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: l, Objects: objects}
}
