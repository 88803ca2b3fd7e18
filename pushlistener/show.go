package pushlistener

import (
	"errors"
	"slices"
	"time"

	"securepush/api"
)

// toastState is what the toaster does. One toast is on its way at a time, and the next goes only when it is noted as
// shown: a kill repeats at most one.
type toastState struct {
	busy     bool
	ids      []api.ID // shown by the toast on its way; empty: not ours any more
	group    group
	tag      string
	replaces bool        // it takes the place of the prompt
	noting   bool        // it was shown
	shown    []time.Time // within the last minute
	digestAt time.Time   // the next digest not before
	digested int         // members of the digest that stands
}

// noted lets the next toast go once what was shown is on disk, or the journal cannot take it.
func (t *toastState) noted(items map[api.ID]*item) {
	if !t.busy || !t.noting {
		return
	}
	if len(t.ids) > 0 {
		if it := items[t.ids[0]]; it != nil && it.phase == phaseNoting && it.rec.fate == fateShown {
			return
		}
	}
	t.busy, t.noting, t.ids = false, false, nil
}

// room says whether one more toast fits into this minute, and otherwise when it will.
func (s *state) room() (bool, time.Time) {
	t := &s.toasts
	t.shown = slices.DeleteFunc(t.shown, func(at time.Time) bool { return s.now.Sub(at) >= time.Minute })
	if s.limit == 0 || len(t.shown) < s.limit {
		return true, time.Time{}
	}
	return false, t.shown[0].Add(time.Minute)
}

// spend counts a toast of this minute.
func (s *state) spend() {
	if s.limit > 0 {
		s.toasts.shown = append(s.toasts.shown, s.now)
	}
}

// shows hands the next toast to the toaster. What is found together and is more than three, and what does not fit into
// the minute, goes into one digest, which is replaced in place while it grows.
func (s *state) shows() {
	t := &s.toasts
	if t.busy || s.gather.open || s.stopping || s.toasterDown() {
		return
	}
	room, at := s.room()
	switch {
	case s.count[phaseGeneric] > 0 && room:
		s.showGeneric()
		return
	case len(s.gather.ready) > 0 && room:
		s.showOne()
		return
	case len(s.gather.ready) > 0:
		s.digestReady()
		if first := s.now.Add(digestDelay); t.digestAt.Before(first) {
			t.digestAt = first
		}
	case s.count[phaseGeneric] > 0:
		s.wakeAt(at)
	}
	if s.count[phaseDigesting] == 0 {
		return
	}
	if s.now.Before(t.digestAt) {
		s.wakeAt(t.digestAt)
		return
	}
	s.showDigest()
}

// toasterDown says whether toasts cannot be shown now. Once the wait is over, the oldest is tried.
func (s *state) toasterDown() bool {
	if s.toaster.failures == 0 {
		return false
	}
	if s.toaster.pending(s.now) {
		if s.count[phaseUnshown] > 0 {
			s.wakeAt(s.toaster.at)
		}
		return true
	}
	coming := s.count[phaseQueued] + s.count[phaseFetching] + s.count[phaseReady] + s.count[phaseGeneric] + s.count[phaseDigesting]
	if s.count[phaseUnshown] > 0 && coming == 0 && s.access == AccessActive {
		id := s.inOrder(phaseUnshown)[0]
		s.move(id, s.items[id], phaseQueued)
		s.wakeAt(s.now)
	}
	return false
}

func (s *state) showOne() {
	id := s.gather.ready[0]
	s.gather.ready = s.gather.ready[1:]
	n := s.items[id].content
	s.begin(groupOwn, Tag(id), id)
	t := Toast{Tag: Tag(id), Replaces: s.replaced(), Sender: n.Sender, Priority: n.Priority, Actions: true}
	if s.display.Sender {
		t.Hidden = true
	} else {
		t.Title, t.Body = n.Title, n.Payload
	}
	s.emit(show{t})
}

func (s *state) showGeneric() {
	s.begin(groupGeneric, TagGeneric, s.inOrder(phaseGeneric)...)
	s.emit(showPrompt{tag: TagGeneric, prompt: PromptHidden})
}

func (s *state) showDigest() {
	g, t := &s.gather, &s.toasts
	n := t.digested + s.count[phaseDigesting]
	toast := Toast{Tag: TagDigest, Title: digestTitle(n), Priority: g.urgency}
	for _, l := range g.lines {
		toast.Lines = append(toast.Lines, l.text)
	}
	s.begin(groupDigest, TagDigest, s.inOrder(phaseDigesting)...)
	toast.Replaces = s.replaced()
	s.emit(show{toast})
}

// begin hands items to the toaster.
func (s *state) begin(g group, tag string, ids ...api.ID) {
	t := &s.toasts
	t.busy, t.noting, t.group, t.tag, t.ids, t.replaces = true, false, g, tag, ids, false
	for _, id := range ids {
		s.move(id, s.items[id], phaseShowing)
	}
}

// replaced is the tag of the prompt whose place the toast in hand takes: when nothing else waits for the prompt's cause.
func (s *state) replaced() string {
	if (s.prompt.stands || s.prompt.busy) && s.wantPrompt() == PromptNone {
		s.toasts.replaces = true
		return TagPrompt
	}
	return ""
}

// onToasted takes the toaster's answer: what was shown is noted, what was not waits.
func (s *state) onToasted(e toasted) {
	t := &s.toasts
	if len(t.ids) == 0 { // signed out meanwhile
		t.busy = false
		return
	}
	switch {
	case e.err == nil:
		s.onShown()
	case errors.Is(e.err, errors.ErrUnsupported) && t.group != groupGeneric:
		t.busy, s.plain = false, true
		for _, id := range t.ids {
			s.move(id, s.items[id], phaseGeneric)
		}
	default:
		t.busy = false
		s.toasterFailed(e.err)
		s.unshow(phaseShowing)
	}
}

func (s *state) onShown() {
	t := &s.toasts
	back := s.toaster.failures > 0
	s.toaster = retry{}
	n := note{entries: make([]entry, 0, len(t.ids)), finishes: t.ids}
	if t.replaces {
		s.prompt.clear()
		n.prompt = &promptRecord{}
	}
	if t.group == groupDigest {
		t.digestAt = s.now.Add(digestSpacing)
		t.digested += len(t.ids)
	} else {
		s.spend()
	}
	for _, id := range t.ids {
		it := s.items[id]
		if it.fresh() {
			s.seen.Counters.Shown++
		}
		s.mark(id, t.group.step())
		it.rec.fate, it.rec.group = fateShown, t.group
		if s.display.Locked && t.group != groupGeneric {
			it.covered = !it.relight
		} else {
			s.standing.add(stand{id: id, rec: it.rec, live: true, relit: it.relight, urgent: it.urgent})
		}
		n.entries = append(n.entries, entry{id, it.rec})
		s.move(id, it, phaseNoting)
	}
	if s.display.Locked && t.group != groupGeneric { // locked while the toast was on its way
		s.emit(withdraw{t.tag})
		s.endDigest()
	}
	t.noting = true
	s.remember(n)
	if back {
		s.release()
	}
}

// toasterFailed keeps everything that could not be shown until the daemon is back, and tries again now and then.
func (s *state) toasterFailed(err error) {
	s.toaster.fail(s.now, slowDelay(s.toaster.failures+1, s.rnd()), Trouble{Code: api.CodeUnavailable, Words: "Notifications cannot be shown on this desktop right now."})
	s.toaster.err = err
	for _, p := range []phase{phaseReady, phaseGeneric, phaseDigesting} {
		s.unshow(p)
	}
	s.gather.lines, s.gather.urgency = nil, ""
}

// unshow keeps the items of a phase until toasts can be shown.
func (s *state) unshow(p phase) {
	s.each(p, func(id api.ID, it *item) {
		s.ungather(id, it)
		s.mark(id, StepUnshown)
		s.hold(id, it, phaseUnshown)
	})
}

// onDaemonBack tries again what could not be shown. The toasts that stood are gone.
func (s *state) onDaemonBack() {
	s.standing.clear()
	s.endDigest()
	s.prompt.stands = false
	again := s.toaster.failures > 0
	s.toaster = retry{}
	if again {
		s.release()
	}
}
