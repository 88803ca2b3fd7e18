package agent

import (
	"log/slog"
	"maps"
	"net/url"
	"slices"

	"securepush/agent/local"
	"securepush/secure"
)

// named is an account and what is known of how it is called.
type namedAccount struct {
	account secure.Account
	chosen  local.AccountSettings
	noted   string // the colour that was free when it was added; "": from before there were colours
}

// accountNames are what accounts are called, in their order: as the person chose, otherwise as the server calls itself, with the
// user where that alone could mean another one. It is a pure function.
func accountNames(list []namedAccount) []string {
	base := make([]string, len(list))
	for i, n := range list {
		base[i] = n.chosen.Name
		if base[i] == "" {
			base[i] = serverName(n.account)
		}
	}
	out := slices.Clone(base)
	for i, n := range list {
		if n.chosen.Name == "" && hasTwice(base, base[i]) {
			out[i] = n.account.User + " · " + base[i]
		}
	}
	base = slices.Clone(out)
	for i, n := range list {
		if n.chosen.Name == "" && hasTwice(base, base[i]) {
			out[i] = n.account.User + "@" + hostOf(n.account.Server)
		}
	}
	return out
}

func hasTwice(list []string, s string) bool {
	first := slices.Index(list, s)
	return slices.Contains(list[first+1:], s)
}

func serverName(a secure.Account) string {
	if a.ServerName != "" {
		return a.ServerName
	}
	return hostOf(a.Server)
}

// hostOf is the name of the machine in an address, or the address.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// accountColours are those of accounts, in their order: the chosen one, otherwise the one that was free when the account was added,
// otherwise the first that is free. It is a pure function.
func accountColours(list []namedAccount) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.chosen.Colour
	}
	for i, n := range list {
		if out[i] == "" && n.noted != "" && !slices.Contains(out, n.noted) {
			out[i] = n.noted
		}
	}
	for i := range list {
		if out[i] == "" {
			out[i] = freeColour(out)
		}
	}
	return out
}

// freeColour is the first that is not taken, and the first of all when none is left.
func freeColour(taken []string) string {
	for _, c := range local.Colours() {
		if !slices.Contains(taken, c) {
			return c
		}
	}
	return local.Colours()[0]
}

// namedMembers are the members with what they are called by.
func (a *Agent) namedMembers() ([]*seat, []namedAccount) {
	chosen := a.settings.get().Accounts
	var seats []*seat
	var list []namedAccount
	for _, st := range a.members() {
		p := st.readProfile()
		if p.Account == nil {
			continue // it is being signed out
		}
		seats = append(seats, st)
		list = append(list, namedAccount{*p.Account, chosen[p.Account.ID], p.Colour})
	}
	return seats, list
}

// name is what the seat's account is called where there are several; "" where there are not.
func (st *seat) name() string {
	seats, list := st.a.namedMembers()
	if i := slices.Index(seats, st); i >= 0 && len(seats) > 1 {
		return accountNames(list)[i]
	}
	return ""
}

// choices are the person's for this account.
func (st *seat) choices() local.AccountSettings { return st.a.settings.get().Accounts[st.id()] }

// accountStatuses say how each account is.
func (a *Agent) accountStatuses() []local.AccountStatus {
	seats, list := a.namedMembers()
	names, colours := accountNames(list), accountColours(list)
	var out []local.AccountStatus
	for i, st := range seats {
		s := local.Status{Link: local.LinkOff}
		if d := st.present(); d != nil {
			fillStatus(&s, d.listener.Snapshot())
		}
		out = append(out, local.AccountStatus{
			Account: localAccount(list[i].account), Name: names[i], Colour: colours[i], Muted: list[i].chosen.Muted,
			SignIn: signInState(st.session.State().State), Link: s.Link, Unread: s.Unread, Waiting: s.Waiting,
		})
	}
	return out
}

// nextPlace is where an account that is added now stands among the others, and its colour.
func (a *Agent) nextPlace() (order int, colour string) {
	_, list := a.namedMembers()
	for _, st := range a.members() {
		order = max(order, st.readProfile().Order+1)
	}
	return order, freeColour(accountColours(list))
}

// forgetChoices removes what the person chose for an account that is gone.
func (a *Agent) forgetChoices(id string) {
	if _, chosen := a.settings.get().Accounts[id]; !chosen {
		return
	}
	err := a.changeSettings(func(s *local.Settings) {
		s.Accounts = maps.Clone(s.Accounts)
		delete(s.Accounts, id)
	})
	if err != nil {
		a.log.Warn("the settings of an account that is gone cannot be removed", slog.Any("error", err))
	}
}
