package pushlistener

import (
	"cmp"
	"slices"

	"securepush/api"
)

// inOrder lists the IDs of the items in a phase, in the order in which they were heard of.
func (s *state) inOrder(p phase) []api.ID {
	ids := make([]api.ID, 0, s.count[p])
	for id, it := range s.items {
		if it.phase == p {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b api.ID) int {
		return cmp.Or(s.items[a].rec.seen.Compare(s.items[b].rec.seen), cmp.Compare(a, b))
	})
	return ids
}

// onPush takes an ID in. A push says only that something about the ID changed: one that is known is asked for again.
func (s *state) onPush(e pushed) {
	s.seen.Counters.Pushes++
	s.seen.LastPush = s.now
	s.mark(e.id, StepPushed)
	n := note{}
	if e.done != nil {
		n.done = []func(error){e.done}
	}
	it := s.items[e.id]
	switch {
	case s.access == AccessNone:
		// Nobody is signed in, so whose ID it is cannot be told.
		s.mark(e.id, StepNobody)
	case it != nil:
		s.pushedAgain(e.id, it)
	case len(s.items) >= maxWaiting:
		s.mark(e.id, StepLater)
		s.overflow(1)
	case e.known.fate == fateShown || e.known.fate == fateSettled:
		s.add(e.id, &item{recheck: true, onDisk: true, rec: e.known})
	default:
		it := &item{unproven: true, onDisk: true, rec: record{fate: fateWaiting, seen: s.now}}
		if e.known.fate == fateWaiting {
			it.rec, it.unproven = e.known, false
		} else {
			n.entries = []entry{{e.id, it.rec}}
		}
		s.add(e.id, it)
		s.prompt.arrived = true
	}
	if !n.empty() || len(n.done) > 0 {
		s.remember(n) // in order, so that a repeat is not acknowledged before the first is on disk
	}
}

// pushedAgain deals with a push of an ID that is on its way.
func (s *state) pushedAgain(id api.ID, it *item) {
	switch it.phase {
	case phaseHidden, phaseUnshown: // it may have been read elsewhere
		s.move(id, it, phaseQueued)
	case phaseQueued, phaseRetrying:
	default:
		it.again = true
	}
}

// onFlood counts what the mailbox could not hold. It is acknowledged: the back end has it, and the cursor will find it.
func (s *state) onFlood(e flooded) {
	s.seen.Counters.Pushes += e.pushes
	s.seen.LastPush = s.now
	s.overflow(e.pushes)
}

// overflow leaves IDs to the next catch-up: new ones come after the cursor, and toasts that stand are looked at again.
func (s *state) overflow(n int64) {
	s.seen.Counters.Overflowed += n
	s.scan.want, s.scan.recheck = true, true
}

// onMarkedRead settles what the person read on this device.
func (s *state) onMarkedRead(e MarkedRead) {
	s.remember(note{read: e.IDs, readAll: e.All})
	if !e.All {
		s.dismiss(e.IDs)
		return
	}
	ids := make([]api.ID, 0, len(s.items))
	for id := range s.items {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	s.dismiss(ids)
	s.withdrawAll()
}

// dismiss settles IDs that the person has dealt with: they are not shown any more, and no toast of theirs stands.
func (s *state) dismiss(ids []api.ID) {
	for _, id := range ids {
		it := s.items[id]
		if it == nil {
			s.unstand(id)
			continue
		}
		switch it.phase {
		case phaseFetching, phaseShowing, phaseNoting, phaseUnnoted:
			it.settled = true
			s.unstand(id)
		default:
			s.mark(id, StepDismissed)
			s.settle(id, it)
		}
	}
	s.changed()
}

// settle ends an item that is not to be shown: read, gone or refused.
func (s *state) settle(id api.ID, it *item) {
	s.unstand(id)
	s.ungather(id, it)
	s.seen.Counters.Settled++
	it.rec.fate = fateSettled
	s.finish(id, it)
}

// drop ends an item about which nothing new is to be remembered.
func (s *state) drop(id api.ID, it *item) {
	s.ungather(id, it)
	s.remove(id, it)
	switch {
	case it.covered && s.hiding(it.urgent):
		s.add(id, &item{phase: phaseHidden, relight: true, onDisk: true, rec: it.rec, urgent: it.urgent})
	case it.covered:
		s.add(id, &item{relight: true, onDisk: true, rec: it.rec})
	case it.again:
		s.add(id, &item{recheck: true, onDisk: it.onDisk, rec: it.rec})
	}
}

// finish writes an item's fate down; it goes when that is on disk.
func (s *state) finish(id api.ID, it *item) {
	s.move(id, it, phaseNoting)
	s.remember(note{entries: []entry{{id, it.rec}}, finishes: []api.ID{id}})
}

// onNoted ends the items whose fate is on disk. What the journal does not take stays here and is tried again.
func (s *state) onNoted(e noted) {
	if e.err != nil {
		s.unnoted.fail(s.now, journalRetry, Trouble{Code: api.CodeInternal, Words: "The journal cannot be written. Is the disk full?"})
	} else {
		s.unnoted = retry{}
	}
	if e.horizon.After(s.horizon) {
		s.horizon = e.horizon
	}
	for _, id := range e.finishes {
		it := s.items[id]
		if e.err == nil {
			s.shown(id, it)
		}
		switch {
		case it == nil || it.phase != phaseNoting:
		case e.err != nil:
			s.move(id, it, phaseUnnoted)
		case it.settled && it.rec.fate == fateShown: // read while it was being shown
			it.settled = false
			s.mark(id, StepDismissed)
			s.settle(id, it)
		default:
			it.onDisk = it.rec.fate != fateNone
			s.drop(id, it)
		}
	}
	s.toasts.noted(s.items)
}

// renotes tries again to write what the journal did not take.
func (s *state) renotes() {
	if s.count[phaseUnnoted] == 0 || s.stopping {
		return
	}
	if s.now.Before(s.unnoted.at) {
		s.wakeAt(s.unnoted.at)
		return
	}
	n := note{}
	s.each(phaseUnnoted, func(id api.ID, it *item) {
		s.move(id, it, phaseNoting)
		n.entries = append(n.entries, entry{id, it.rec})
		n.finishes = append(n.finishes, id)
	})
	s.remember(n)
}
