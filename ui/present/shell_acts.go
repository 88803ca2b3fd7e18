package present

import (
	"context"

	"securepush/agent/local"
)

// Show puts a pane in front.
func (s *Shell) Show(p Pane) {
	if s.Pane != p {
		s.Pane = p
		s.Sent.Look(p == PaneSent)
		s.Conn.Look(p == PaneConnection)
		if p == PaneSettings {
			s.Autostart.Load()
		}
		s.Changed()
	}
}

// ask asks for the status now, without waiting for the stream.
func (s *Shell) ask() {
	d := s.desk
	s.opts.Work.Go(func(ctx context.Context) func() {
		st, err := d.agent.Status(ctx)
		if err != nil {
			return nil // the stream says what is wrong
		}
		return func() { s.heard(d, st) }
	})
}

// StartAgent starts the background agent.
func (s *Shell) StartAgent() {
	if s.Starting || s.opts.Start == nil {
		return
	}
	s.Starting, s.StartBad = true, ""
	s.opts.Work.Go(func(ctx context.Context) func() {
		err := s.opts.Start(ctx)
		return func() {
			s.Starting = false
			if err != nil {
				s.StartBad = s.startWords(err)
			}
			select {
			case s.wake <- struct{}{}:
			default:
			}
			s.Changed()
		}
	})
	s.Changed()
}

func (s *Shell) startWords(err error) string {
	if _, ok := asProblem(err); ok {
		return problemWords(s.opts.Words, err)
	}
	return s.opts.Words.AgentNotStarted()
}

// Unlock asks the keyring to open. The desktop may show its own box for the password.
func (s *Shell) Unlock() {
	if s.Unlocking {
		return
	}
	s.Unlocking, s.UnlockBad = true, ""
	agent := s.agent
	s.opts.Work.Go(func(ctx context.Context) func() {
		err := agent.Unlock(ctx)
		return func() {
			s.Unlocking = false
			if err != nil {
				s.UnlockBad = problemWords(s.opts.Words, err)
			} else {
				s.ask()
			}
			s.Changed()
		}
	})
	s.Changed()
}

// SignOut unregisters this device and clears what was kept here.
func (s *Shell) SignOut() { s.signOut(s.desk) }

// SignOutOf does so for one of several accounts.
func (s *Shell) SignOutOf(account string) {
	if account == s.shown() {
		s.signOut(s.desk)
	} else if s.opts.For != nil && s.has(account) {
		s.signOut(s.deskOf(account))
	}
}

func (s *Shell) signOut(d *desk) {
	if s.Leaving {
		return
	}
	d.Inbox.Close()
	s.Leaving, s.LeaveBad = true, ""
	s.opts.Work.Go(func(ctx context.Context) func() {
		err := d.agent.SignOut(ctx)
		return func() {
			s.Leaving = false
			if err != nil {
				s.LeaveBad = problemWords(s.opts.Words, err)
			} else {
				s.signedOut(d)
			}
			s.Changed()
		}
	})
	s.Changed()
}

// CanSignOut says whether somebody is signed in.
func (s *Shell) CanSignOut() bool {
	return s.status != nil && s.status.SignIn == local.SignInActive && !s.gone
}

// Close finishes what the person has been told is done, and ends all background work. Call it before the window is
// gone for good.
func (s *Shell) Close() {
	for _, d := range s.desks {
		d.Inbox.Close()
	}
	s.opts.Work.Stop()
}
