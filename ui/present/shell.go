package present

import (
	"context"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
)

// Times of the connection to the agent.
const (
	goneAfter  = 1500 * time.Millisecond // a restart of the agent is not worth a word
	retryFirst = 250 * time.Millisecond
	retryMost  = 2 * time.Second
	tick       = time.Minute // how often "5 min" is looked at again
)

// Page is the whole of what the window shows.
type Page int

// The pages.
const (
	PageStarting Page = iota // nothing has been heard from the agent yet
	PageNoAgent
	PageLocked
	PageSignIn
	PageInbox
)

// Pane is what lies over or beside the list.
type Pane int

// The panes.
const (
	PaneRead Pane = iota // the open notification
	PaneCompose
	PaneSettings // over every page
	PaneSent
)

// Options are what a Shell needs.
type Options struct {
	Agent Agent
	Work  *Work
	// Start starts the background agent and returns when it can be expected to answer.
	Start func(ctx context.Context) error
	Now   func() time.Time
	// Words is the language. nil: English.
	Words *words.Words
	// Locale is the system's, such as de_DE.UTF-8, for a person who has chosen no language.
	Locale string
	// Open is the notification to begin with, or "".
	Open api.ID
}

// Shell presents the window as a whole: which page it shows, and how the agent is.
type Shell struct {
	Changed func()
	Raise   func(token string) // brings the window to the front

	Pane      Pane
	Starting  bool // the agent is being started
	StartBad  string
	Unlocking bool
	UnlockBad string
	Leaving   bool // signing out
	LeaveBad  string

	SignIn   *SignIn
	Inbox    *Inbox
	Compose  *Compose
	Sent     *Sent
	Settings *Settings
	Quiet    *Quiet

	opts       Options
	status     *local.Status
	gone       bool
	goneWords  string // why, when it is not simply that no agent runs
	registered bool   // connected since the sign-in
	wanted     api.ID // to be opened when the inbox can be shown
	wake       chan struct{}
	stopGone   func() // not nil: the agent has not been heard for a while
}

// NewShell makes the presenters. Nothing happens before Run.
func NewShell(o Options) *Shell {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Words == nil {
		o.Words = &words.Words{}
	}
	nop := func() {}
	s := &Shell{
		Changed: nop, Raise: func(string) {}, opts: o, wanted: o.Open, wake: make(chan struct{}, 1),
		Inbox: NewInbox(o.Agent, o.Work, o.Words), Compose: NewCompose(o.Agent, o.Work, o.Words, o.Now), Settings: NewSettings(o.Agent, o.Work, o.Words),
	}
	s.Quiet = newQuiet(o.Agent, o.Work, o.Words, o.Now, s.setStatus)
	s.Sent = NewSent(o.Agent, o.Work, o.Words)
	s.SignIn = NewSignIn(o.Agent, o.Work, o.Words, func(local.Account) { s.ask() })
	s.Settings.Saved = s.SignIn.Recheck // a new authority may make the server trusted
	return s
}

// Run begins to follow the agent. It returns at once; Work.Stop ends it.
func (s *Shell) Run() {
	s.stopGone = s.opts.Work.After(goneAfter, s.noAgent)
	s.opts.Work.Go(s.follow)
	s.tick()
}

func (s *Shell) tick() {
	s.opts.Work.After(tick, func() {
		s.Changed()
		s.Inbox.Changed()
		s.tick()
	})
}

// follow listens to the agent, again and again.
func (s *Shell) follow(ctx context.Context) func() {
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		err := s.opts.Agent.Changes(ctx, true, func(c local.Change) {
			delay = retryFirst
			s.opts.Work.Post(func() { s.apply(c) })
		})
		if ctx.Err() != nil {
			return nil
		}
		s.opts.Work.Post(func() { s.lost(err) })
		t := time.NewTimer(delay)
		select {
		case <-t.C:
		case <-s.wake:
		case <-ctx.Done():
		}
		t.Stop()
	}
}

func (s *Shell) apply(c local.Change) {
	switch c.Kind {
	case local.ChangeStatus:
		if c.Status != nil {
			s.setStatus(*c.Status)
		}
	case local.ChangeInbox:
		if s.Page() == PageInbox {
			s.Inbox.Reload()
		}
	case local.ChangeSettings:
		s.Settings.Load()
	case local.ChangeOpen:
		s.Raise(c.Token)
		s.OpenItem(c.ID)
	}
}

// OpenItem shows a notification, now or as soon as the person has signed in. Without an ID it changes nothing.
func (s *Shell) OpenItem(id api.ID) {
	if id == "" {
		return
	}
	if s.Page() != PageInbox {
		s.wanted = id
		return
	}
	s.wanted = ""
	s.Pane = PaneRead
	s.Sent.Look(false)
	s.Inbox.Select(id)
	s.Changed()
}

// lost is called whenever the stream of changes ends or cannot be had.
func (s *Shell) lost(err error) {
	s.goneWords = ""
	if api.CodeOf(err) != api.CodeUnavailable {
		s.goneWords = problemWords(s.opts.Words, err)
	}
	if s.gone {
		s.Changed()
	}
	if s.stopGone == nil {
		s.stopGone = s.opts.Work.After(goneAfter, s.noAgent)
	}
}

func (s *Shell) noAgent() {
	s.gone = true
	s.Changed()
}

func (s *Shell) setStatus(now local.Status) {
	if s.stopGone != nil {
		s.stopGone()
		s.stopGone = nil
	}
	before, back := s.status, s.gone
	s.status, s.gone, s.goneWords, s.Starting, s.StartBad = &now, false, "", false, ""
	if before == nil || back {
		s.Settings.Load()
	}
	if now.SignIn != local.SignInLocked {
		s.UnlockBad = ""
	}
	moved := before != nil && accountOf(before) != accountOf(&now)
	if moved {
		s.Compose.Reset()
		s.Sent.Reset()
	}
	if moved || now.SignIn != local.SignInActive {
		s.registered = false
	}
	s.registered = s.registered || now.SignIn == local.SignInActive && now.Link == local.LinkConnected
	s.enter(before, moved, back)
	s.Compose.Allow(&now, s.registered)
	s.Sent.Look(s.Pane == PaneSent)
	s.Quiet.tell(&now)
	s.Changed()
}

// enter does what changing from one page to another needs.
func (s *Shell) enter(before *local.Status, moved, back bool) {
	if s.Page() == PageSignIn && (before == nil || before.SignIn != s.status.SignIn) {
		s.SignIn.Show(*s.status) // first, for the fields to be there when the page is
	}
	inboxBefore := before != nil && pageOf(before, false) == PageInbox
	switch page := s.Page(); {
	case page == PageInbox && (moved || !inboxBefore):
		s.Inbox.Reset()
		fallthrough
	case page == PageInbox && back:
		s.Inbox.Unread = s.status.Unread
		s.Inbox.Reload()
		s.OpenItem(s.wanted)
	case page != PageInbox && inboxBefore:
		if s.wanted == "" && s.status.SignIn != local.SignInNever {
			s.wanted = s.Inbox.Selected // to come back to
		}
		s.Inbox.Reset()
		s.Pane = PaneRead
	}
}

func accountOf(s *local.Status) string {
	if s.Account == nil {
		return ""
	}
	return s.Account.Server + " " + s.Account.ID
}

// Page is the page to show.
func (s *Shell) Page() Page { return pageOf(s.status, s.gone) }

func pageOf(s *local.Status, gone bool) Page {
	switch {
	case s != nil && s.SignIn == local.SignInActive:
		return PageInbox // also while the agent is away: what was read can be read on
	case gone:
		return PageNoAgent
	case s == nil:
		return PageStarting
	case s.SignIn == local.SignInLocked:
		return PageLocked
	default:
		return PageSignIn
	}
}

// Connection is the header's word on the agent.
func (s *Shell) Connection() Connection {
	if s.Leaving {
		return Connection{ToneWorking, s.opts.Words.StateSigningOut(), s.opts.Words.StateSigningOut()}
	}
	return connectionOf(s.opts.Words, s.status, s.gone, s.opts.Now())
}

// CanStart says whether the window has a way to start the agent.
func (s *Shell) CanStart() bool { return s.opts.Start != nil }

// Notices stand above the inbox.
func (s *Shell) Notices() []Notice {
	if s.Page() != PageInbox {
		return nil
	}
	notices := noticesOf(s.opts.Words, s.status, s.gone, s.Inbox.AsOf, s.opts.Now())
	if s.gone && s.goneWords != "" {
		notices[0].Advice = s.goneWords
	}
	if !s.CanStart() && len(notices) > 0 {
		notices[0].Start = false
	}
	return notices
}

// Now is the time by which moments are told.
func (s *Shell) Now() time.Time { return s.opts.Now() }

// Account is who is signed in, or was; nil when nobody.
func (s *Shell) Account() *local.Account {
	if s.status == nil {
		return nil
	}
	return s.status.Account
}

// AgentVersion is the version of the running agent, or "".
func (s *Shell) AgentVersion() string {
	if s.status == nil || s.gone {
		return ""
	}
	return s.status.Version
}

// GoneWords says why the agent cannot be talked to, when there is more to say than that it does not run.
func (s *Shell) GoneWords() string { return s.goneWords }
