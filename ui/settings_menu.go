package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"securepush/ui/present"
)

// quietItems are the part of the menu about do not disturb: how it is, and what can be changed.
func (w *window) quietItems() []*fyne.MenuItem {
	q, say := w.shell.Quiet, w.shell.Words()
	if !w.shell.CanSignOut() || q.Busy {
		return nil
	}
	var items []*fyne.MenuItem
	if q.On {
		state := fyne.NewMenuItem(q.Words, nil)
		state.Disabled = true
		items = append(items, state)
	}
	if q.CanResume {
		label := say.TrayResume()
		if q.Muted {
			label = say.AccountUnmute()
		}
		resume := fyne.NewMenuItem(label, q.Resume)
		resume.Icon = theme.MediaPlayIcon()
		return append(items, resume, fyne.NewMenuItemSeparator())
	}
	for _, p := range []struct {
		label string
		do    func()
	}{
		{say.TrayPauseHalfHour(), func() { q.PauseFor(pauseShort) }},
		{say.TrayPauseHour(), func() { q.PauseFor(pauseLong) }},
		{say.TrayPauseTomorrow(), q.PauseUntilTomorrow},
	} {
		item := fyne.NewMenuItem(p.label, p.do)
		item.Icon = theme.MediaPauseIcon()
		items = append(items, item)
	}
	return append(items, fyne.NewMenuItemSeparator())
}

// quietChanged says why a pause was not taken, where no page says it.
func (w *window) quietChanged() {
	if q := w.shell.Quiet; q.Bad != "" && w.shell.Pane != present.PaneSettings {
		w.say(q.Bad)
		q.Bad = ""
	}
	w.render()
}
