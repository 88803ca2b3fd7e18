package ui

import "fyne.io/fyne/v2"

// passOn gives a key that a control has no use for to the window: the toolkit gives it to the control alone. Under a card
// that asks something nothing happens.
func passOn(from fyne.CanvasObject, k *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(from) //nolint:forbidigo // a control does not know its window; the toolkit finds it
	if c == nil || c.Overlays().Top() != nil {
		return
	}
	if do := c.OnTypedKey(); do != nil {
		do(k)
	}
}
