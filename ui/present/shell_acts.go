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
		s.Changed()
	}
}

// ask asks for the status now, without waiting for the stream.
func (s *Shell) ask() {
	s.opts.Work.Go(func(ctx context.Context) func() {
		st, err := s.opts.Agent.Status(ctx)
		if err != nil {
			return nil // the stream says what is wrong
		}
		return func() { s.setStatus(st) }
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
	s.opts.Work.Go(func(ctx context.Context) func() {
		err := s.opts.Agent.Unlock(ctx)
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
func (s *Shell) SignOut() {
	if s.Leaving {
		return
	}
	s.Inbox.Close()
	s.Leaving, s.LeaveBad = true, ""
	s.opts.Work.Go(func(ctx context.Context) func() {
		err := s.opts.Agent.SignOut(ctx)
		return func() {
			s.Leaving = false
			if err != nil {
				s.LeaveBad = problemWords(s.opts.Words, err)
			} else {
				s.wanted = ""
				s.Pane = PaneRead
				s.ask()
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
	s.Inbox.Close()
	s.opts.Work.Stop()
}
