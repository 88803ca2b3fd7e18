package pushlistener

import (
	"time"

	"securepush/api"
)

// canAsk says whether the back end may be asked anything now; if it may be later, step is called then.
func (s *state) canAsk() bool {
	if s.stopping || s.clearing != nil {
		return false
	}
	if s.gate.failures > 0 && s.now.Before(s.gate.at) {
		s.wakeAt(s.gate.at)
		return false
	}
	switch s.access {
	case AccessActive:
		return true
	case AccessLocked: // one call tells whether that is still so
		if s.running > 0 || s.scan.running {
			return false
		}
		if s.now.Before(s.keyring.at) {
			s.wakeAt(s.keyring.at)
			return false
		}
		return true
	default:
		return false
	}
}

// fetches hands queued IDs to the workers: one by one while there are few, a hundred in one request when many wait.
func (s *state) fetches() {
	if s.count[phaseQueued]+s.count[phaseRetrying] == 0 || !s.canAsk() {
		return
	}
	if s.down.failures > 0 || s.access == AccessLocked {
		s.probe()
		return
	}
	s.requeue()
	for s.running < maxWorkers && s.count[phaseQueued] > 0 {
		s.fetch(s.pick())
	}
}

// requeue asks again for what failed, each when its own time has come: at once, unless the server failed over it.
func (s *state) requeue() {
	s.each(phaseRetrying, func(id api.ID, it *item) {
		if s.now.Before(it.next) {
			s.wakeAt(it.next)
			return
		}
		if it.next.IsZero() {
			it.asked = time.Time{} // the wait was not for this ID: its budget begins again
		}
		s.move(id, it, phaseQueued)
	})
}

// pick takes from the queue what goes into one request.
func (s *state) pick() []api.ID {
	room := 1
	if s.count[phaseQueued] > maxWorkers-s.running {
		room = batchSize
	}
	var ids []api.ID
	for len(s.queue) > 0 && len(ids) < room {
		id := s.queue[0]
		it := s.items[id]
		if it != nil && it.phase == phaseQueued {
			if it.alone && len(ids) > 0 {
				break
			}
			s.move(id, it, phaseFetching)
			ids = append(ids, id)
			if it.alone {
				room = 1
			}
		}
		s.queue = s.queue[1:]
	}
	return ids
}

func (s *state) fetch(ids []api.ID) {
	if len(ids) == 0 {
		return
	}
	for _, id := range ids {
		it := s.items[id]
		it.again = false
		if it.asked.IsZero() {
			it.asked = s.now
		}
		if it.first.IsZero() {
			it.first = s.now
		}
	}
	s.watch()
	s.running++
	s.seen.Counters.Fetches++
	s.emit(fetch{gen: s.gen, ids: ids})
}

// watch looks at the budgets when that of an ID asked for now ends.
func (s *state) watch() {
	if due := s.now.Add(budget); s.lookAt.IsZero() || due.Before(s.lookAt) {
		s.lookAt = due
	}
}

// probe asks for one ID while the server does not answer, or the keyring does not open: at the time of the next retry,
// or for an ID that has not been tried.
func (s *state) probe() {
	if s.running > 0 || s.scan.running {
		return
	}
	at := s.down.at
	if next := s.down.last.Add(probeSpacing); s.count[phaseQueued] > 0 && next.Before(at) {
		at = next
	}
	if s.now.Before(at) {
		s.wakeAt(at)
		return
	}
	if s.count[phaseQueued] > 0 {
		for s.running == 0 && len(s.queue) > 0 {
			id := s.queue[0]
			s.queue = s.queue[1:]
			if it := s.items[id]; it != nil && it.phase == phaseQueued {
				s.move(id, it, phaseFetching)
				s.fetch([]api.ID{id})
			}
		}
		return
	}
	var best api.ID
	s.each(phaseRetrying, func(id api.ID, it *item) {
		if best == "" || it.attempts < s.items[best].attempts {
			best = id
		}
	})
	s.move(best, s.items[best], phaseFetching)
	s.fetch([]api.ID{best})
}

// onFetched takes an answer to fetch.
func (s *state) onFetched(e fetched) {
	if e.gen != s.gen {
		return
	}
	s.running--
	if e.err != nil {
		s.onFetchFailed(e)
		return
	}
	s.answered()
	for i := range e.items {
		s.found(&e.items[i], e.known[i])
	}
	s.keep = append(s.keep, e.items...)
	s.changed()
	for _, id := range e.ids {
		it := s.items[id]
		if it == nil || it.phase != phaseFetching {
			continue
		}
		if it.settled {
			s.mark(id, StepDismissed)
			s.settle(id, it)
			continue
		}
		// Not in the answer to a request for several: asked for by itself it says why.
		it.alone = true
		s.move(id, it, phaseQueued)
	}
}

// answered says that the server answers: what waited for that is asked for now, and shown together.
func (s *state) answered() {
	s.gate = retry{}
	if s.access == AccessLocked {
		s.access, s.keyring = AccessActive, retry{}
		s.release()
	}
	if s.down.failures > 0 {
		s.down, s.late = retry{}, false
		s.release()
	}
}

func (s *state) onFetchFailed(e fetched) {
	s.seen.Counters.Failures++
	d := classify(e.err)
	final := d.verdict == verdictDrop || d.verdict == verdictGone
	if final {
		s.answered()
	} else {
		s.failed(d, e.err)
	}
	for _, id := range e.ids {
		it := s.items[id]
		if it == nil || it.phase != phaseFetching {
			continue
		}
		switch {
		case it.settled:
			s.mark(id, StepDismissed)
			s.settle(id, it)
		case final && len(e.ids) > 1: // said of the request, not of each
			it.alone = true
			s.move(id, it, phaseQueued)
		case final:
			if d.verdict == verdictDrop {
				s.seen.Counters.Refused++
				s.mark(id, StepRefused)
			} else {
				s.mark(id, StepGone)
			}
			s.changed()
			s.settle(id, it)
		case d.verdict == verdictSignIn || d.verdict == verdictKeyring:
			it.asked = time.Time{} // the server was not asked
			s.move(id, it, phaseQueued)
		default:
			s.put(id, it, d)
		}
	}
}

// put sets a failed item aside until the next retry. After a day of trying it is left to the cursor, which has not
// passed it: a page that had it would have settled it.
func (s *state) put(id api.ID, it *item, d decision) {
	it.attempts++
	it.busy, it.next = d.verdict == verdictBusy, time.Time{}
	if d.verdict == verdictBroken {
		it.next = s.now.Add(max(d.after, delay(it.attempts, s.rnd())))
	}
	if s.now.Sub(it.first) < giveUp {
		s.move(id, it, phaseRetrying)
		return
	}
	s.remove(id, it)
}

// failed draws the conclusions of a failure that concern more than the IDs asked for.
func (s *state) failed(d decision, err error) {
	t := troubleOf(err)
	switch d.verdict {
	case verdictBusy:
		wait := d.after
		if wait == 0 {
			wait = delay(s.gate.failures+1, s.rnd())
		}
		s.down = retry{}
		if s.gate.pending(s.now) {
			wait = max(wait, s.gate.at.Sub(s.now)) // of calls made together, the longest wish counts
			s.gate.failures--
		}
		s.gate.fail(s.now, wait, t)
		s.retryQueued(true)
	case verdictSignIn:
		s.access = AccessEnded
	case verdictKeyring:
		s.access = AccessLocked
		if !s.keyring.pending(s.now) { // of calls made together, one counts
			s.keyring.fail(s.now, slowDelay(s.keyring.failures+1, s.rnd()), t)
		}
	case verdictRetry, verdictBroken:
		if d.after > 0 {
			return // said of this request alone
		}
		if s.down.pending(s.now) {
			s.down.last = s.now // not a retry whose time had come
		} else {
			s.down.fail(s.now, delay(s.down.failures+1, s.rnd()), t)
		}
		s.retryQueued(false)
	case verdictDrop, verdictGone:
	}
}

// retryQueued makes the queued wait like those that failed: what comes later is tried at once, they have been.
func (s *state) retryQueued(busy bool) {
	s.each(phaseQueued, func(id api.ID, it *item) {
		it.busy = busy
		if it.asked.IsZero() {
			it.asked = s.now
		}
		s.move(id, it, phaseRetrying)
	})
	s.queue = s.queue[:0]
	s.watch()
}

// budgets looks for items that have been asked for in vain for three seconds. Waiting because the server asked for it
// does not count: the person is told nothing.
func (s *state) budgets() {
	if s.late && s.fresh[phaseRetrying]+s.fresh[phaseFetching] == 0 {
		s.late = false
	}
	if s.lookAt.IsZero() {
		return
	}
	if s.now.Before(s.lookAt) {
		s.wakeAt(s.lookAt)
		return
	}
	s.lookAt = time.Time{}
	for _, it := range s.items {
		if !it.fresh() || it.phase != phaseFetching && (it.phase != phaseRetrying || it.busy) {
			continue
		}
		switch due := it.asked.Add(budget); {
		case !s.now.Before(due):
			s.late = true
		case s.lookAt.IsZero() || due.Before(s.lookAt):
			s.lookAt = due
		}
	}
	if !s.lookAt.IsZero() {
		s.wakeAt(s.lookAt)
	}
}
