package present

import (
	"context"

	"securepush/agent/local"
	"securepush/api"
)

// desk is all that the window shows of one account. It stays as it is while another account is shown, so what is typed and
// where the person was is not lost, and an answer that comes late comes to the account that asked.
type desk struct {
	Pane Pane

	SignIn  *SignIn
	Inbox   *Inbox
	Compose *Compose
	Sent    *Sent
	Quiet   *Quiet
	Conn    *ConnectionPage

	id         string // of the account; "" until it is known which one it is
	agent      Agent
	status     *local.Status
	registered bool   // connected since the sign-in
	wanted     api.ID // to be opened when the inbox can be shown
	goBack     bool   // what is wanted is only what was open before
	sent       api.ID // of what was sent, the one that was open
}

// newDesk makes the presenters of an account.
func (s *Shell) newDesk(id string) *desk {
	o := s.opts
	d := &desk{id: id, agent: o.Agent}
	if id != "" && o.For != nil {
		d.agent = o.For(id)
	}
	d.Inbox = NewInbox(d.agent, o.Work, o.Words)
	d.Compose = NewCompose(d.agent, o.Work, o.Words, o.Now)
	d.Sent = NewSent(d.agent, o.Work, o.Words)
	d.SignIn = NewSignIn(d.agent, o.Work, o.Words, func(a local.Account) { s.signedIn(d, a) })
	d.Conn = NewConnectionPage(d.agent, o.Work, o.Words)
	d.Quiet = newQuiet(d.agent, o.Work, o.Words, o.Now, func(st local.Status) { s.heard(d, st) })
	d.Quiet.unmute = func() { s.unmute(d) }
	return d
}

// deskOf is the desk of an account, made when it is first needed.
func (s *Shell) deskOf(id string) *desk {
	d := s.desks[id]
	if d == nil {
		d = s.newDesk(id)
		s.desks[id] = d
	}
	return d
}

// leave stops what goes on only while somebody looks.
func (d *desk) leave() {
	d.Inbox.stops.read()
	d.sent = d.Sent.Selected
	d.Sent.Look(false)
	d.Conn.Look(false)
	if d.Pane == PaneSettings || d.Pane == PaneAdd || d.Pane == PaneConnection {
		d.Pane = PaneRead
	}
}

// come goes on where the person was.
func (d *desk) come() {
	if d.SignIn.Why != "" {
		d.SignIn.explain() // in the language that is spoken now
	}
	if b := d.Inbox; b.Open != nil {
		b.readSoon()
	}
	if d.Pane == PaneSent {
		d.Sent.Look(true)
		if d.sent != "" {
			d.Sent.Select(d.sent)
		}
	}
}

// sit shows a desk in the place of the one before. Its status is taken afterwards.
func (s *Shell) sit(d *desk) {
	if s.desk == d {
		return
	}
	if s.desk != nil {
		s.leave()
	}
	s.desk = d
	s.listen()
	if d.id != "" && s.opts.Remember != nil {
		s.opts.Remember(d.id)
	}
}

// listen follows the agent for the account that is shown. The stream before ends with the first word of the new one: between
// them nothing that the agent says to the window may be lost.
func (s *Shell) listen() {
	if s.stopStream == nil {
		return // not yet running
	}
	s.ending = append(s.ending, s.stopStream)
	s.startStream()
}

func (s *Shell) startStream() {
	s.stream++
	d, stream := s.desk, s.stream
	s.stopStream = s.opts.Work.GoUntil(func(ctx context.Context) func() { return s.follow(ctx, d, stream) })
}

// endStreams ends those of accounts that are no longer shown.
func (s *Shell) endStreams() {
	for _, end := range s.ending {
		end()
	}
	s.ending = nil
}
