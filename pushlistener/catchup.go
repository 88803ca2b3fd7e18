package pushlistener

import (
	"time"

	"securepush/api"
)

// scanState is the catch-up: where in the person's notifications this device is.
//
// cursor is on disk and moves only past what has been shown or settled. pos is how far has been looked; what lies
// between them waits in items. After a restart, or when items had to be left out, looking begins again at cursor.
type scanState struct {
	cursor  api.Cursor
	pos     api.Cursor
	begun   bool // pos is valid though it may be empty
	want    bool
	running bool
	again   bool // begin again at cursor: something was left out
	recheck bool // look at the standing toasts afterwards
	due     time.Time
	next    time.Time // not before: a page was refused, for the reason in trouble
	trouble Trouble
}

func (c *scanState) reset(cursor api.Cursor) {
	*c = scanState{cursor: cursor, pos: cursor, begun: cursor != ""}
}

// soon asks for a catch-up at t.
func (c *scanState) soon(t time.Time) {
	if c.due.IsZero() || t.Before(c.due) {
		c.due = t
	}
}

// release lets everything go that waits for something other than the person: it is asked for, together with what the
// cursor has not seen, and shown together.
func (s *state) release() {
	if s.access == AccessNone {
		return
	}
	s.scan.want, s.scan.recheck = true, true
	singles := singleToasts
	if s.quieted {
		singles = 1
	}
	s.gather.begin(s.now, singles)
	if s.toaster.failures == 0 {
		s.each(phaseUnshown, func(id api.ID, it *item) { s.move(id, it, phaseQueued) })
	}
	s.each(phaseHidden, func(id api.ID, it *item) {
		if !s.hiding(it.urgent) {
			s.move(id, it, phaseQueued)
		}
	})
}

// scans asks for the next page when a catch-up is wanted.
func (s *state) scans() {
	c := &s.scan
	if c.running || s.access == AccessNone || s.stopping {
		return
	}
	if !c.want && !c.due.IsZero() {
		if s.now.Before(c.due) {
			s.wakeAt(c.due)
			return
		}
		c.want, c.due = true, time.Time{}
	}
	if !c.want || !s.canAsk() || s.count[phaseDigesting] >= maxMembers {
		return
	}
	at := c.next
	if s.down.failures > 0 {
		if s.running > 0 {
			return
		}
		if s.down.at.After(at) {
			at = s.down.at
		}
	}
	if s.now.Before(at) {
		s.wakeAt(at)
		return
	}
	if c.again && !s.hiding(false) && s.toaster.failures == 0 {
		c.pos, c.begun, c.again = c.cursor, c.cursor != "", false
	}
	c.running, c.due = true, time.Time{}
	s.seen.Counters.Fetches++
	s.emit(scan{gen: s.gen, after: c.pos, newest: !c.begun})
}

// onPaged takes a page.
func (s *state) onPaged(e paged) {
	if e.gen != s.gen {
		return
	}
	s.scan.running = false
	if e.err != nil {
		s.onPageFailed(e.err)
		return
	}
	s.answered()
	s.scan.trouble, s.reports.next = Trouble{}, s.now
	if e.newest {
		s.onNewest(e.page)
		return
	}
	c := &s.scan
	n := note{}
	for i := range e.page.Items {
		it, known := &e.page.Items[i], e.known[i]
		switch {
		case known.fate == fateNone || known.fate == fateWaiting:
			s.keep = append(s.keep, *it)
		case it.Read:
			n.read = append(n.read, it.ID)
		default:
			n.unread = append(n.unread, it.ID)
		}
		if item := s.items[it.ID]; item != nil {
			item.unproven = false // the cursor has it
		}
		s.found(it, known)
	}
	moved := e.page.Next != c.pos
	c.pos = e.page.Next
	c.want = e.page.More && moved // a server that says "more" without going on would keep us here for ever
	if !c.want {
		s.caughtUp(e.page.Unread)
		n.synced = s.now
	}
	s.remember(n)
}

// onNewest finds where a device without a cursor begins: at the beginning, or, in a long history, a page before its
// end. What lies further back stands unread in the inbox and makes no toasts.
func (s *state) onNewest(p api.Page) {
	s.scan.begun = true
	if p.More {
		s.scan.pos = p.Next
	}
}

// caughtUp ends a catch-up.
func (s *state) caughtUp(unread int) {
	c := &s.scan
	s.seen.Synced = s.now
	if s.seen.Unread != unread {
		s.seen.Unread = unread
		s.seen.Revision++
	}
	every := pollConnected
	if s.edge.link != LinkConnected {
		every = pollOffline
	}
	c.soon(s.now.Add(every + time.Duration((s.rnd()-0.5)*float64(every)/3)))
	if !c.recheck {
		return
	}
	c.recheck = false
	if unread == 0 {
		s.withdrawAll()
		return
	}
	for _, st := range s.standing.list {
		if len(s.items) >= maxWaiting {
			c.recheck = true // at the next catch-up
			return
		}
		if s.items[st.id] == nil {
			s.add(st.id, &item{recheck: true, onDisk: true, rec: st.rec})
		}
	}
}

func (s *state) onPageFailed(err error) {
	s.seen.Counters.Failures++
	c := &s.scan
	switch code := api.CodeOf(err); code {
	case api.CodeBadRequest, api.CodeInvalidField, api.CodeGone, api.CodeNotFound:
		if c.pos != "" { // the server does not know the cursor any more
			c.pos, c.begun = "", false
			return
		}
	}
	d := classify(err)
	s.failed(d, err)
	if d.verdict == verdictBusy {
		return // the gate opens when the server wants
	}
	if d.after > 0 || d.verdict == verdictDrop || d.verdict == verdictGone {
		c.next = s.now.Add(longestDelay)
		s.scan.trouble = troubleOf(err)
	}
}

// cursors moves the cursor on disk up to where has been looked, when nothing that was found is still on its way.
func (s *state) cursors() {
	c := &s.scan
	if c.running || c.want || c.again || c.pos == c.cursor || s.access == AccessNone || s.clearing != nil {
		return
	}
	waiting := 0
	for p := range phases {
		waiting += s.fresh[p]
	}
	if waiting > 0 {
		return
	}
	c.cursor = c.pos
	cursor := c.pos
	s.remember(note{cursor: &cursor})
}

// troubleOf puts a failure into words for the person.
func troubleOf(err error) Trouble {
	return Trouble{Code: api.CodeOf(err), Words: api.Words(err)}
}
