package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"securepush/ui/present"
)

func TestEscapeLeavesThePageFromEveryControl(t *testing.T) {
	perform(t, wide, twoAccounts, func(s *stage) {
		controls := map[string]func() fyne.Focusable{
			"choice of one": func() fyne.Focusable { return s.w.settings.theme },
			"text field":    func() fyne.Focusable { return s.w.settings.ca },
			"button":        func() fyne.Focusable { return s.w.header.more },
			"box to tick":   func() fyne.Focusable { return s.w.settings.quiet.urgent },
			"list":          func() fyne.Focusable { return s.w.settings.language },
			"colours":       func() fyne.Focusable { return s.w.settings.accounts.rows[0].colour },
		}
		for name, control := range controls {
			s.w.showSettings()
			s.Settle()
			s.w.win.Canvas().Focus(control())
			s.key(fyne.KeyEscape)
			if s.w.shell.Pane == present.PaneSettings {
				t.Errorf("%s: still in the settings", name)
			}
		}
	})
}

func TestKeysDoNothingUnderACard(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.write("Hello", "World")
		s.w.goBack() // asks whether to throw it away
		for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyN, fyne.KeyF, fyne.KeyComma, fyne.KeyI} {
			s.shortcut(k)
		}
		if n := s.agent.Called("send"); n != 0 || s.w.shell.Pane != present.PaneCompose {
			t.Errorf("sent %d times, and the window shows %v", n, s.w.shell.Pane)
		}
		s.key(fyne.KeyEscape)
		s.shortcut(fyne.KeyI)
		if s.w.shell.Pane != present.PaneConnection {
			t.Error("the keys do nothing afterwards either")
		}
	})
}

func TestEscapeUnderACardClosesOnlyTheCard(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.w.showSettings()
		s.Settle()
		s.w.say("A sentence.")
		s.key(fyne.KeyEscape)
		if s.w.win.Canvas().Overlays().Top() != nil || s.w.shell.Pane != present.PaneSettings {
			t.Error("the card is still there, or more than the card is gone")
		}
	})
}
