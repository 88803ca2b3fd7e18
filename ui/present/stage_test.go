package present

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

var today = time.Date(2026, time.November, 21, 14, 40, 0, 0, time.UTC)

// stage is a shell with an agent made of memory, in a bubble of virtual time.
type stage struct {
	*testing.T
	presenttest.Queue
	agent   *presenttest.Agent
	shell   *Shell
	started int
	raised  int
}

func perform(t *testing.T, prepare func(*presenttest.Agent), act func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, agent: presenttest.NewAgent()}
		prepare(s.agent)
		began := time.Now()
		s.shell = NewShell(Options{
			Agent: s.agent, Work: NewWork(s.Post),
			Start: func(context.Context) error { s.started++; s.agent.Live(); return nil },
			Now:   func() time.Time { return today.Add(time.Since(began)) },
		})
		s.shell.Raise = func(string) { s.raised++ }
		s.shell.Run()
		s.Settle()
		act(s)
		s.shell.Close()
	})
}

func nobody(*presenttest.Agent) {}

func signedIn(f *presenttest.Agent) {
	f.Now.SignIn, f.Now.Link = local.SignInActive, local.LinkConnected
	f.Now.Account = &local.Account{ID: "6f1c", Server: "https://push.clinic.example", ServerName: "Clinic", User: "anna", Device: "Desk-12"}
}

func id(n int) api.ID { return api.ID(fmt.Sprintf("item%018d", n)) }

// with makes n items, the newest first, of which the first unread are unread.
func with(n, unread int) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		signedIn(f)
		for i := range n {
			f.Items = append(f.Items, api.Notification{
				ID: id(i), Title: fmt.Sprint("Title ", i), Payload: "text", Read: i >= unread,
				CreatedAt: today.Add(-time.Duration(i) * time.Hour),
			})
		}
	}
}

func refuse(call string, code api.Code, words string) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) { f.Fail[call] = api.NewProblem(code, words) }
}

func (s *stage) is(what string, got, want any) {
	s.Helper()
	if got != want {
		s.Errorf("%s: %v, want %v", what, got, want)
	}
}
