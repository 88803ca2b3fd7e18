package ui

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"securepush/agent/local"
	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

func TestMain(m *testing.M) {
	// Fyne reads the locale before main begins, and goldens hold one language: so once more, in that one.
	const locale = "en_US.UTF-8"
	if os.Getenv("LC_ALL") != locale {
		cmd := exec.CommandContext(context.Background(), os.Args[0], os.Args[1:]...)
		cmd.Env = append(os.Environ(), "LC_ALL="+locale, "LANG="+locale)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	time.Local = time.UTC
	os.Exit(m.Run())
}

// today is the time of every test: a Saturday afternoon.
var today = time.Date(2026, time.November, 21, 14, 40, 0, 0, time.UTC)

// stage is a window with a fake agent, in a bubble of virtual time, with a queue in the place of Fyne's own.
type stage struct {
	t      *testing.T
	agent  *presenttest.Agent
	w      *window
	opened []string
	presenttest.Queue
}

// perform sets a window up, lets it come to rest, and calls act.
func perform(t *testing.T, size fyne.Size, prepare func(*presenttest.Agent), act func(*stage)) {
	t.Helper()
	app := test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, agent: presenttest.NewAgent()}
		prepare(s.agent)
		house := s.agent.House()
		began := time.Now()
		w, err := newWindow(app, Deps{
			Agent: s.agent, For: func(id string) present.Agent { return house.For(id) }, Version: "0.1.0", Post: s.Post, Theme: s.agent.Choices.Theme,
			Now:        func() time.Time { return today.Add(time.Since(began)) },
			OpenURL:    func(u *url.URL) error { s.opened = append(s.opened, u.String()); return nil },
			StartAgent: func(context.Context) error { s.agent.Live(); return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		s.w = w
		w.win.Show()
		w.win.Resize(size)
		w.shell.Run()
		s.Settle()
		act(s)
		w.shell.Close()
		w.win.Close()
	})
}

func (s *stage) tap(o fyne.Tappable) {
	test.Tap(o)
	s.Settle()
}

func signedIn(st *local.Status) {
	since := today.Add(-3 * time.Hour)
	st.SignIn, st.Link, st.LinkSince = local.SignInActive, local.LinkConnected, &since
	st.Account = &local.Account{
		ID: "6f1c", Server: "https://push.clinic.example", ServerName: "St. Anna Clinic", User: "anna", Device: "Desk-12",
	}
}
