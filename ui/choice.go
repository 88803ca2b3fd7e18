package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// check is the toolkit's box to tick, which shows itself when the keyboard comes to it and lets Escape through.
type check struct{ widget.Check }

func newCheck(label string, changed func(bool)) *check {
	c := &check{}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained is part of fyne.Focusable.
func (c *check) FocusGained() { c.Check.FocusGained(); reveal(c) }

// TypedKey is part of fyne.Focusable.
func (c *check) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		passOn(c, k)
		return
	}
	c.Check.TypedKey(k)
}

// choice is the toolkit's list to choose one from, likewise.
type choice struct{ widget.Select }

func newChoice(options []string, changed func(string)) *choice {
	c := &choice{}
	c.Options, c.OnChanged = options, changed
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained is part of fyne.Focusable.
func (c *choice) FocusGained() { c.Select.FocusGained(); reveal(c) }

// TypedKey is part of fyne.Focusable.
func (c *choice) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		passOn(c, k)
		return
	}
	c.Select.TypedKey(k)
}
