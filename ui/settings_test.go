package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

// quietHours are two entries, one of them over midnight.
func quietHours(f *presenttest.Agent) {
	withItems(few()...)(f)
	f.Choices.ToastContent, f.Choices.UrgentBreaksThrough = local.ToastSender, true
	f.Choices.QuietHours = []local.QuietHours{
		{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "22:00", To: "07:00"},
		{Days: []string{"sat", "sun"}, From: "13:00", To: "15:00"},
	}
}

func pause(s *stage) {
	s.w.shell.Quiet.PauseFor(pauseShort)
	s.Settle()
}

func (s *stage) scrollSettings(y float32) {
	s.w.settings.scroll.ScrollToOffset(fyne.NewPos(0, y))
	s.Settle()
}

func TestQuietHoursAreWrittenByKeyboardOnly(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		openSettings(s)
		v := s.w.settings.quiet
		s.w.win.Canvas().Focus(v.add)
		s.key(fyne.KeySpace)
		if len(v.rows) != 1 || s.w.win.Canvas().Focused() != v.rows[0].checks[0] {
			t.Fatal("the new entry does not have the keyboard")
		}
		s.typed(" ") // not on Monday
		for range 7 {
			s.next()
		}
		s.w.win.Canvas().Focused().(*entry).SetText("")
		s.typed("2130")
		s.next()
		s.w.win.Canvas().Focused().(*entry).SetText("")
		s.typed("6")
		s.key(fyne.KeyReturn)
		got := s.agent.Choices.QuietHours
		if len(got) != 1 || got[0].From != "21:30" || got[0].To != "06:00" || len(got[0].Days) != 6 || got[0].Days[0] != "tue" {
			t.Errorf("kept %+v", got)
		}
		if v.rows[0].from.Text != "21:30" || v.rows[0].note.seg.Text != "Over night, until 06:00 of the next day." {
			t.Errorf("%q, %q", v.rows[0].from.Text, v.rows[0].note.seg.Text)
		}
		s.tap(v.rows[0].remove)
		if len(s.agent.Choices.QuietHours) != 0 || !v.none.Visible() {
			t.Errorf("not removed: %+v", s.agent.Choices.QuietHours)
		}
	})
}

func TestWhatIsWrongInATimeStandsBesideItAndNothingTypedIsLost(t *testing.T) {
	perform(t, wide, quietHours, func(s *stage) {
		openSettings(s)
		r := s.w.settings.quiet.rows[0]
		for _, bad := range []string{"25:00", "noon", "24:00", "\x00", "🕙", "١٠:٠٠", string(make([]byte, 1<<20))} {
			r.from.SetText(bad)
			r.apply()
			s.Settle()
			if r.fromBad.hint.Hidden || r.fromBad.hint.words.seg.Text != "A time looks like 22:00." || r.from.Text != bad {
				t.Errorf("%.20q: hint %v %q, field %.20q", bad, !r.fromBad.hint.Hidden, r.fromBad.hint.words.seg.Text, r.from.Text)
			}
		}
		if got := s.agent.Choices.QuietHours[0].From; got != "22:00" {
			t.Errorf("kept %q", got)
		}
		r.from.SetText("21.15")
		r.apply()
		s.Settle()
		if got := s.agent.Choices.QuietHours[0].From; got != "21:15" || !r.fromBad.hint.Hidden {
			t.Errorf("kept %q", got)
		}
	})
}

func TestAChoiceThatIsRefusedSaysSoBesideIt(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		openSettings(s)
		s.agent.Do(func(f *presenttest.Agent) {
			f.Fail["save-settings"] = api.NewProblem(api.CodeInternal, "The disk is full.")
		})
		v := s.w.settings
		s.choose(v.keep, "7 days")
		if v.keepBad.hint.Hidden || v.keepBad.hint.words.seg.Text != "The disk is full." || v.keep.Selected != "30 days" {
			t.Errorf("%q, list %q", v.keepBad.hint.words.seg.Text, v.keep.Selected)
		}
		s.agent.Do(func(f *presenttest.Agent) { delete(f.Fail, "save-settings") })
		s.choose(v.keep, "7 days")
		v.toast.choose(1)
		s.Settle()
		if got := s.agent.Choices; !v.keepBad.hint.Hidden || got.KeepDays != 7 || got.ToastContent != local.ToastSender {
			t.Errorf("kept %+v", got)
		}
		newCheckLine(v.quiet.urgent, "").Tapped(nil)
		s.Settle()
		if !s.agent.Choices.UrgentBreaksThrough {
			t.Error("urgent ones do not break through")
		}
	})
}

func TestAPauseIsChosenShownAndEnded(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		openSettings(s)
		v := s.w.settings.quiet
		s.tap(v.pauses[1])
		if got := v.state.words.seg.Text; v.state.Hidden || got != "Paused until 15:40. What comes meanwhile is shown afterwards." {
			t.Errorf("%q", got)
		}
		s.tap(v.resume)
		if !v.state.Hidden || v.resume.Visible() || s.agent.Now.Quiet != nil {
			t.Error("not ended")
		}
		s.w.goBack()
		s.agent.Do(func(f *presenttest.Agent) { f.Fail["pause"] = api.NewProblem(api.CodeInternal, "The disk is full.") })
		pause(s)
		if s.w.win.Canvas().Overlays().Top() == nil || s.w.shell.Pane == present.PaneSettings {
			t.Error("nobody says that it was not taken")
		}
	})
}
