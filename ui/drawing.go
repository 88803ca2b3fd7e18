package ui

import "fyne.io/fyne/v2"

// drawing is the renderer of each widget of ours: what it draws with, and how.
type drawing struct {
	objects []fyne.CanvasObject
	layout  func(fyne.Size)
	minSize func() fyne.Size
	refresh func()
}

// Destroy is part of fyne.WidgetRenderer.
func (d *drawing) Destroy() {}

// Objects is part of fyne.WidgetRenderer.
func (d *drawing) Objects() []fyne.CanvasObject { return d.objects }

// Layout is part of fyne.WidgetRenderer.
func (d *drawing) Layout(s fyne.Size) { d.layout(s) }

// MinSize is part of fyne.WidgetRenderer.
func (d *drawing) MinSize() fyne.Size { return d.minSize() }

// Refresh is part of fyne.WidgetRenderer.
func (d *drawing) Refresh() { d.refresh() }
