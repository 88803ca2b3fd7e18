package present

import (
	"context"
	"slices"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
)

// AccountItem is one of the accounts, ready to draw.
type AccountItem struct {
	ID      string
	Name    string
	Who     string // user and server
	Colour  string // one of [local.Colours]
	State   string // "Offline", "Muted", or "" when there is nothing to say
	Tone    Tone   // of the state
	Unread  int
	Muted   bool
	Current bool // the one that is shown
}

// Accounts are all that the person has here, in the order in which they were added.
func (s *Shell) Accounts() []AccountItem {
	items := make([]AccountItem, len(s.accounts))
	for i, a := range s.accounts {
		items[i] = accountItem(s.opts.Words, a)
		if items[i].Current = a.Account.ID == s.shown(); items[i].Current && s.Page() == PageInbox && s.Inbox.Loaded {
			items[i].Unread = s.Inbox.Unread
		}
	}
	return items
}

func accountItem(w *words.Words, a local.AccountStatus) AccountItem {
	it := AccountItem{
		ID: a.Account.ID, Name: Line(a.Name), Who: w.MenuAccount(Line(a.Account.User), ServerName(a.Account)),
		Colour: a.Colour, Unread: a.Unread, Muted: a.Muted,
	}
	if it.Name == "" {
		it.Name = ServerName(a.Account)
	}
	c := connectionOf(w, &local.Status{SignIn: a.SignIn, Link: a.Link}, false, time.Time{})
	if c.Tone != ToneGood && c.Tone != ToneWorking {
		it.State, it.Tone = c.Words, c.Tone
	}
	if a.Muted {
		if it.State != "" {
			it.State += " · "
		}
		it.State += w.AccountMuted()
	}
	return it
}

// ServerName is the server's name, or its address when it has none.
func ServerName(a local.Account) string {
	if name := Line(a.ServerName); name != "" {
		return name
	}
	return Line(a.Server)
}

// shown is the ID of the account that is shown.
func (s *Shell) shown() string {
	if s.id == "" && s.status != nil && s.status.Account != nil {
		return s.status.Account.ID
	}
	return s.id
}

// Several says whether there is more than one account to choose from.
func (s *Shell) Several() bool { return s.opts.For != nil && len(s.accounts) > 1 }

// OthersUnread is how many notifications of the other accounts are unread, those of muted ones not counted.
func (s *Shell) OthersUnread() (n int) {
	for _, a := range s.Accounts() {
		if !a.Current && !a.Muted {
			n += a.Unread
		}
	}
	return n
}

// CanAdd says whether a further account can be added.
func (s *Shell) CanAdd() bool {
	return s.opts.For != nil && !s.gone && len(s.accounts) > 0 && len(s.accounts) < local.MaxAccounts
}

// Switch shows another account, with what was typed and open there.
func (s *Shell) Switch(account string) {
	switch {
	case account == s.shown():
		if s.Pane == PaneSettings || s.Pane == PaneAdd || s.Pane == PaneConnection {
			s.Show(PaneRead)
		}
	case s.opts.For != nil && s.has(account):
		s.goTo(account)
	}
}

func (s *Shell) has(account string) bool {
	return slices.ContainsFunc(s.accounts, func(a local.AccountStatus) bool { return a.Account.ID == account })
}

// goTo shows an account, or the page of nobody for "". Until the agent has been heard it is as it was last known to be.
func (s *Shell) goTo(account string) {
	d := s.deskOf(account)
	now, heard := s.lastKnown(d), s.status != nil
	s.sit(d)
	if heard {
		s.take(now, true)
		d.come()
	}
	s.Changed()
}

// lastKnown is the status of an account as far as others have told.
func (s *Shell) lastKnown(d *desk) local.Status {
	now := local.Status{SignIn: local.SignInNever, Link: local.LinkOff}
	if s.status != nil {
		now.Version, now.PID, now.Listening, now.Tray = s.status.Version, s.status.PID, s.status.Listening, s.status.Tray
	}
	now.Accounts = s.accounts
	for _, a := range s.accounts {
		if a.Account.ID == d.id {
			now.Account, now.SignIn, now.Link, now.Unread, now.Waiting = &a.Account, a.SignIn, a.Link, a.Unread, a.Waiting
		}
	}
	if now.Account == nil && s.status != nil && s.status.Account != nil {
		now.Last = &local.LastSignIn{Server: s.status.Account.Server, User: s.status.Account.User}
	}
	if before := d.status; before != nil {
		now.Quiet, now.Conditions = before.Quiet, before.Conditions
		if before.Link == now.Link {
			now.LinkSince = before.LinkSince
		}
	}
	return now
}

// openAt shows a notification of an account.
func (s *Shell) openAt(account string, id api.ID) {
	switch {
	case s.opts.For == nil, account == "", account == s.shown():
		s.OpenItem(id)
	case s.has(account):
		s.goTo(account)
		s.OpenItem(id)
	default:
		s.visit(account, id)
	}
}

// visit shows an account of which nothing is known yet, as soon as something is.
func (s *Shell) visit(account string, open api.ID) {
	d := s.deskOf(account)
	if open != "" {
		d.wanted = open
	}
	s.opts.Work.Go(func(ctx context.Context) func() {
		st, err := d.agent.Status(ctx)
		return func() {
			if err != nil || !slices.ContainsFunc(accountsOf(st), func(a local.AccountStatus) bool { return a.Account.ID == account }) {
				s.ask()
				return
			}
			if s.Pane == PaneAdd {
				s.Pane = PaneRead
			}
			s.desks[account] = d // an older answer may have taken it away
			s.sit(d)
			s.heard(d, st)
			d.come()
		}
	})
}

// inboxChanged looks anew at what is shown. For another account only its number of unread ones may be another.
func (s *Shell) inboxChanged(d *desk, account string) {
	switch {
	case d != s.desk:
	case account != "" && s.opts.For != nil && account != s.shown():
		s.ask()
	default:
		if s.Page() == PageInbox {
			s.Inbox.Reload()
		}
		s.Conn.arrived()
	}
}

// settle goes to the desk that a status belongs to, if that is not the one that asked.
func (s *Shell) settle(d *desk, now local.Status) bool {
	if s.opts.For == nil {
		return true
	}
	for id := range s.desks {
		if id != "" && id != d.id && !s.has(id) {
			delete(s.desks, id) // signed out elsewhere
		}
	}
	switch {
	case d.id == "" && now.Account != nil:
		to := s.deskOf(now.Account.ID)
		if to.status == nil {
			to.Pane, to.wanted, d.wanted = d.Pane, d.wanted, ""
		}
		s.sit(to)
		s.setStatus(now)
		return false
	case d.id != "" && !s.has(d.id):
		s.forget(d.id)
		return false
	}
	return true
}

// forget leaves an account that is no longer there, for the first of the others.
func (s *Shell) forget(account string) {
	delete(s.desks, account)
	s.accounts = slices.DeleteFunc(slices.Clone(s.accounts), func(a local.AccountStatus) bool { return a.Account.ID == account })
	if s.id != account {
		return
	}
	next := ""
	if len(s.accounts) > 0 {
		next = s.accounts[0].Account.ID
	}
	s.goTo(next)
}

// signedIn goes on after a sign-in at a desk. It may have been as somebody else than the one whose sign-in had ended.
func (s *Shell) signedIn(d *desk, a local.Account) {
	if s.opts.For != nil && d.id != "" && a.ID != "" && a.ID != d.id {
		s.visit(a.ID, "")
		return
	}
	s.ask()
}

// signedOut goes on after a sign-out.
func (s *Shell) signedOut(d *desk) {
	if s.opts.For != nil && d.id != "" {
		s.forget(d.id)
	} else {
		d.wanted, d.Pane = "", PaneRead
	}
	s.ask()
}

// AddAccount shows the page on which a person signs in to a further account.
func (s *Shell) AddAccount() {
	if s.CanAdd() {
		s.Show(PaneAdd)
	}
}

// CancelAdd leaves that page.
func (s *Shell) CancelAdd() {
	s.Adding.Reset()
	s.Show(PaneRead)
}

// added goes to the account that was added, unless the person has turned to something else meanwhile.
func (s *Shell) added(a local.Account) {
	s.Adding.Reset()
	if s.Pane == PaneAdd {
		s.visit(a.ID, "")
	} else {
		s.ask()
	}
}

// unmute shows toasts of an account again.
func (s *Shell) unmute(d *desk) {
	id := d.id
	if id == "" {
		id = s.shown()
	}
	a := s.Settings.Account(id)
	a.Muted = false
	s.Settings.SetAccount(id, a)
}

// accountsOf are the accounts that a status tells of.
func accountsOf(s local.Status) []local.AccountStatus {
	if len(s.Accounts) > 0 || s.Account == nil {
		return s.Accounts
	}
	return []local.AccountStatus{{
		Account: *s.Account, Name: ServerName(*s.Account), Colour: local.Colours()[0],
		SignIn: s.SignIn, Link: s.Link, Unread: s.Unread, Waiting: s.Waiting,
	}}
}
