package presenttest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"securepush/agent/local"
	"securepush/api"
)

// House is an agent with several accounts. Each of its agents is how it is for one of them. It is safe for concurrent use.
type House struct {
	mu      sync.Mutex
	agents  []*Agent
	changed int // accounts that were added
}

// errNoAccount is what an agent says about an account that is not there.
var errNoAccount = api.NewProblem(api.CodeNotFound, "There is no such account.")

// NewHouse puts agents into one, each of which has an account of its own.
func NewHouse(agents ...*Agent) *House {
	h := &House{agents: agents}
	for _, f := range agents {
		f.house = h
	}
	h.tell()
	return h
}

// House is where the agent's account lives, alone if it was put into none.
func (f *Agent) House() *House {
	if f.house == nil {
		NewHouse(f)
	}
	return f.house
}

// For is the agent of an account, or for "" of the first one. One that nobody knows answers nothing.
func (h *House) For(account string) *Agent {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.agents {
		if a := f.account(); account == "" || a != nil && a.ID == account {
			return f
		}
	}
	f := NewAgent()
	if account != "" {
		for _, call := range []string{"changes", "status", "inbox "} {
			f.Fail[call] = errNoAccount
		}
	} else {
		f.house = h
		h.agents = append(h.agents, f)
	}
	return f
}

// Become changes the status of one account and tells all who listen.
func (h *House) Become(account string, change func(*local.Status)) {
	h.For(account).Do(func(f *Agent) { change(&f.Now) })
	h.tell()
}

// Tell sends a change to the window, whichever account it shows.
func (h *House) Tell(ch local.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.agents {
		f.Tell(ch)
	}
}

func (f *Agent) account() *local.Account {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Now.Account
}

// tell brings up to date what each account knows of all, and tells it.
func (h *House) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []local.AccountStatus
	for _, f := range h.agents {
		f.mu.Lock()
		if a := f.Now.Account; a != nil {
			all = append(all, f.accountStatus(len(all)))
			switch muted := all[len(all)-1].Muted; {
			case muted:
				f.Now.Quiet = &local.Quiet{Reason: local.QuietMuted}
				f.Now.Conditions = []local.Condition{{Code: "muted", Severity: local.SeverityInfo, Title: "This account is muted"}}
			case f.Now.Quiet != nil && f.Now.Quiet.Reason == local.QuietMuted:
				f.Now.Quiet, f.Now.Conditions = nil, nil
			}
		}
		f.mu.Unlock()
	}
	for _, f := range h.agents {
		f.Become(func(s *local.Status) { s.Accounts = slices.Clone(all) })
	}
}

func (f *Agent) accountStatus(place int) local.AccountStatus {
	s := local.AccountStatus{Account: *f.Now.Account, Name: f.Now.Account.ServerName, Colour: local.Colours()[place], SignIn: f.Now.SignIn, Link: f.Now.Link, Waiting: f.Now.Waiting}
	for _, n := range f.Items {
		if !n.Read {
			s.Unread++
		}
	}
	c := f.Choices.Accounts[s.Account.ID]
	if c.Name != "" {
		s.Name = c.Name
	}
	if c.Colour != "" {
		s.Colour = c.Colour
	}
	s.Muted = c.Muted
	return s
}

// choose makes all accounts have the same settings.
func (h *House) choose(s local.Settings) {
	h.mu.Lock()
	for _, f := range h.agents {
		f.Do(func(f *Agent) { f.Choices = s })
	}
	h.mu.Unlock()
	h.tell()
}

// AddAccount signs in to a further account. Its name in Fail and Block is "add".
func (f *Agent) AddAccount(ctx context.Context, server, user string, _ api.Secret) (local.Account, error) {
	if err := f.enter(ctx, "add"); err != nil {
		return local.Account{}, err
	}
	if f.house == nil {
		return local.Account{}, api.NewProblem(api.CodeInternal, "There is one account only.")
	}
	return f.house.add(server, user), nil
}

func (h *House) add(server, user string) local.Account {
	h.mu.Lock()
	h.changed++
	f := NewAgent()
	f.house, f.Choices = h, h.agents[0].Choices
	a := local.Account{ID: fmt.Sprint("added", h.changed), Server: server, ServerName: f.Server.Name, User: user, Device: "Desk-12"}
	f.Now.SignIn, f.Now.Link, f.Now.Account = local.SignInActive, local.LinkConnected, &a
	h.agents = append(h.agents, f)
	h.mu.Unlock()
	h.tell()
	return a
}

// leave takes an account out that was signed out.
func (h *House) leave(f *Agent) {
	h.mu.Lock()
	h.agents = slices.DeleteFunc(h.agents, func(o *Agent) bool { return o == f })
	if len(h.agents) == 0 {
		h.agents = append(h.agents, f)
	} else {
		f.Do(func(f *Agent) {
			f.Fail["changes"] = errNoAccount
			close(f.hangUp)
			f.hangUp = make(chan struct{})
		})
	}
	h.mu.Unlock()
	h.tell()
}
