package present

import (
	"slices"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func TestTheServerIsCheckedWhenTypingPauses(t *testing.T) {
	perform(t, nobody, func(s *stage) {
		p := s.shell.SignIn
		for _, text := range []string{"p", "pu", "push.clinic.example"} {
			p.SetServer(text)
			s.Pass(checkAfter / 3)
		}
		s.is("not yet", s.agent.Called("check"), 0)
		s.Pass(time.Second)
		s.is("once", s.agent.Called("check"), 1)
		s.is("state", p.Check, CheckGood)
		s.is("words", p.CheckWords, "St. Anna Clinic · certificate of push.clinic.example by Example Trust (R11), valid until 1 January 2027")
		p.SetServer("push.clinic.example2")
		s.is("forgotten", p.Check, CheckNone)
	})
}

func TestAnAddressThatCannotBeOneIsSaidWithoutAskingAnybody(t *testing.T) {
	for address, words := range map[string]string{
		"http://push.clinic.example": "This address is not encrypted. Use https://…, or localhost for trying things out.",
		"ftp://x":                    "This is not the address of a server. It looks like https://push.example.org.",
		"a b\x00\U0001f389":          "This is not the address of a server. It looks like https://push.example.org.",
	} {
		perform(t, nobody, func(s *stage) {
			s.shell.SignIn.SetServer(address)
			s.Pass(time.Second)
			s.is("words", s.shell.SignIn.CheckWords, words)
			s.is("calls", s.agent.Called("check"), 0)
		})
	}
}

func TestTheAnswerForAnEarlierAddressIsDropped(t *testing.T) {
	perform(t, func(f *presenttest.Agent) { f.Fail["check old.example"] = api.NewProblem(api.CodeUnreachable, "old") }, func(s *stage) {
		p := s.shell.SignIn
		p.SetServer("old.example")
		p.check() // is on its way
		p.SetServer("new.example")
		s.Settle()
		s.is("state", p.Check, CheckNone)
		s.Pass(time.Second)
		s.is("state", p.Check, CheckGood)
	})
}

func TestWhatIsWrongStandsBesideItsField(t *testing.T) {
	withField := func(field, words string) error {
		p := api.NewProblem(api.CodeInvalidField, words)
		p.Field = field
		return p
	}
	for _, tt := range []struct {
		name string
		err  error
		at   func(*SignIn) string
		want string
	}{
		{"wrong password", api.NewProblem(api.CodeInvalidGrant, "x"), func(p *SignIn) string { return p.PasswordBad }, "That user name and password do not match."},
		{"unreachable", api.NewProblem(api.CodeUnreachable, "It cannot be reached."), func(p *SignIn) string { return p.CheckWords }, "It cannot be reached."},
		{"another kind", api.NewProblem(api.CodeUnknownServer, "Not ours."), func(p *SignIn) string { return p.CheckWords }, "Not ours."},
		{"user", withField("username", "Too long."), func(p *SignIn) string { return p.UserBad }, "Too long."},
		{"too many", api.NewProblem(api.CodeTooManyRequests, "Wait a minute."), func(p *SignIn) string { return p.Bad }, "Wait a minute."},
		{"keyring", api.NewProblem(api.CodeKeyringLocked, "Locked."), func(p *SignIn) string { return p.Bad }, "Locked."},
		{"clock", api.NewProblem(api.CodeClockSkew, "The clock."), func(p *SignIn) string { return p.Bad }, "The clock."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			perform(t, func(f *presenttest.Agent) { f.Fail["sign-in"] = tt.err }, func(s *stage) {
				p := s.shell.SignIn
				p.SetServer("push.clinic.example")
				p.SetUser("anna")
				p.Submit(api.NewSecret("wrong"))
				s.is("busy", p.Busy, true)
				s.Settle()
				s.is("busy", p.Busy, false)
				s.is("words", tt.at(p), tt.want)
				s.is("nothing typed is lost", p.Server+" "+p.User, "push.clinic.example anna")
			})
		})
	}
}

func TestEmptyFieldsAreNamedAndNothingIsAsked(t *testing.T) {
	perform(t, nobody, func(s *stage) {
		p := s.shell.SignIn
		p.Submit(api.Secret{})
		s.Settle()
		s.is("all said", p.CheckWords != "" && p.UserBad != "" && p.PasswordBad != "", true)
		s.is("calls", s.agent.Called("sign-in"), 0)
		p.SetUser("a")
		s.is("gone when typed", p.UserBad+p.PasswordBad, "")
	})
}

func TestANewAuthorityIsTriedAtOnce(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		f.Fail["check push.clinic.example"] = api.NewProblem(api.CodeUntrusted, "Not trusted.")
	}, func(s *stage) {
		p := s.shell.SignIn
		p.SetServer("push.clinic.example")
		s.Pass(time.Second)
		s.is("untrusted", p.Untrusted, true)
		s.agent.Do(func(f *presenttest.Agent) { clear(f.Fail) })
		v := s.shell.Settings.Values
		v.CAFile = "/etc/ca.pem"
		s.shell.Settings.Apply(v)
		s.Settle()
		s.is("state", p.Check, CheckGood)
		s.is("untrusted", p.Untrusted, false)
	})
}

func TestSendingIsPossibleOnlyWhenSignedInAndRegistered(t *testing.T) {
	perform(t, nobody, func(s *stage) {
		s.is("signed out", s.shell.Compose.Blocked, "Sign in first.")
	})
	perform(t, func(f *presenttest.Agent) { signedIn(f); f.Now.Link = local.LinkConnecting }, func(s *stage) {
		c := s.shell.Compose
		s.is("not registered", c.Blocked, "Sending works once this device is connected.")
		c.Edit(Draft{Text: "hello"})
		c.Send()
		s.Settle()
		s.is("calls", s.agent.Called("send"), 0)
		s.agent.Become(func(st *local.Status) { st.Link = local.LinkConnected })
		s.Settle()
		s.is("ready", c.Ready, true)
		s.agent.Become(func(st *local.Status) { st.Link = local.LinkOffline })
		s.Settle()
		s.is("still registered", c.Ready, true)
	})
}

func TestTheRecipientGoesOutOnlyWithTheRight(t *testing.T) {
	for _, tt := range []struct {
		to     string
		claims []string
		want   api.Recipients
	}{
		{"bernd", nil, nil},
		{"", []string{api.ClaimSend}, nil},
		{" bernd, clara;dora ", []string{api.ClaimSend}, api.Recipients{"bernd", "clara", "dora"}},
		{"ward:7 && !role:student", []string{api.ClaimSend}, api.Recipients{"ward:7 && !role:student"}},
	} {
		perform(t, func(f *presenttest.Agent) { signedIn(f); f.Now.Account.Claims = tt.claims }, func(s *stage) {
			s.shell.Compose.Edit(Draft{To: tt.to, Text: "hello"})
			s.shell.Compose.Send()
			s.Settle()
			if got := s.agent.Requests; len(got) != 1 || !slices.Equal(got[0].To, tt.want) {
				s.Errorf("%q: sent %+v", tt.to, got)
			}
		})
	}
}

func TestAfterSendingTheResultIsSaidAndTheFormIsEmpty(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		signedIn(f)
		f.Now.Account.Claims = []string{api.ClaimSend}
		f.Result = api.SendResult{IDs: []api.ID{id(1), id(2)}, Devices: 3}
	}, func(s *stage) {
		c := s.shell.Compose
		c.Edit(Draft{To: "b, c", Title: " T ", Text: " x ", Link: "https://a.example", Priority: api.PriorityHigh})
		c.Send()
		s.Settle()
		s.is("result", c.Result, "Sent to b, c. On its way to 3 devices.")
		s.is("form", c.Draft, Draft{To: "b, c", Priority: api.PriorityNormal})
		r := s.agent.Requests[0]
		s.is("request", r.Title+"|"+r.Payload+"|"+r.URL+"|"+string(r.Priority), "T|x|https://a.example|high")
	})
}

func TestAFailedSendingKeepsTheForm(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		signedIn(f)
		refuse("send", api.CodeUnreachable, "It cannot be reached.")(f)
	}, func(s *stage) {
		c := s.shell.Compose
		d := Draft{Title: "T", Text: "x", Priority: api.PriorityUrgent}
		c.Edit(d)
		c.Send()
		s.Settle()
		s.is("form", c.Draft, d)
		s.is("words", c.Result, "It is not known whether it was sent: It cannot be reached. Sending it again sends it once.")
		s.is("failed", c.Failed, true)
	})
}

func TestAFormThatCannotBeSentSaysWhy(t *testing.T) {
	perform(t, signedIn, func(s *stage) {
		c := s.shell.Compose
		c.Edit(Draft{Text: " ", Link: "javascript:alert(1)"})
		c.Send()
		s.Settle()
		s.is("text", c.Bad.Text, "Write what you want to say.")
		s.is("link", c.Bad.Link, "A link begins with https://.")
		s.is("calls", s.agent.Called("send"), 0)
	})
}

func TestAChoiceAppliesAtOnceAndIsTakenBackWhenRefused(t *testing.T) {
	perform(t, nobody, func(s *stage) {
		p := s.shell.Settings
		v := p.Values
		v.Theme = "dark"
		p.Apply(v)
		s.is("at once", p.Values.Theme, "dark")
		s.Settle()
		s.is("kept", s.agent.Choices.Theme, "dark")

		refuse("save-settings", api.CodeInvalidField, "There is no certificate in this file.")(s.agent)
		v.CAFile = "/tmp/x"
		p.Apply(v)
		s.Settle()
		s.is("beside its field", p.Wrong[FieldCA], "There is no certificate in this file.")
		s.is("taken back", p.Values.CAFile, "")
	})
}

func TestAChoiceMadeWhileAnotherIsSavedIsSavedToo(t *testing.T) {
	perform(t, nobody, func(s *stage) {
		p := s.shell.Settings
		v := p.Values
		v.Theme = "dark"
		p.Apply(v)
		v.ToastContent = local.ToastNothing
		p.Apply(v)
		s.Settle()
		s.is("kept", s.agent.Choices.Equal(v), true)
	})
}

func TestATestIsAskedForOnce(t *testing.T) {
	perform(t, signedIn, func(s *stage) {
		s.shell.Compose.Test()
		s.shell.Compose.Test()
		s.Settle()
		s.is("calls", s.agent.Called("test"), 1)
		s.is("words", s.shell.Compose.Result, "A test notification is on its way.")
	})
}
