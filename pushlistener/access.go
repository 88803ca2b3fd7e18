package pushlistener

import (
	"time"

	"securepush/api"
)

// edgeState is the connection by which pushes arrive.
type edgeState struct {
	running  bool
	stopping bool
	restart  bool      // for another account
	at       time.Time // not before: it gave up
	link     Link
	since    time.Time
	trouble  Trouble
}

// registration is this device at the back end.
type registration struct {
	channel api.PushChannel // on which pushes arrive
	want    bool            // the back end has to be told
	running bool
	renewed bool // another channel was asked for, because the last was gone
	retry   retry
}

// onSignedIn begins, or goes on, with an account.
func (s *state) onSignedIn(account string) {
	if s.clearing != nil {
		s.clear()
	}
	s.newGeneration()
	if account != s.account {
		s.forget()
		s.account = account
		s.remember(note{owner: &account})
		s.edge.restart = s.edge.running
	}
	s.access = AccessActive
	s.down, s.gate, s.keyring, s.reg.retry = retry{}, retry{}, retry{}, retry{}
	s.scan.next = time.Time{}
	s.reg.want = s.reg.channel != api.PushChannel{}
	s.release()
}

// newGeneration makes the answers to what was asked so far meaningless: they are of another sign-in.
func (s *state) newGeneration() {
	s.gen++
	s.emit(abandon{})
	s.running, s.scan.running, s.reg.running, s.reports.sending = 0, false, false, 0
	s.each(phaseFetching, func(id api.ID, it *item) { s.move(id, it, phaseQueued) })
	s.each(phaseRetrying, func(id api.ID, it *item) { s.move(id, it, phaseQueued) })
	s.late = false
}

// forget drops everything of an account; the journal follows.
func (s *state) forget() {
	s.withdrawAll()
	if s.prompt.stands || s.prompt.busy {
		s.emit(withdraw{TagPrompt})
	}
	if s.toasts.busy {
		s.emit(withdraw{s.toasts.tag})
		s.toasts.ids = nil
		s.toasts.busy = !s.toasts.noting
		s.toasts.noting = false
	}
	s.prompt.clear()
	s.items = map[api.ID]*item{}
	s.count, s.fresh, s.queue, s.keep = [phases]int{}, [phases]int{}, nil, nil
	s.gather, s.reg, s.reports = gathering{}, registration{}, reports{off: s.reports.off}
	s.scan.reset("")
	s.horizon, s.lookAt, s.account = time.Time{}, time.Time{}, ""
	s.seen.Unread, s.seen.Synced = 0, time.Time{}
	s.seen.Revision++
}

// onSignedOut forgets the account. The journal is cleared when the edge, which writes to it, has stopped.
func (s *state) onSignedOut(e SignedOut) {
	done := e.done
	if done == nil {
		done = func(error) {}
	}
	if s.clearing != nil {
		earlier := s.clearing
		s.clearing = func(err error) { earlier(err); done(err) }
		return
	}
	s.newGeneration()
	s.forget()
	s.access, s.clearing = AccessNone, done
	s.down, s.gate, s.keyring = retry{}, retry{}, retry{}
	if !s.edge.running {
		s.clear()
	}
}

func (s *state) clear() {
	s.remember(note{clear: true, done: []func(error){s.clearing}})
	s.clearing = nil
}

// listens starts and stops the edge.
func (s *state) listens() {
	e := &s.edge
	on := s.access != AccessNone && !s.stopping && s.clearing == nil && !e.restart
	switch {
	case on && !e.running:
		if s.now.Before(e.at) {
			s.wakeAt(e.at)
			return
		}
		e.running, e.at = true, time.Time{}
		s.setLink(LinkConnecting, Trouble{})
		s.emit(listen{true})
	case !on && e.running && !e.stopping:
		e.stopping = true
		s.emit(listen{false})
	}
}

func (s *state) onEdgeStopped(err error) {
	e := &s.edge
	wanted := !e.stopping
	e.running, e.stopping, e.restart = false, false, false
	s.setLink(LinkOff, Trouble{})
	if wanted && err != nil {
		e.at = s.now.Add(longestDelay)
		s.setLink(LinkOffline, troubleOf(err))
	}
	if s.clearing != nil {
		s.clear()
	}
}

func (s *state) setLink(l Link, t Trouble) {
	e := &s.edge
	if e.link != l {
		e.link, e.since = l, s.now
	}
	if t.Code != "" || t.Words != "" {
		t.Since = e.since
	}
	e.trouble = t
}

func (s *state) onLinked(e linked) {
	switch {
	case s.edge.stopping || !s.edge.running:
	case e.connected:
		s.setLink(LinkConnected, Trouble{})
	default:
		s.setLink(LinkOffline, e.trouble)
		s.scan.soon(s.now.Add(pollOffline))
	}
}

// onSubscribed catches up after each connection, and tells the back end a channel it may not know.
func (s *state) onSubscribed(e subscribed) {
	if s.edge.stopping || !s.edge.running {
		return
	}
	s.setLink(LinkConnected, Trouble{})
	switch r := &s.reg; {
	case e.channel != r.channel:
		r.channel, r.want, r.retry = e.channel, true, retry{}
	case r.renewed && !r.want: // the edge began anew before it had another channel, and knows nothing of it
		s.emit(resubscribe{})
	}
	s.release()
}

// registers tells the back end the channel.
func (s *state) registers() {
	r := &s.reg
	if !r.want || r.running || s.access != AccessActive || !s.canAsk() {
		return
	}
	if r.retry.pending(s.now) {
		s.wakeAt(r.retry.at)
		return
	}
	r.running = true
	s.emit(register{gen: s.gen, channel: r.channel})
}

// onRegistered takes the back end's answer. A channel that it calls gone is given up for another, once; then it is left
// to a later try. What was sent while the back end did not know the channel is caught up with.
func (s *state) onRegistered(e registered) {
	r := &s.reg
	if e.gen != s.gen {
		return
	}
	r.running = false
	if e.channel != r.channel {
		return // of a channel given up meanwhile
	}
	if e.err == nil {
		r.want, r.renewed, r.retry = false, false, retry{}
		s.scan.want, s.reports.retry = true, retry{}
		return
	}
	d := classify(e.err)
	switch {
	case api.CodeOf(e.err) == api.CodeInstallationGone && !r.renewed:
		r.renewed, r.want = true, false
		s.emit(resubscribe{})
		return
	case d.verdict == verdictSignIn || d.verdict == verdictKeyring:
		s.failed(d, e.err)
	case api.CodeOf(e.err) == api.CodeInstallationGone, d.verdict == verdictDrop || d.verdict == verdictGone:
		d.after = longestDelay
		r.renewed = false
	}
	r.retry.fail(s.now, max(d.after, delay(r.retry.failures+1, s.rnd())), troubleOf(e.err))
}
