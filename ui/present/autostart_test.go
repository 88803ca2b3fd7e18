package present

import (
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func TestStartingAtLoginIsChosenAndTakenBackWhenItCannotBe(t *testing.T) {
	perform(t, signedIn, func(s *stage) {
		a := s.shell.Autostart
		s.is("loaded", a.Loaded && a.Supported && a.Enabled, true)
		a.Set(false)
		s.is("at once", a.Enabled, false)
		s.is("busy", a.Busy, true)
		a.Set(true) // not while it is being changed
		s.Settle()
		s.is("kept", s.agent.Way.Start.Enabled, false)
		refuse("set-autostart", api.CodeInternal, "It could not be changed.")(s.agent)
		a.Set(true)
		s.Settle()
		s.is("taken back", a.Enabled, false)
		s.is("words", a.Bad, "It could not be changed.")
		s.shell.Show(PaneSettings)
		s.Settle()
		s.is("words the next time", a.Bad, "")
	})
}

func TestStartingAtLoginCannotBeChosenWhereItIsNotSupportedOrNotKnown(t *testing.T) {
	for name, prepare := range map[string]func(*presenttest.Agent){
		"not supported": func(f *presenttest.Agent) { signedIn(f); f.Way.Start = local.Autostart{} },
		"not known":     func(f *presenttest.Agent) { signedIn(f); refuse("autostart", api.CodeInternal, "No.")(f) },
	} {
		perform(t, prepare, func(s *stage) {
			a := s.shell.Autostart
			a.Set(true)
			s.Settle()
			s.is(name, s.agent.Called("set-autostart"), 0)
			s.is(name, a.Enabled, false)
			s.is(name, a.Bad == "No.", name == "not known")
		})
	}
}

func TestWithoutATrayTheAgentGoesOnUnseen(t *testing.T) {
	perform(t, signedIn, func(s *stage) {
		s.is("with a tray", s.shell.GoesOnUnseen(), false)
		s.agent.Become(func(st *local.Status) { st.Tray = false })
		s.Settle()
		s.is("without", s.shell.GoesOnUnseen(), true)
		s.agent.Become(func(st *local.Status) { st.Listening = false })
		s.Settle()
		s.is("without an agent", s.shell.GoesOnUnseen(), false)
	})
}
