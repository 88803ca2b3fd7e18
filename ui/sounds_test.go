package ui

import (
	"testing"

	"securepush/ui/present/presenttest"

	"securepush/agent/local"
	"securepush/api"
)

func TestAChoiceOfSoundsIsKept(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		openSettings(s)
		v := s.w.settings
		if v.sounds.selected != 0 {
			t.Errorf("without a choice %d is shown", v.sounds.selected)
		}
		for i, want := range []local.Sounds{local.SoundsOn, local.SoundsUrgent, local.SoundsOff} {
			v.sounds.choose(i)
			s.Settle()
			if got := s.agent.Choices.Sounds; got != want && (want != local.SoundsOn || got != "") {
				t.Errorf("%d keeps %q", i, got)
			}
		}
		s.agent.Do(func(f *presenttest.Agent) {
			f.Fail["save-settings"] = api.NewProblem(api.CodeInvalidField, "Sounds are on, urgent or off.")
		})
		v.sounds.choose(0)
		s.Settle()
		if said := v.soundsBad.hint.words.seg.Text; v.sounds.selected != 2 || said != "Sounds are on, urgent or off." {
			t.Errorf("refused: %d, %q", v.sounds.selected, said)
		}
	})
}
