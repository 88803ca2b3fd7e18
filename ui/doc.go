// Package ui draws the window with Fyne and tells the presenters of package present what the person wants.
//
// It never imports fyne.io/fyne/v2/app, which links OpenGL: whoever calls [Run] makes the application.
package ui
