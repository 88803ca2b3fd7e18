package present

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

// home is a shell with several accounts.
type home struct {
	*stage
	house      *presenttest.House
	clinic     *presenttest.Agent
	shop       *presenttest.Agent
	remembered []string
}

// account makes an agent's account with n items whose titles begin with its name.
func account(id, name, user string, n, unread int) *presenttest.Agent {
	f := presenttest.NewAgent()
	f.Now.SignIn, f.Now.Link = local.SignInActive, local.LinkConnected
	f.Now.Account = &local.Account{ID: id, Server: "https://push." + id + ".example", ServerName: name, User: user, Device: "Desk-12"}
	f.Server = local.ServerInfo{URL: "https://push." + id + ".example", Name: name}
	for i := range n {
		f.Items = append(f.Items, api.Notification{
			ID: api.ID(fmt.Sprintf("%s%015d", id, i)), Title: fmt.Sprint(name, " ", i), Payload: "text", Read: i >= unread,
			CreatedAt: today.Add(-time.Duration(i) * time.Hour),
		})
	}
	return f
}

// live sets up two accounts, the clinic with 4 items, the shop with 2, and begins with the one that is remembered.
func live(t *testing.T, remembered string, prepare, act func(*home)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &home{stage: &stage{T: t}, clinic: account("clinic", "Clinic", "anna", 4, 3), shop: account("shop", "Shop", "anna.b", 2, 1)}
		h.house = presenttest.NewHouse(h.clinic, h.shop)
		h.agent = h.clinic
		prepare(h)
		began := time.Now()
		h.shell = NewShell(Options{
			Agent: h.house.For(""), For: func(id string) Agent { return h.house.For(id) }, Account: remembered,
			Remember: func(id string) { h.remembered = append(h.remembered, id) },
			Work:     NewWork(h.Post), Now: func() time.Time { return today.Add(time.Since(began)) },
		})
		h.shell.Raise = func(string) { h.raised++ }
		h.shell.Run()
		h.Settle()
		act(h)
		h.shell.Close()
	})
}

func asItIs(*home) {}

func (h *home) item(account string, n int) api.ID { return api.ID(fmt.Sprintf("%s%015d", account, n)) }

// shows checks that the page is an account's, with all of its items and no other.
func (h *home) shows(account, name string, items int) {
	h.Helper()
	h.is("account", h.shell.shown(), account)
	h.is("page", h.shell.Page(), PageInbox)
	h.is("items", len(h.shell.Inbox.Items), items)
	for i, n := range h.shell.Inbox.Items {
		h.is("title", n.Title, fmt.Sprint(name, " ", i))
	}
}

func TestTheWindowBeginsWithTheFirstAccountOrTheRememberedOne(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		h.shows("clinic", "Clinic", 4)
		h.is("remembered", fmt.Sprint(h.remembered), "[clinic]")
	})
	live(t, "shop", asItIs, func(h *home) { h.shows("shop", "Shop", 2) })
	live(t, "signed-out", asItIs, func(h *home) { h.shows("clinic", "Clinic", 4) })
}

func TestAccountsAreListedWithWhatIsToBeSaidAboutThem(t *testing.T) {
	live(t, "", func(h *home) {
		h.house.Become("shop", func(s *local.Status) { s.SignIn = local.SignInEnded })
		h.clinic.Do(func(f *presenttest.Agent) {
			f.Choices.Accounts = map[string]local.AccountSettings{"clinic": {Muted: true, Colour: "green", Name: "Ward 7"}}
		})
		h.house.Become("clinic", func(s *local.Status) { s.Link = local.LinkOffline })
	}, func(h *home) {
		got := h.shell.Accounts()
		want := []AccountItem{
			{ID: "clinic", Name: "Ward 7", Who: "anna · Clinic", Colour: "green", State: "Offline · Muted", Tone: ToneOffline, Unread: 3, Muted: true, Current: true},
			{ID: "shop", Name: "Shop", Who: "anna.b · Shop", Colour: "green", State: "Sign-in needed", Tone: ToneAttention, Unread: 1},
		}
		for i := range want {
			h.is("account", got[i], want[i])
		}
		h.is("unread elsewhere", h.shell.OthersUnread(), 1)
	})
}

func TestSwitchingComesBackToWhatWasOpenAndTyped(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s := h.shell
		s.Inbox.Select(h.item("clinic", 2))
		s.Inbox.Search("Clinic")
		h.Pass(time.Second)
		s.Show(PaneCompose)
		s.Compose.Edit(Draft{Title: "Half", Priority: api.PriorityNormal})
		s.Switch("shop")
		h.is("at once", s.Page(), PageInbox)
		h.Settle()
		h.shows("shop", "Shop", 2)
		h.is("draft", s.Compose.Draft.Title, "")
		h.is("typed", s.Inbox.Typed, "")
		h.is("pane", s.Pane, PaneRead)
		h.is("open", s.Inbox.Selected, api.ID(""))
		s.Switch("clinic")
		h.Settle()
		h.shows("clinic", "Clinic", 4)
		h.is("draft", s.Compose.Draft.Title, "Half")
		h.is("typed", s.Inbox.Typed, "Clinic")
		h.is("pane", s.Pane, PaneCompose)
		h.is("open", s.Inbox.Open.ID, h.item("clinic", 2))
		h.is("remembered", fmt.Sprint(h.remembered), "[clinic shop clinic]")
	})
}

func TestALateAnswerOfAnotherAccountIsNotShown(t *testing.T) {
	for _, call := range []string{"inbox ", "notification", "status", "pause", "sent "} {
		live(t, "", asItIs, func(h *home) {
			held := make(chan struct{})
			h.clinic.Do(func(f *presenttest.Agent) { f.Hold = map[string]chan struct{}{call: held} })
			s := h.shell
			s.Inbox.Reload()
			s.Inbox.Select("elsewhere")
			s.ask()
			s.Quiet.PauseFor(time.Hour)
			s.Show(PaneSent)
			s.Switch("shop")
			h.Settle()
			quiet := s.Quiet.On
			close(held)
			h.Settle()
			h.shows("shop", "Shop", 2)
			h.is(call+": who", s.Account().ID, "shop")
			h.is(call+": open", s.Inbox.OpenBad, "")
			h.is(call+": quiet", s.Quiet.On, quiet)
			h.is(call+": sent", s.Pane, PaneRead)
		})
	}
}

func TestWhatIsReadInOneAccountIsNotMarkedWhileAnotherIsShown(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		h.shell.Inbox.Select(h.item("clinic", 0))
		h.shell.Switch("shop")
		h.Pass(2 * readAfter)
		h.is("marked", h.clinic.Called("set-read"), 0)
		h.shell.Switch("clinic")
		h.Pass(2 * readAfter)
		h.is("marked", h.clinic.Called("set-read"), 1)
		h.is("at the other", h.shop.Called("set-read"), 0)
	})
}

func TestAChangeOfAnotherAccountChangesItsNumberOnly(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		before := h.clinic.Called("inbox ")
		h.shop.Do(func(f *presenttest.Agent) { f.Items[1].Read = false })
		h.house.Become("shop", func(*local.Status) {})
		h.house.Tell(local.Change{Kind: local.ChangeInbox, Account: "shop"})
		h.Settle()
		h.is("unread there", h.shell.Accounts()[1].Unread, 2)
		h.is("looked again here", h.clinic.Called("inbox "), before)
		h.shows("clinic", "Clinic", 4)
		h.house.Tell(local.Change{Kind: local.ChangeInbox, Account: "clinic"})
		h.Settle()
		h.is("looked again here", h.clinic.Called("inbox "), before+1)
	})
}

func TestAClickOnAToastOfAnotherAccountGoesThere(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		h.shell.Show(PaneCompose)
		h.shell.Compose.Edit(Draft{Text: "half"})
		h.house.Tell(local.Change{Kind: local.ChangeOpen, Account: "shop", ID: h.item("shop", 1)})
		h.Settle()
		h.shows("shop", "Shop", 2)
		h.is("raised", h.raised > 0, true)
		h.is("open", h.shell.Inbox.Open.ID, h.item("shop", 1))
		h.shell.Switch("clinic")
		h.Settle()
		h.is("draft", h.shell.Compose.Draft.Text, "half")
		h.is("nothing else opened", h.shell.Inbox.Selected, api.ID(""))
	})
}

func TestNothingSaidToTheWindowIsLostBetweenTwoAccounts(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		held := make(chan struct{})
		h.shop.Do(func(f *presenttest.Agent) { f.Hold = map[string]chan struct{}{"changes": held} })
		h.shell.Switch("shop")
		h.Settle()
		h.clinic.Tell(local.Change{Kind: local.ChangeOpen, Account: "shop", ID: h.item("shop", 0)})
		h.Settle()
		h.is("open", h.shell.Inbox.Selected, h.item("shop", 0))
		close(held)
		h.Settle()
		h.clinic.Tell(local.Change{Kind: local.ChangeOpen, Account: "clinic"})
		h.Settle()
		h.is("raised by the stream that has ended", h.raised, 1)
	})
}

func TestAnEndedSignInLeavesTheOthersUsable(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s := h.shell
		s.Inbox.Select(h.item("clinic", 1))
		h.house.Become("clinic", func(st *local.Status) { st.SignIn, st.Waiting = local.SignInEnded, 2 })
		h.Settle()
		h.is("page", s.Page(), PageSignIn)
		h.is("why", s.SignIn.Why, "Your sign-in has ended. Sign in again to read your notifications. 2 are waiting.")
		h.is("server", s.SignIn.Server, "https://push.clinic.example")
		s.Switch("shop")
		h.Settle()
		h.shows("shop", "Shop", 2)
		s.Switch("clinic")
		h.is("at once", s.Page(), PageSignIn)
		h.is("nothing is left on the list", len(s.Inbox.Items), 0)
		h.Settle()
		s.Switch("shop")
		h.house.Become("clinic", func(st *local.Status) { st.SignIn = local.SignInActive })
		h.Settle()
		s.Switch("clinic")
		h.Settle()
		h.shows("clinic", "Clinic", 4)
		h.is("open again", s.Inbox.Selected, h.item("clinic", 1))
	})
}

func TestAnAccountIsAddedBesideTheOthers(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s := h.shell
		s.Inbox.Select(h.item("clinic", 1))
		s.AddAccount()
		h.is("pane", s.Pane, PaneAdd)
		s.Adding.SetServer("push.bank.example")
		s.Adding.SetUser("a")
		s.CancelAdd()
		h.is("nothing stays of it", s.Adding.Server+s.Adding.User, "")
		h.is("back", s.Inbox.Selected, h.item("clinic", 1))
		s.AddAccount()
		h.clinic.Do(func(f *presenttest.Agent) { f.Fail["add"] = api.NewProblem(api.CodeInvalidGrant, "x") })
		s.Adding.SetServer("push.bank.example")
		s.Adding.SetUser("anna")
		s.Adding.Submit(api.NewSecret("p"))
		h.Settle()
		h.is("refused", s.Adding.PasswordBad, "That user name and password do not match.")
		h.clinic.Do(func(f *presenttest.Agent) { delete(f.Fail, "add") })
		s.Adding.Submit(api.NewSecret("p"))
		h.Settle()
		h.is("three", len(s.Accounts()), 3)
		h.shows("added1", "", 0)
		h.is("sign-ins that replace", h.clinic.Called("sign-in"), 0)
		h.is("fields", s.Adding.Server, "")
		s.Switch("clinic")
		h.Settle()
		h.shows("clinic", "Clinic", 4)
		h.is("pane", s.Pane, PaneRead)
	})
}

func TestTheFirstSignInLeadsToItsAccount(t *testing.T) {
	live(t, "", func(h *home) {
		h.house = presenttest.NewHouse(presenttest.NewAgent())
	}, func(h *home) {
		s := h.shell
		h.is("page", s.Page(), PageSignIn)
		h.is("can add", s.CanAdd(), false)
		s.SignIn.SetServer("push.clinic.example")
		s.SignIn.SetUser("anna")
		s.SignIn.Submit(api.NewSecret("p"))
		h.Settle()
		h.is("page", s.Page(), PageInbox)
		h.is("several", s.Several(), false)
		h.is("can add", s.CanAdd(), true)
		h.is("remembered", fmt.Sprint(h.remembered), "[6f1c]")
		s.SignOut()
		h.Settle()
		h.is("page", s.Page(), PageSignIn)
	})
}

func TestSigningOutOfOneAccountLeavesTheOthers(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s := h.shell
		s.Compose.Edit(Draft{Text: "half"})
		s.Show(PaneSettings)
		s.SignOutOf("shop")
		h.Settle()
		h.shows("clinic", "Clinic", 4)
		h.is("pane", s.Pane, PaneSettings)
		h.is("draft", s.Compose.Draft.Text, "half")
		h.is("left", len(s.Accounts()), 1)
	})
	live(t, "", asItIs, func(h *home) {
		h.shell.SignOut()
		h.Settle()
		h.shows("shop", "Shop", 2)
		h.shell.SignOut()
		h.Settle()
		h.is("page", h.shell.Page(), PageSignIn)
		h.is("items", len(h.shell.Inbox.Items), 0)
		h.is("offered again", h.shell.SignIn.Server+" "+h.shell.SignIn.User, "https://push.shop.example anna.b")
	})
}

func TestAnAccountThatIsSignedOutElsewhereIsLeft(t *testing.T) {
	live(t, "shop", asItIs, func(h *home) {
		if err := h.shop.SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Pass(time.Second)
		h.shows("clinic", "Clinic", 4)
		h.is("left", len(h.shell.desks), 1)
	})
}

func TestAMutedAccountSaysSoAndCanBeUnmuted(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s := h.shell
		a := s.Settings.Account("clinic")
		a.Muted, a.Name = true, "Ward 7"
		s.Settings.SetAccount("clinic", a)
		h.Settle()
		n := s.Notices()
		if len(n) != 1 || n[0] != (Notice{Title: "This account is muted.", Advice: "Its notifications stand in the inbox and are not shown as toasts.", Resume: true}) {
			t.Errorf("notices %+v", n)
		}
		h.is("muted", s.Quiet.Muted && s.Accounts()[0].Muted, true)
		s.Quiet.Resume()
		h.Settle()
		h.is("muted", s.Quiet.On || s.Accounts()[0].Muted, false)
		h.is("the pause was not touched", h.clinic.Called("resume"), 0)
		h.is("kept", h.clinic.Choices.Accounts["clinic"], local.AccountSettings{Name: "Ward 7"})
	})
}

func TestARefusedChoiceOfAnAccountIsSaidBesideIt(t *testing.T) {
	live(t, "", asItIs, func(h *home) {
		s := h.shell.Settings
		h.clinic.Do(func(f *presenttest.Agent) {
			f.Fail["save-settings"] = api.NewProblem(api.CodeInvalidField, "Too long.")
		})
		s.SetAccount("shop", local.AccountSettings{Name: "x"})
		h.Settle()
		h.is("wrong", s.Wrong[FieldOf("shop")], "Too long.")
		h.is("taken back", s.Account("shop"), local.AccountSettings{})
		h.clinic.Do(func(f *presenttest.Agent) { delete(f.Fail, "save-settings") })
		s.SetAccount("shop", local.AccountSettings{Name: "y"})
		h.Settle()
		h.is("wrong", s.Wrong[FieldOf("shop")], "")
		h.is("kept", h.clinic.Choices.Accounts["shop"].Name, "y")
		s.SetAccount("shop", local.AccountSettings{})
		h.Settle()
		h.is("kept", len(h.clinic.Choices.Accounts), 0)
	})
}
