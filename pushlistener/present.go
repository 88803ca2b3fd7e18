package pushlistener

import (
	"fmt"
	"slices"
	"time"

	"securepush/api"
)

// gathering collects what is found together, so that more than three make one digest.
type gathering struct {
	open    bool
	until   time.Time // at the latest
	singles int       // more than these make a digest
	digest  bool      // there are more
	ready   []api.ID  // of phaseReady, in order
	lines   []line    // of the newest of phaseDigesting, newest first
	urgency api.Priority
}

// line is a digest's member by name.
type line struct {
	id   api.ID
	text string
	at   time.Time // when it was sent
}

func (g *gathering) begin(now time.Time, singles int) {
	if !g.open {
		g.open, g.until, g.singles = true, now.Add(gatherTime), singles
	}
	g.singles = min(g.singles, singles)
}

// gathers shows what was found together once nothing more is to be expected.
func (s *state) gathers() {
	g := &s.gather
	if !g.open {
		return
	}
	more := s.scan.want || s.count[phaseQueued] > 0
	busy := s.scan.running || s.running > 0 || more && s.canAsk() && !s.down.pending(s.now)
	if busy && s.now.Before(g.until) && s.count[phaseDigesting] < maxMembers {
		s.wakeAt(g.until)
		return
	}
	g.open, g.digest = false, false
	s.quieted = s.quieted && (more || s.awaited() > 0)
	slices.SortStableFunc(g.ready, func(a, b api.ID) int {
		return s.items[a].content.CreatedAt.Compare(s.items[b].content.CreatedAt)
	})
}

// awaited counts what the person is to see and is not at hand.
func (s *state) awaited() int {
	f := &s.fresh
	return f[phaseQueued] + f[phaseFetching] + f[phaseRetrying] + f[phaseHidden] + f[phaseUnshown]
}

// found takes the content of an ID, from whatever request.
func (s *state) found(n *api.Notification, known record) {
	it := s.items[n.ID]
	if it == nil {
		s.foundUnasked(n, known)
		return
	}
	if !it.rec.created.Equal(n.CreatedAt) {
		it.rec.created = n.CreatedAt
	}
	switch it.phase {
	case phaseShowing, phaseNoting, phaseUnnoted:
		it.settled = it.settled || n.Read
		return
	case phaseReady, phaseGeneric, phaseDigesting:
		if n.Read {
			s.mark(n.ID, StepRead)
			s.settle(n.ID, it)
		}
		return
	}
	s.seen.Revision++
	s.mark(n.ID, StepFetched)
	switch {
	case n.Read || it.settled || s.expired(n):
		s.mark(n.ID, s.whySettled(n, it))
		s.settle(n.ID, it)
	case it.recheck:
		s.mark(n.ID, StepKnown)
		s.drop(n.ID, it)
	case it.unproven && !s.horizon.IsZero() && !n.CreatedAt.After(s.horizon):
		// Older than what the journal remembers: it may have been shown. If not, the cursor comes to it.
		it.rec.fate = fateNone
		s.mark(n.ID, StepLater)
		s.scan.want = true
		s.finish(n.ID, it)
	default:
		s.present(n, it)
	}
}

// foundUnasked takes what the cursor found.
func (s *state) foundUnasked(n *api.Notification, known record) {
	switch known.fate {
	case fateShown:
		if n.Read && s.standing.has(n.ID) {
			it := &item{recheck: true, onDisk: true, rec: known}
			s.add(n.ID, it)
			s.mark(n.ID, StepRead)
			s.settle(n.ID, it)
		}
	case fateSettled:
	case fateNone, fateWaiting:
		if n.Read || s.expired(n) {
			return
		}
		s.seen.Revision++
		it := &item{onDisk: known.fate == fateWaiting, rec: known, phase: phaseFetching}
		if known.fate == fateNone {
			it.rec = record{fate: fateWaiting, seen: s.now}
		}
		it.rec.created = n.CreatedAt
		s.mark(n.ID, StepFound)
		s.add(n.ID, it)
		s.present(n, it)
	}
}

// whySettled says why an item is not to be shown.
func (s *state) whySettled(n *api.Notification, it *item) Step {
	switch {
	case it.settled:
		return StepDismissed
	case n.Read:
		return StepRead
	default:
		return StepExpired
	}
}

func (s *state) expired(n *api.Notification) bool {
	return n.ExpiresAt != nil && !s.now.Before(*n.ExpiresAt)
}

// present brings an unread notification on its way to the person.
func (s *state) present(n *api.Notification, it *item) {
	g := &s.gather
	it.urgent = n.Priority == api.PriorityUrgent
	plain := s.display.Generic || s.plain
	switch {
	case s.quiet(it.urgent), s.display.Locked && !plain:
		s.hide(n.ID, it)
	case s.toaster.pending(s.now):
		s.mark(n.ID, StepUnshown)
		s.hold(n.ID, it, phaseUnshown)
	case plain:
		s.move(n.ID, it, phaseGeneric)
	case g.open && (g.digest || len(g.ready) >= g.singles):
		g.digest = true
		s.digestReady()
		s.addMember(n, it)
	default:
		content := *n
		s.move(n.ID, it, phaseReady)
		it.content = &content
		g.ready = append(g.ready, n.ID)
	}
}

// hide keeps an item that may not be shown now.
func (s *state) hide(id api.ID, it *item) {
	quiet := s.quiet(it.urgent)
	if quiet {
		s.mark(id, StepQuiet)
	} else {
		s.mark(id, StepLocked)
	}
	s.prompt.hidden = s.prompt.hidden || it.fresh() && !it.held && !quiet
	s.quieted = s.quieted || quiet
	it.held = true
	s.hold(id, it, phaseHidden)
}

// recall takes back what is at hand and not shown yet: all of it, or what may not be shown any more. It says whether there
// was something.
func (s *state) recall(all bool) bool {
	plain, before := s.display.Generic || s.plain, s.count[phaseHidden]
	for _, p := range []phase{phaseReady, phaseDigesting, phaseGeneric} {
		s.each(p, func(id api.ID, it *item) {
			if all || s.quiet(it.urgent) || s.display.Locked && !plain {
				s.ungather(id, it)
				s.hide(id, it)
			}
		})
	}
	if s.count[phaseDigesting] == 0 {
		s.gather.urgency = ""
	}
	return s.count[phaseHidden] > before
}

// hold keeps an item until something changes. What is too much to hold is left to the cursor.
func (s *state) hold(id api.ID, it *item, p phase) {
	if s.count[phaseHidden]+s.count[phaseUnshown] < maxWaiting {
		s.move(id, it, p)
		return
	}
	s.mark(id, StepLater)
	s.scan.again = true
	s.remove(id, it)
}

// digestReady moves what would have been shown by itself into the digest.
func (s *state) digestReady() {
	for _, id := range s.gather.ready {
		if it := s.items[id]; it != nil && it.phase == phaseReady {
			s.addMember(it.content, it)
		}
	}
	s.gather.ready = s.gather.ready[:0]
}

func (s *state) addMember(n *api.Notification, it *item) {
	g := &s.gather
	title := n.Title
	if title == "" || s.display.Sender {
		title = n.Sender
	}
	if title != "" {
		g.name(line{n.ID, shorten(title), n.CreatedAt}, s.display.Sender)
	}
	if rank(n.Priority) > rank(g.urgency) {
		g.urgency = n.Priority
	}
	s.move(n.ID, it, phaseDigesting)
}

// name lists a member, the newest first in whatever order the answers come; once says that a text is listed once.
func (g *gathering) name(l line, once bool) {
	if same := slices.IndexFunc(g.lines, func(other line) bool { return other.text == l.text }); once && same >= 0 {
		if g.lines[same].at.After(l.at) {
			return
		}
		g.lines = slices.Delete(g.lines, same, same+1)
	}
	i := 0
	for i < len(g.lines) && g.lines[i].at.After(l.at) {
		i++
	}
	g.lines = slices.Insert(g.lines, i, l)
	g.lines = g.lines[:min(len(g.lines), digestLines)]
}

// ungather takes an item out of what waits to be shown.
func (s *state) ungather(id api.ID, it *item) {
	g := &s.gather
	switch it.phase {
	case phaseReady:
		g.ready = slices.DeleteFunc(g.ready, func(other api.ID) bool { return other == id })
	case phaseDigesting:
		g.unline(id)
	default:
	}
}

func (g *gathering) unline(id api.ID) {
	g.lines = slices.DeleteFunc(g.lines, func(l line) bool { return l.id == id })
}

// endDigest begins another digest: the last does not stand any more.
func (s *state) endDigest() {
	g := &s.gather
	s.toasts.digested = 0
	g.lines = slices.DeleteFunc(g.lines, func(l line) bool {
		it := s.items[l.id]
		return it == nil || it.phase != phaseDigesting
	})
	if s.count[phaseDigesting] == 0 {
		g.urgency = ""
	}
}

func rank(p api.Priority) int {
	return slices.Index([]api.Priority{api.PriorityLow, api.PriorityNormal, api.PriorityHigh, api.PriorityUrgent}, p)
}

// shorten cuts a line of the digest to what a toast can hold.
func shorten(s string) string {
	n := 0
	for i := range s {
		if n == digestLineSize {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

func digestTitle(n int) string {
	if n == 1 {
		return "1 new notification"
	}
	return fmt.Sprintf("%d new notifications", n)
}
