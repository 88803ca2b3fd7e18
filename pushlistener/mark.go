package pushlistener

import (
	"time"

	"securepush/api"
)

// Step is a step on the way of a notification. Its text is stable.
type Step string

// The steps, and the ends.
const (
	StepPushed        Step = "pushed"        // a push brought the ID
	StepFound         Step = "found"         // a catch-up found it, with its content
	StepFetched       Step = "fetched"       // its content is here
	StepShown         Step = "shown"         // the notification daemon took its toast
	StepDigest        Step = "digest"        // the same, as one of several
	StepGeneric       Step = "generic"       // the same, without content
	StepQuiet         Step = "quiet"         // held back: nothing is to be shown now
	StepLocked        Step = "locked"        // held back: the screen is locked
	StepUnshown       Step = "unshown"       // the desktop did not take the toast; tried again
	StepRead          Step = "read"          // it has been read elsewhere
	StepDismissed     Step = "dismissed"     // read or removed on this device
	StepExpired       Step = "expired"       //
	StepGone          Step = "gone"          // the server has it no more
	StepRefused       Step = "refused"       // the server does not give it to this account
	StepKnown         Step = "known"         // shown or settled before, and nothing new
	StepLater         Step = "later"         // left to the next catch-up
	StepNobody        Step = "nobody"        // nobody is signed in
	StepNotAnID       Step = "not_an_id"     // the push opened, but to something else
	StepUndecryptable Step = "undecryptable" // the push did not open
)

// Mark says that a notification has come to a step. ID is empty for a push that has none.
type Mark struct {
	ID   api.ID
	Step Step
	At   time.Time
}

const maxMarks = 64 // for which memory is kept

// mark notes a step for whoever traces.
func (s *state) mark(id api.ID, step Step) {
	if s.traced {
		s.marks = append(s.marks, Mark{id, step, s.now})
	}
}

// step is the mark of a toast of the group.
func (g group) step() Step {
	switch g {
	case groupDigest:
		return StepDigest
	case groupGeneric:
		return StepGeneric
	case groupOwn:
	}
	return StepShown
}

// trace hands over what the last step of the state has marked.
func (l *Listener) trace() {
	for _, m := range l.state.marks {
		l.o.Trace(m)
	}
	if l.state.marks = l.state.marks[:0]; cap(l.state.marks) > maxMarks {
		l.state.marks = nil // after a flood
	}
}
