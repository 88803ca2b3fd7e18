package pushlistener

import (
	"slices"
	"time"

	"securepush/api"
)

const (
	reportSize    = 500         // IDs of one report
	maxReports    = 10_000      // IDs that may wait to be reported; what is beyond is not
	reportSpacing = settleDelay // between one report and the next, unless a catch-up comes before
	reportRefused = time.Hour   // until a back end that does not take reports is tried again
)

// reports is what the back end has yet to hear of what was shown here. Nothing waits for it, and it waits for everything:
// it is told when nothing else is asked, at once after a pause and otherwise with the next catch-up. It is not in the
// journal, so what a kill loses is not told.
type reports struct {
	off     bool     // nobody wants to hear it
	waiting []api.ID // in order
	sending int      // so many of these, the first, are on their way
	next    time.Time
	retry   retry
}

// shown takes in an item whose fate is on disk, if that is to have been shown and not taken away at once, on a locked screen.
func (s *state) shown(id api.ID, it *item) {
	r := &s.reports
	if it == nil || it.phase != phaseNoting || it.rec.fate != fateShown || it.covered || r.off || len(r.waiting) == maxReports {
		return
	}
	r.waiting = append(r.waiting, id)
}

// report tells the back end what was shown.
func (s *state) report() {
	r := &s.reports
	asking := r.sending > 0 || s.running > 0 || s.scan.running || s.toasts.busy
	if len(r.waiting) == 0 || asking || s.reg.want || s.down.failures > 0 || r.retry.pending(s.now) || !s.canAsk() {
		return
	}
	if s.now.Before(r.next) {
		if s.scan.due.IsZero() || s.scan.due.After(r.next) {
			s.wakeAt(r.next)
		}
		return
	}
	r.sending = min(len(r.waiting), reportSize)
	s.emit(report{gen: s.gen, ids: slices.Clone(r.waiting[:r.sending])})
}

// onReported takes the back end's answer. A failure is nobody's trouble: whatever it says about the server, the next fetch
// finds out.
func (s *state) onReported(e reported) {
	r := &s.reports
	if e.gen != s.gen {
		return
	}
	told := r.sending
	r.sending = 0
	if e.err == nil {
		r.retry = retry{}
		r.waiting = r.waiting[told:]
		if r.next = s.now.Add(reportSpacing); told == reportSize {
			r.next = s.now // there may be many more
		}
		if len(r.waiting) == 0 {
			r.waiting = nil
		}
		return
	}
	d := classify(e.err)
	wait := max(d.after, slowDelay(r.retry.failures+1, s.rnd()))
	refused := d.verdict == verdictDrop || d.verdict == verdictGone || d.verdict == verdictBroken && d.after > 0
	if refused && s.reg.channel != (api.PushChannel{}) { // before, it is for want of a registration
		r.waiting, wait = nil, reportRefused
	}
	r.retry.fail(s.now, wait, Trouble{})
}
