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
	PaneAdd        // signing in to a further account, over every page
	PaneConnection // over every page
)

// Options are what a Shell needs.
type Options struct {
	Agent Agent
	Work  *Work
	// For makes an agent whose calls are for the account with the ID. nil: there is one account only.
	For func(account string) Agent
	// Account is the ID of the account to begin with, or "" for the first one.
	Account string
	// Remember is told the ID of the account that is shown, whenever that is another one. It may be nil.
	Remember func(account string)
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

	Starting  bool // the agent is being started
	StartBad  string
	Unlocking bool
	UnlockBad string
	Leaving   bool // signing out
	LeaveBad  string

	*desk     // of the account that is shown
	Settings  *Settings
	Autostart *Autostart
	Adding    *SignIn // to a further account

	opts       Options
	desks      map[string]*desk // by the account's ID
	accounts   []local.AccountStatus
	gone       bool
	goneWords  string // why, when it is not simply that no agent runs
	wake       chan struct{}
	stopGone   func() // not nil: the agent has not been heard for a while
	stream     int    // how many were begun
	stopStream func()
	ending     []func() // streams that another one is about to replace
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
	s := &Shell{Changed: nop, Raise: func(string) {}, opts: o, desks: make(map[string]*desk), wake: make(chan struct{}, 1)}
	s.Settings = NewSettings(o.Agent, o.Work, o.Words)
	s.Autostart = NewAutostart(o.Agent, o.Work, o.Words)
	s.Adding = NewSignIn(o.Agent, o.Work, o.Words, func(a local.Account) { s.added(a) })
	s.Adding.Add = true
	if o.For == nil {
		s.opts.Account = ""
	}
	s.sit(s.deskOf(s.opts.Account))
	s.wanted = o.Open
	s.Settings.Saved = func() { // a new authority may make the server trusted
		s.SignIn.Recheck()
		s.Adding.Recheck()
	}
	return s
}

// Run begins to follow the agent. It returns at once; Work.Stop ends it.
func (s *Shell) Run() {
	s.stopGone = s.opts.Work.After(goneAfter, s.noAgent)
	s.startStream()
	s.tick()
}

func (s *Shell) tick() {
	s.opts.Work.After(tick, func() {
		s.Changed()
		s.Inbox.Changed()
		s.tick()
	})
}

// follow listens to the agent, again and again. stream says which one it is.
func (s *Shell) follow(ctx context.Context, d *desk, stream int) func() {
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		err := d.agent.Changes(ctx, true, func(c local.Change) {
			delay = retryFirst
			s.opts.Work.Post(func() { s.apply(d, stream, c) })
		})
		if ctx.Err() != nil {
			return nil
		}
		s.opts.Work.Post(func() { s.lost(d, err) })
		t := time.NewTimer(delay)
		select {
		case <-t.C:
		case <-s.wake:
		case <-ctx.Done():
		}
		t.Stop()
	}
}

// apply takes a change from the stream of a desk.
func (s *Shell) apply(d *desk, stream int, c local.Change) {
	if stream == s.stream {
		s.endStreams()
	}
	switch c.Kind {
	case local.ChangeStatus:
		if c.Status != nil {
			s.heard(d, *c.Status)
		}
	case local.ChangeInbox:
		s.inboxChanged(d, c.Account)
	case local.ChangeSettings:
		s.Settings.Load()
	case local.ChangeOpen:
		s.Raise(c.Token)
		s.openAt(c.Account, c.ID)
	}
}

// OpenItem shows a notification, now or as soon as the person has signed in. Without an ID what is shown stays, but who has signed in
// to what waits is not led back to what was open before.
func (s *Shell) OpenItem(id api.ID) {
	if id == "" {
		if s.goBack && s.Page() != PageInbox && s.status != nil && s.status.Waiting > 0 {
			s.wanted = "" // it is about what waits, which the list shows
		}
		return
	}
	if s.Page() != PageInbox {
		s.wanted, s.goBack = id, false
		return
	}
	s.wanted = ""
	s.Pane = PaneRead
	s.Sent.Look(false)
	s.Conn.Look(false)
	s.Inbox.Select(id)
	s.Changed()
}

// lost is called whenever the stream of changes ends or cannot be had.
func (s *Shell) lost(d *desk, err error) {
	if d != s.desk {
		return
	}
	if d.id != "" && api.CodeOf(err) == api.CodeNotFound { // the account is no longer there
		s.forget(d.id)
		return
	}
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

// heard takes what the agent says about itself, asked for an account. What another account than the one that is shown had asked
// for tells about the others only.
func (s *Shell) heard(d *desk, now local.Status) {
	s.accounts = accountsOf(now)
	if d != s.desk || !s.settle(d, now) {
		s.Changed()
		return
	}
	s.setStatus(now)
}

func (s *Shell) setStatus(now local.Status) {
	if s.stopGone != nil {
		s.stopGone()
		s.stopGone = nil
	}
	first, back := s.status == nil, s.gone
	s.gone, s.goneWords, s.Starting, s.StartBad = false, "", false, ""
	if first || back {
		s.Settings.Load()
		s.Autostart.Load()
	}
	s.take(now, back)
}

// take puts the status of the account that is shown into effect. back means that something may have been missed.
func (s *Shell) take(now local.Status, back bool) {
	before := s.status
	s.status = &now
	if now.SignIn != local.SignInLocked {
		s.UnlockBad = ""
	}
	moved := before != nil && accountOf(before) != accountOf(&now)
	if moved {
		s.Compose.Reset()
		s.Sent.Reset()
		s.Conn.Reset()
		if before.Account != nil {
			s.wanted = "" // the other one's
		}
	}
	if moved || now.SignIn != local.SignInActive {
		s.registered = false
	}
	s.registered = s.registered || now.SignIn == local.SignInActive && now.Link == local.LinkConnected
	s.enter(before, moved, back)
	s.Compose.Allow(&now, s.registered)
	s.Sent.Look(s.Pane == PaneSent)
	s.Quiet.tell(&now)
	s.Conn.tell(now, back)
	s.Conn.Look(s.Pane == PaneConnection)
	s.Changed()
}

// enter does what changing from one page to another needs.
func (s *Shell) enter(before *local.Status, moved, back bool) {
	if s.Page() == PageSignIn && (before == nil || before.SignIn != s.status.SignIn) {
		s.SignIn.Show(*s.status) // first, for the fields to be there when the page is
	} else if s.Page() == PageSignIn && before.Waiting != s.status.Waiting {
		s.SignIn.Wait(*s.status)
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
			s.wanted, s.goBack = s.Inbox.Selected, true
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
