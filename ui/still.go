package ui

import "fyne.io/fyne/v2"

// still is an application without the toolkit's animations. A text cursor that fades in and out draws the whole window a
// dozen times a second, which takes a tenth of a core where no graphics card helps, and the window may be open all day.
type still struct{ fyne.App }

// Settings is part of fyne.App.
func (s still) Settings() fyne.Settings { return stillSettings{s.App.Settings()} }

type stillSettings struct{ fyne.Settings }

// ShowAnimations is part of fyne.Settings.
func (stillSettings) ShowAnimations() bool { return false }
