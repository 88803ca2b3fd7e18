package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

// other is an agent's account beside that of the clinic.
func other(id, name, user string, items ...api.Notification) *presenttest.Agent {
	f := presenttest.NewAgent()
	signedIn(&f.Now)
	f.Now.Account = &local.Account{ID: id, Server: "https://push." + id + ".example", ServerName: name, User: user, Device: "Desk-12"}
	f.Items = items
	return f
}

func fromShop() []api.Notification {
	return []api.Notification{
		note(81, 20*time.Minute, "Orders", "Order 7731 was paid", "Two of them are to be sent today.", api.PriorityNormal, false),
		note(82, 3*time.Hour, "Stock", "Gloves, size M: 40 left", "The next delivery comes on Tuesday.", api.PriorityNormal, true),
	}
}

// twoAccounts are the clinic's and a shop's.
func twoAccounts(f *presenttest.Agent) {
	withItems(few()...)(f)
	f.Choices.Accounts = map[string]local.AccountSettings{"6f1c": {Colour: "teal"}}
	shop := other("shop", "Garden & Home", "anna.koehler", fromShop()...)
	shop.Choices = f.Choices
	presenttest.NewHouse(f, shop)
}

// manyAccounts are as many as there may be, in every state.
func manyAccounts(f *presenttest.Agent) {
	withItems(few()...)(f)
	f.Choices.Accounts = map[string]local.AccountSettings{
		"6f1c": {Name: "Ward 7"},
		"club": {Muted: true},
		"long": {Name: "Krankenhausverwaltungsgesellschaft, Abteilung Öffentlichkeitsarbeit", Colour: "pink"},
	}
	all := []*presenttest.Agent{
		f, other("shop", "Garden & Home", "anna.koehler", fromShop()...), other("club", "Rowing club", "ak", fromShop()...),
		other("bank", "Bank", "4711"), other("late", "Night shift", "anna"), other("long", "Long", "anna.maria.koehler-oppermann@verwaltung"),
		other("many", "Plant", "line3", many()...), other("eight", "", "anna"),
	}
	for _, o := range all[1:] {
		o.Choices = f.Choices
	}
	all[3].Now.SignIn = local.SignInEnded
	all[4].Now.Link = local.LinkOffline
	presenttest.NewHouse(all...)
}

func muted(f *presenttest.Agent) {
	f.Choices.Accounts = map[string]local.AccountSettings{"6f1c": {Muted: true, ToastContent: local.ToastSender}}
	withItems(few()...)(f)
	presenttest.NewHouse(f, other("shop", "Garden & Home", "anna.koehler"))
}

func openAccounts(s *stage) { s.w.openAccounts(); s.Settle() }

func accountSection(s *stage) { openSettings(s); s.scrollSettings(5000) }

func addAccount(s *stage) { s.w.addAccount(); s.Settle() }

// accountPages are those of them on which nothing may be cut, in any language at any size.
func accountPages() []screen {
	return []screen{
		{"accounts", wide, twoAccounts, openFirst},
		{"accounts-menu", wide, manyAccounts, openAccounts},
		{"accounts-muted", wide, muted, watch},
		{"accounts-add", wide, twoAccounts, addAccount},
		{"accounts-settings", wide, twoAccounts, accountSection},
	}
}

// accountScreens are the states with several accounts.
func accountScreens() []screen {
	return []screen{
		{"accounts", wide, twoAccounts, openFirst},
		{"accounts-menu", wide, twoAccounts, openAccounts},
		{"accounts-menu-many", wide, manyAccounts, openAccounts},
		{"accounts-muted", wide, muted, watch},
		{"accounts-ended", wide, func(f *presenttest.Agent) {
			twoAccounts(f)
			f.House().Become("6f1c", func(s *local.Status) { s.SignIn, s.Waiting = local.SignInEnded, 2 })
		}, func(s *stage) { s.Pass(time.Second) }},
		{"accounts-add", wide, twoAccounts, addAccount},
		{"accounts-settings", wide, twoAccounts, accountSection},
		{"accounts-settings-one", wide, withItems(few()...), accountSection},
		{"accounts-sign-out", wide, twoAccounts, func(s *stage) { s.w.askSignOut(); s.Settle() }},
		{"accounts-narrow", narrow, twoAccounts, watch},
		{"accounts-narrow-menu", least, manyAccounts, openAccounts},
		{"german-accounts-menu", least, german(manyAccounts), openAccounts},
		{"german-accounts-settings", least, german(twoAccounts), accountSection},
		{"german-accounts-add", wide, german(twoAccounts), addAccount},
		{"german-accounts-muted", least, german(muted), watch},
		{"text-200-accounts", wide, sized(200, twoAccounts), watch},
		{"text-200-accounts-menu", wide, sized(200, german(manyAccounts)), openAccounts},
		{"text-200-accounts-settings", wide, sized(200, german(twoAccounts)), accountSection},
		{"text-200-accounts-least", least, sized(200, german(twoAccounts)), watch},
		{"text-200-accounts-least-menu", least, sized(200, german(manyAccounts)), openAccounts},
	}
}

func (s *stage) hear(account string) {
	s.t.Helper()
	if got := s.w.shell.Account(); got == nil || got.ID != account || s.w.list.inbox != s.w.shell.Inbox {
		s.t.Fatalf("shown: %+v", got)
	}
}

func TestAccountsAreSwitchedByKeyboardOnly(t *testing.T) {
	perform(t, wide, twoAccounts, func(s *stage) {
		s.shortcut(fyne.Key2)
		s.hear("shop")
		if s.w.win.Canvas().Focused() != s.w.list.list || len(s.w.list.rows) != 3 {
			t.Errorf("%d rows, or the list does not have the keyboard", len(s.w.list.rows))
		}
		s.w.win.Canvas().Focus(s.w.header.account)
		s.key(fyne.KeySpace, fyne.KeyUp, fyne.KeyReturn)
		s.hear("6f1c")
		s.w.win.Canvas().Focus(s.w.header.account)
		s.key(fyne.KeyDown, fyne.KeyEscape)
		if s.w.win.Canvas().Overlays().Top() != nil {
			t.Error("Escape does not close the list")
		}
		s.w.win.Canvas().Focus(s.w.header.search)
		s.shortcut(fyne.Key2)
		s.hear("shop")
		s.shortcut(fyne.Key3)
		s.hear("shop")
		openAccounts(s)
		s.shortcut(fyne.Key1)
		s.hear("6f1c")
		if s.w.win.Canvas().Overlays().Top() != nil {
			t.Error("the list is still open")
		}
	})
}

func TestTheWindowBeginsWithTheAccountThatWasShownLast(t *testing.T) {
	perform(t, wide, twoAccounts, func(s *stage) {
		s.shortcut(fyne.Key2)
		if got := s.w.app.Preferences().String(accountKey); got != "shop" {
			t.Fatalf("kept %q", got)
		}
		again, err := newWindow(s.w.app, Deps{Agent: s.agent, For: func(id string) present.Agent { return s.agent.House().For(id) }, Post: s.Post})
		if err != nil {
			t.Fatal(err)
		}
		again.shell.Run()
		s.Settle()
		if got := again.shell.Account(); got == nil || got.ID != "shop" {
			t.Errorf("began with %+v", got)
		}
		again.shell.Close()
		again.win.Close()
	})
}

func TestALongListStaysWhereItWasAndDraftsStay(t *testing.T) {
	perform(t, wide, func(f *presenttest.Agent) {
		withItems(many()...)(f)
		presenttest.NewHouse(f, other("shop", "Garden & Home", "anna", fromShop()...))
	}, func(s *stage) {
		s.w.list.list.ScrollTo(30)
		s.Settle()
		first, dy, _ := s.w.list.anchor()
		s.write("Half", "written")
		s.shortcut(fyne.Key2)
		if s.w.compose.content.Visible() || s.w.compose.title.Text != "" || s.w.list.list.GetScrollOffset() != 0 {
			t.Error("something of the other account is here")
		}
		s.shortcut(fyne.Key1)
		if !s.w.compose.content.Visible() || s.w.compose.title.Text != "Half" || s.w.compose.text.Text != "written" {
			t.Errorf("draft %q", s.w.compose.title.Text)
		}
		s.typed("!")
		if got := s.w.compose.title.Text; got != "Half!" {
			t.Errorf("going on: %q", got)
		}
		if now, dyNow, held := s.w.list.anchor(); !held || now != first || dyNow != dy {
			t.Errorf("moved from %s%+v to %s%+v", first, dy, now, dyNow)
		}
	})
}

func TestAQuestionIsAboutTheAccountThatItWasAskedOf(t *testing.T) {
	perform(t, wide, twoAccounts, func(s *stage) {
		s.w.askSignOut()
		s.Settle()
		s.shortcut(fyne.Key2)
		s.hear("6f1c")
		s.agent.House().Tell(local.Change{Kind: local.ChangeOpen, Account: "shop", ID: id(82)})
		s.Settle()
		s.hear("shop")
		if s.w.win.Canvas().Overlays().Top() != nil {
			t.Error("the question is still open, over another account")
		}
		if got := s.w.detail.shown.ID; got != id(82) {
			t.Errorf("open %q", got)
		}
	})
}

func TestThatANameWasTooLongStaysToBeRead(t *testing.T) {
	perform(t, wide, twoAccounts, func(s *stage) {
		openSettings(s)
		r := s.w.settings.accounts.rows[0]
		paste(r.name, strings.Repeat("W", mostNameBytes+1))
		s.w.render()
		if !r.bad.Visible() || r.name.Text != "" {
			t.Errorf("said: %v, in the field: %q", r.bad.Visible(), r.name.Text)
		}
	})
}

func TestAnAccountIsAddedByKeyboardOnly(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.tap(s.w.header.more)
		s.key(fyne.KeyEscape)
		addAccount(s)
		if s.w.win.Canvas().Focused() != s.w.adding.server || s.w.win.Title() == "" {
			t.Fatal("the first field does not have the keyboard")
		}
		s.typed("push.shop.example")
		s.key(fyne.KeyEscape)
		if s.w.shell.Pane != present.PaneRead || s.w.adding.server.Text != "" {
			t.Error("Escape does not lead back")
		}
		addAccount(s)
		s.typed("push.shop.example")
		s.Pass(time.Second)
		s.next()
		s.typed("anna")
		s.next()
		s.typed("secret")
		s.key(fyne.KeyReturn)
		s.hear("added1")
		if s.w.adding.password.Text != "" || !s.w.header.account.Visible() || s.w.header.name.Visible() {
			t.Error("the password is still there, or the header does not say whose inbox it is")
		}
	})
}

func TestTheChoicesForAnAccountApplyAtOnceByKeyboardOnly(t *testing.T) {
	perform(t, wide, twoAccounts, func(s *stage) {
		openSettings(s)
		r := s.w.settings.accounts.rows[1]
		s.w.win.Canvas().Focus(r.name)
		s.typed("Shop")
		s.next()
		kept := func() local.AccountSettings { return s.agent.Choices.Accounts["shop"] }
		if kept().Name != "Shop" || s.w.win.Canvas().Focused() != r.colour {
			t.Fatalf("kept %+v", kept())
		}
		s.key(fyne.KeyRight, fyne.KeyRight)
		if kept().Colour != "purple" || r.colour.words() != "Purple" {
			t.Errorf("kept %+v, said %q", kept(), r.colour.words())
		}
		s.choose(r.toasts, "Sender only")
		s.w.win.Canvas().Focus(r.mute)
		s.typed(" ")
		if want := (local.AccountSettings{Name: "Shop", Colour: "purple", Muted: true, ToastContent: local.ToastSender}); kept() != want {
			t.Errorf("kept %+v", kept())
		}
		if r.title.text != "Shop" || r.dot.color != accountColor("purple") {
			t.Errorf("shown %q", r.title.text)
		}
		s.choose(r.toasts, "As for all: Everything")
		s.tap(r.leave)
		s.next()
		s.key(fyne.KeyReturn)
		if len(s.w.shell.Accounts()) != 1 || s.w.settings.accounts.list.Visible() || s.w.shell.Pane != present.PaneSettings {
			t.Error("not signed out of the other account only")
		}
		s.hear("6f1c")
	})
}

func TestAColourIsNamedWhenPointedAt(t *testing.T) {
	perform(t, wide, twoAccounts, func(s *stage) {
		openSettings(s)
		c := s.w.settings.accounts.rows[1].colour
		if got := c.words(); got != "Green, chosen for you" {
			t.Errorf("said %q", got)
		}
		e := &desktop.MouseEvent{}
		e.Position = fyne.NewPos(scaled(swatchSize)*4.5, 5)
		c.MouseIn(e)
		if got := c.words(); got != "Red" {
			t.Errorf("pointed: %q", got)
		}
		c.Tapped(&fyne.PointEvent{Position: e.Position})
		s.Settle()
		if got := s.agent.Choices.Accounts["shop"].Colour; got != "red" {
			t.Errorf("kept %q", got)
		}
	})
}

func TestUnmutingFromTheLineAboveTheInbox(t *testing.T) {
	perform(t, wide, muted, func(s *stage) {
		if n := s.w.shell.Notices(); len(n) != 1 || resumeWord(s.w.shell.Words(), s.w.shell.Quiet) != "Unmute" {
			t.Fatalf("notices %+v", n)
		}
		s.w.shell.Quiet.Resume()
		s.Settle()
		if s.w.notices.content.Visible() || s.agent.Choices.Accounts["6f1c"].Muted {
			t.Error("still muted")
		}
	})
}
