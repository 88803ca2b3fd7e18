package pushlistener

import "time"

// promptState is the generic prompt. An episode lasts as long as its cause; in it the prompt is shown once, and again
// after a day if something new came. The record is on disk, so that a restart does not begin the episode anew.
type promptState struct {
	rec     promptRecord
	stands  bool // as far as is known
	busy    bool // the toaster has it
	arrived bool // an ID came since it was shown
	hidden  bool // one came that may not be shown now
}

func (p *promptState) clear() { *p = promptState{busy: p.busy} }

// wantPrompt is the prompt that the present state calls for.
func (s *state) wantPrompt() Prompt {
	waiting := s.fresh[phaseQueued] + s.fresh[phaseFetching] + s.fresh[phaseRetrying]
	switch {
	case s.display.Quiet:
		if s.display.Locked && s.display.Urgent && s.urgentHidden() {
			return PromptHidden
		}
		return PromptNone
	case s.access == AccessEnded && waiting > 0:
		return PromptSignIn
	case s.access == AccessLocked && waiting > 0:
		return PromptKeyring
	case s.late && s.access == AccessActive && waiting > 0:
		return PromptUnreachable
	case s.display.Locked && s.fresh[phaseHidden] > 0:
		return PromptHidden
	default:
		return PromptNone
	}
}

// urgentHidden says whether something urgent may not be shown now.
func (s *state) urgentHidden() bool {
	for _, it := range s.items {
		if it.phase == phaseHidden && it.urgent && it.fresh() {
			return true
		}
	}
	return false
}

// coming says whether content is about to take the prompt's place.
func (s *state) coming() bool {
	soon := s.fresh[phaseFetching] + s.fresh[phaseReady] + s.fresh[phaseGeneric] + s.fresh[phaseDigesting] + s.fresh[phaseShowing]
	return soon > 0 || s.gather.open || s.fresh[phaseQueued] > 0 && !s.gate.pending(s.now)
}

// prompts shows, replaces or withdraws the generic prompt.
func (s *state) prompts() {
	p := &s.prompt
	if p.busy || s.stopping {
		return
	}
	want := s.wantPrompt()
	if want == PromptNone {
		if p.rec.prompt == PromptNone || s.coming() {
			return
		}
		if p.stands {
			s.emit(withdraw{TagPrompt})
		}
		p.clear()
		s.remember(note{prompt: &promptRecord{}})
		return
	}
	if want == p.rec.prompt && !s.repeats(want) {
		return
	}
	if s.toaster.pending(s.now) {
		s.wakeAt(s.toaster.at)
		return
	}
	p.busy, p.arrived, p.hidden = true, false, false
	s.emit(showPrompt{tag: TagPrompt, prompt: want})
}

// repeats says whether the prompt of an episode may be shown once more: the one of the lock screen for each that comes,
// like any toast; the others after a day, if something new came.
func (s *state) repeats(want Prompt) bool {
	p := &s.prompt
	if want == PromptHidden {
		room, _ := s.room()
		return p.hidden && room
	}
	return p.arrived && s.now.Sub(p.rec.at) >= promptAgain
}

// onPrompted takes the toaster's answer.
func (s *state) onPrompted(e prompted) {
	p := &s.prompt
	p.busy = false
	if s.access == AccessNone {
		return
	}
	if e.err != nil {
		s.toasterFailed(e.err)
		return
	}
	p.stands = true
	p.rec = promptRecord{prompt: e.prompt, at: s.now.Round(time.Millisecond)}
	s.seen.Counters.Prompts++
	if e.prompt == PromptHidden {
		s.spend()
	}
	rec := p.rec
	s.remember(note{prompt: &rec})
}
