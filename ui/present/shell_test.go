package present

import (
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func TestThePageFollowsTheAgent(t *testing.T) {
	offline := today.Add(-38 * time.Minute)
	for _, tt := range []struct {
		name    string
		prepare func(*presenttest.Agent)
		page    Page
		words   string
	}{
		{"never signed in", nobody, PageSignIn, "Not signed in"},
		{"signed in", signedIn, PageInbox, "Connected"},
		{"connecting", func(f *presenttest.Agent) { signedIn(f); f.Now.Link = local.LinkConnecting }, PageInbox, "Connecting…"},
		{"offline", func(f *presenttest.Agent) { signedIn(f); f.Now.Link, f.Now.LinkSince = local.LinkOffline, &offline }, PageInbox, "Offline since 14:02"},
		{"sign-in ended", func(f *presenttest.Agent) { signedIn(f); f.Now.SignIn = local.SignInEnded }, PageSignIn, "Sign-in needed"},
		{"keyring locked", func(f *presenttest.Agent) { signedIn(f); f.Now.SignIn = local.SignInLocked }, PageLocked, "Keyring locked"},
		{"keyring away", func(f *presenttest.Agent) { f.Now.SignIn = local.SignInUnknown }, PageSignIn, "Keyring not available"},
		{"agent does not answer yet", func(f *presenttest.Agent) { f.Block["changes"] = true }, PageStarting, "Connecting…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			perform(t, tt.prepare, func(s *stage) {
				s.is("page", s.shell.Page(), tt.page)
				s.is("words", s.shell.Connection().Words, tt.words)
			})
		})
	}
}

func TestAnAgentThatIsNotThereIsStarted(t *testing.T) {
	perform(t, func(f *presenttest.Agent) { signedIn(f); f.Down = true }, func(s *stage) {
		s.is("at once", s.shell.Page(), PageStarting)
		s.Pass(goneAfter + time.Second)
		s.is("later", s.shell.Page(), PageNoAgent)
		s.shell.StartAgent()
		s.Settle()
		s.is("started", s.started, 1)
		s.is("page", s.shell.Page(), PageInbox)
	})
}

func TestARestartOfTheAgentIsNotWorthAWord(t *testing.T) {
	perform(t, with(3, 0), func(s *stage) {
		s.agent.Die()
		s.Pass(goneAfter / 2)
		s.is("words", s.shell.Connection().Words, "Connected")
		s.agent.Live()
		s.Pass(retryMost)
		s.is("words", s.shell.Connection().Words, "Connected")
		s.is("notices", len(s.shell.Notices()), 0)
	})
}

func TestWhatWasReadCanBeReadOnWithoutTheAgent(t *testing.T) {
	perform(t, with(3, 0), func(s *stage) {
		s.agent.Die()
		s.Pass(goneAfter + time.Second)
		s.is("page", s.shell.Page(), PageInbox)
		s.is("items", len(s.shell.Inbox.Items), 3)
		n := s.shell.Notices()
		s.is("start is offered", len(n) == 1 && n[0].Start, true)
		s.agent.Live()
		s.Pass(3 * retryMost)
		s.is("notices", len(s.shell.Notices()), 0)
	})
}

func TestAnotherVersionOfTheAgentIsSaid(t *testing.T) {
	perform(t, refuse("changes", api.CodeInternal, "The running agent is of another version."), func(s *stage) {
		s.Pass(goneAfter + time.Second)
		s.is("words", s.shell.GoneWords(), "The running agent is of another version.")
	})
}

func TestAClickOnAToastRaisesTheWindowAndOpensTheItem(t *testing.T) {
	perform(t, with(3, 0), func(s *stage) {
		s.shell.Show(PaneSettings)
		s.agent.Tell(local.Change{Kind: local.ChangeOpen, ID: id(2)})
		s.Settle()
		s.is("raised", s.raised, 1)
		s.is("pane", s.shell.Pane, PaneRead)
		s.is("open", s.shell.Inbox.Open.ID, id(2))
	})
}

func TestAClickOnThePromptLeadsToTheSignInAndThenToWhatWaited(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		with(3, 3)(f)
		f.Now.SignIn, f.Now.Waiting = local.SignInEnded, 3
	}, func(s *stage) {
		s.agent.Tell(local.Change{Kind: local.ChangeOpen, ID: id(1)})
		s.Settle()
		s.is("raised", s.raised, 1)
		p := s.shell.SignIn
		s.is("page", s.shell.Page(), PageSignIn)
		s.is("why", p.Why, "Your sign-in has ended. Sign in again to read your notifications."+" 3 are waiting.")
		s.is("server", p.Server, "https://push.clinic.example")
		s.is("user", p.User, "anna")
		p.Submit(api.NewSecret("secret"))
		s.Settle()
		s.is("page", s.shell.Page(), PageInbox)
		s.is("open", s.shell.Inbox.Open != nil && s.shell.Inbox.Open.ID == id(1), true)
	})
}

func TestAnEndedSignInHidesTheListAndComesBackToWhatWasOpen(t *testing.T) {
	perform(t, with(3, 0), func(s *stage) {
		s.shell.Inbox.Select(id(2))
		s.agent.Become(func(st *local.Status) { st.SignIn = local.SignInEnded })
		s.Settle()
		s.is("items", len(s.shell.Inbox.Items), 0)
		s.is("open", s.shell.Inbox.Open == nil, true)
		s.agent.Become(func(st *local.Status) { st.SignIn = local.SignInActive })
		s.Settle()
		s.is("open", s.shell.Inbox.Open.ID, id(2))
	})
}

func TestWhatWaitedIsOnTheListAndNotHiddenByWhatWasOpen(t *testing.T) {
	perform(t, with(3, 0), func(s *stage) {
		s.shell.Inbox.Select(id(2))
		s.agent.Become(func(st *local.Status) { st.SignIn = local.SignInEnded })
		s.Settle()
		s.agent.Become(func(st *local.Status) { st.Waiting = 1 })
		s.agent.Tell(local.Change{Kind: local.ChangeOpen}) // a click on the prompt
		s.Settle()
		s.is("raised", s.raised, 1)
		s.is("why", s.shell.SignIn.Why, "Your sign-in has ended. Sign in again to read your notifications. One is waiting.")
		s.agent.Do(func(f *presenttest.Agent) {
			f.Items = append([]api.Notification{{ID: id(9), Title: "Waited"}}, f.Items...)
			f.Now.Waiting = 0
		})
		s.shell.SignIn.Submit(api.NewSecret("secret"))
		s.Settle()
		s.is("selected", s.shell.Inbox.Selected, api.ID(""))
		s.is("on the list", s.shell.Inbox.Items[0].ID, id(9))
	})
}

func TestWhatIsWaitedForIsNotOpenedForSomebodyElse(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		with(3, 3)(f)
		f.Now.SignIn, f.Now.Waiting = local.SignInEnded, 3
	}, func(s *stage) {
		s.agent.Tell(local.Change{Kind: local.ChangeOpen, ID: id(1)})
		s.Settle()
		s.agent.Become(func(st *local.Status) {
			st.SignIn, st.Account = local.SignInActive, &local.Account{ID: "77", Server: "https://push.clinic.example", User: "bob"}
		})
		s.Settle()
		s.is("selected", s.shell.Inbox.Selected, api.ID(""))
	})
}

func TestServerAndUserAreOfferedAgainAfterASignOutAndARestart(t *testing.T) {
	var last *local.LastSignIn
	perform(t, with(3, 0), func(s *stage) {
		s.shell.SignOut()
		s.Settle()
		p := s.shell.SignIn
		s.is("at once", p.Server+" "+p.User, "https://push.clinic.example anna")
		s.is("why", p.Why, "")
		last = s.agent.Now.Last
	})
	perform(t, func(f *presenttest.Agent) { f.Now.Last = last }, func(s *stage) {
		p := s.shell.SignIn
		s.is("after a restart", p.Server+" "+p.User, "https://push.clinic.example anna")
		s.is("checked", p.Check, CheckGood)
	})
}

func TestSigningOutForgetsEverything(t *testing.T) {
	perform(t, with(3, 0), func(s *stage) {
		s.shell.Inbox.Select(id(2))
		s.shell.Compose.Edit(Draft{Text: "half"})
		s.shell.Show(PaneSettings)
		s.shell.SignOut()
		s.Settle()
		s.is("page", s.shell.Page(), PageSignIn)
		s.is("pane", s.shell.Pane, PaneRead)
		s.is("items", len(s.shell.Inbox.Items), 0)
		s.is("draft", s.shell.Compose.Draft.Text, "")
		s.is("why", s.shell.SignIn.Why, "")
		s.shell.SignIn.SetServer("other.example")
		s.shell.SignIn.SetUser("b")
		s.shell.SignIn.Submit(api.NewSecret("p"))
		s.Settle()
		s.is("nothing opens by itself", s.shell.Inbox.Selected, api.ID(""))
	})
}

func TestASignOutThatFailsIsSaid(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		signedIn(f)
		refuse("sign-out", api.CodeKeyringLocked, "The keyring is locked.")(f)
	}, func(s *stage) {
		s.shell.SignOut()
		s.Settle()
		s.is("page", s.shell.Page(), PageInbox)
		s.is("words", s.shell.LeaveBad, "The keyring is locked.")
	})
}

func TestUnlockingLeadsToTheInbox(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		with(2, 0)(f)
		f.Now.SignIn = local.SignInLocked
		refuse("unlock", api.CodeKeyringLocked, "The keyring is still locked.")(f)
	}, func(s *stage) {
		s.shell.Unlock()
		s.Settle()
		s.is("words", s.shell.UnlockBad, "The keyring is still locked.")
		s.agent.Do(func(f *presenttest.Agent) { delete(f.Fail, "unlock") })
		s.shell.Unlock()
		s.Settle()
		s.is("page", s.shell.Page(), PageInbox)
		s.is("items", len(s.shell.Inbox.Items), 2)
	})
}

func TestNoticesNameWhatIsWrongAndNotTwice(t *testing.T) {
	since := today.Add(-38 * time.Minute)
	perform(t, func(f *presenttest.Agent) {
		signedIn(f)
		f.Now.Link, f.Now.LinkSince = local.LinkOffline, &since
		f.Now.Conditions = []local.Condition{
			{Code: "offline", Severity: local.SeverityAttention, Title: "Offline", Since: since},
			{Code: "keyring_locked", Severity: local.SeverityError, Title: "A page says this"},
			{Code: "toasts", Severity: local.SeverityError, Title: "Toasts cannot be shown", Advice: "Start a daemon."},
		}
	}, func(s *stage) {
		n := s.shell.Notices()
		if len(n) != 2 || n[0].Title != "Offline since 14:02." || n[0].Advice != "Catching up by itself." ||
			n[1] != (Notice{Tone: ToneBad, Title: "Toasts cannot be shown.", Advice: "Start a daemon."}) {
			s.Errorf("notices %+v", n)
		}
		s.shell.Inbox.AsOf = &since
		s.is("how old the list is", s.shell.Notices()[0].Advice, "Catching up by itself. The list is from 14:02.")
	})
}

func TestNothingComesBackAfterClosing(t *testing.T) {
	perform(t, with(2, 0), func(s *stage) {
		s.shell.Inbox.Reload()
		s.shell.Close()
		changed := false
		s.shell.Inbox.Changed = func() { changed = true }
		s.Settle()
		s.is("changed", changed, false)
	})
}
