package present

import (
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func TestWhoGoesToAnotherAccountAndBackAtOnceMissesNothing(t *testing.T) {
	live(t, "clinic", asItIs, func(h *home) {
		slow := make(chan struct{})
		for _, f := range []*presenttest.Agent{h.clinic, h.shop} {
			f.Do(func(f *presenttest.Agent) { f.Hold = map[string]chan struct{}{"changes": slow} })
		}
		h.shell.Switch("shop")
		h.shell.Switch("clinic")
		h.Settle()
		for range 2 {
			h.house.Tell(local.Change{Kind: local.ChangeOpen})
			h.Settle()
		}
		h.is("raised", h.raised, 2)
		close(slow)
		h.Settle()
		before := h.raised
		h.house.Tell(local.Change{Kind: local.ChangeOpen})
		h.Settle()
		h.is("raised by the only stream that is left", h.raised-before, 1)
	})
}

func TestAnAccountOfWhichAnOlderAnswerDoesNotKnowIsKept(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s, slow := h.shell, make(chan struct{})
		h.shop.Do(func(f *presenttest.Agent) { f.Hold = map[string]chan struct{}{"status": slow} })
		older := local.Status{SignIn: local.SignInActive, Account: h.clinic.Now.Account}
		s.heard(s.desk, older)
		s.openAt("shop", "")
		h.Settle()
		s.heard(s.desk, older)
		close(slow)
		h.Settle()
		h.is("shown", s.shown(), "shop")
		h.is("kept", s.desks["shop"] == s.desk, true)
	})
}

func TestASignInThatIsGivenUpEndsAndSaysNothingLater(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s := h.shell
		try := func() {
			s.AddAccount()
			s.Adding.SetServer("push.bank.example")
			s.Adding.SetUser("anna")
			s.Adding.Submit(api.NewSecret("p"))
		}
		h.clinic.Do(func(f *presenttest.Agent) { f.Block["add"] = true })
		try()
		h.Settle()
		h.is("under way", s.Adding.Busy, true)
		s.CancelAdd()
		h.Settle()
		h.is("under way after it was given up", s.Adding.Busy, false)
		h.is("words about it", s.Adding.Bad, "")
		h.clinic.Do(func(f *presenttest.Agent) { delete(f.Block, "add") })
		try()
		h.Settle()
		h.is("accounts", len(s.Accounts()), 3)
	})
}
