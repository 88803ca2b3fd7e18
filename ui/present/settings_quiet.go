package present

import (
	"context"
	"time"

	"securepush/agent/local"
	"securepush/assets/words"
)

// Quieter asks the agent to show nothing for a while.
type Quieter interface {
	Pause(ctx context.Context, until time.Time) (local.Status, error)
	Resume(ctx context.Context) (local.Status, error)
}

// Quiet presents do not disturb: whether it is on and why, and what can be done about it.
type Quiet struct {
	Changed func()

	On        bool
	CanResume bool   // the desktop's own do not disturb ends on the desktop
	Muted     bool   // it is the account that is muted
	Words     string // "Paused until 15:10"
	Advice    string // what that means
	Bad       string // why the last choice was not taken
	Busy      bool

	agent Quieter
	work  *Work
	w     *words.Words
	now   func() time.Time
	taken func(local.Status)

	unmute func()
}

// newQuiet makes one. taken is told the status that follows from a choice.
func newQuiet(agent Quieter, work *Work, w *words.Words, now func() time.Time, taken func(local.Status)) *Quiet {
	return &Quiet{Changed: func() {}, agent: agent, work: work, w: w, now: now, taken: taken, unmute: func() {}}
}

// tell follows the status.
func (q *Quiet) tell(s *local.Status) {
	q.On, q.CanResume, q.Muted, q.Words, q.Advice = false, false, false, "", ""
	if s == nil || s.Quiet == nil {
		return
	}
	q.On, q.CanResume, q.Muted = true, s.Quiet.Reason != local.QuietDesktop, s.Quiet.Reason == local.QuietMuted
	q.Words, q.Advice = quietWords(q.w, *s.Quiet, q.now())
}

// quietWords say why it is quiet, and what follows from it.
func quietWords(w *words.Words, q local.Quiet, now time.Time) (title, advice string) {
	advice = w.QuietLater()
	if q.Urgent {
		advice += " " + w.QuietUrgentAtOnce()
	}
	switch {
	case q.Reason == local.QuietMuted:
		return w.AccountIsMuted(), w.AccountMutedText()
	case q.Reason == local.QuietDesktop:
		return w.TrayDesktopQuiet(), advice
	case q.Reason == local.QuietPause && q.Until != nil:
		return w.TrayPausedUntil(w.Since(*q.Until, now)), advice
	case q.Reason == local.QuietPause:
		return w.QuietPaused(), advice
	case q.Until != nil:
		return w.TrayQuietHoursUntil(w.Since(*q.Until, now)), advice
	default:
		return w.TrayQuietHours(), advice
	}
}

// PauseFor shows nothing for a while.
func (q *Quiet) PauseFor(d time.Duration) { q.pause(q.now().Add(d)) }

// PauseUntilTomorrow shows nothing until the morning.
func (q *Quiet) PauseUntilTomorrow() { q.pause(local.Tomorrow(q.now())) }

func (q *Quiet) pause(until time.Time) {
	q.do(func(ctx context.Context) (local.Status, error) { return q.agent.Pause(ctx, until) })
}

// Resume ends a pause, and the quiet hours of this time; or the account is muted no more.
func (q *Quiet) Resume() {
	if q.Muted {
		q.unmute()
		return
	}
	q.do(q.agent.Resume)
}

func (q *Quiet) do(call func(context.Context) (local.Status, error)) {
	if q.Busy {
		return
	}
	q.Busy, q.Bad = true, ""
	q.work.Go(func(ctx context.Context) func() {
		s, err := call(ctx)
		return func() {
			q.Busy = false
			if err != nil {
				q.Bad = problemWords(q.w, err)
			} else {
				q.taken(s)
			}
			q.Changed()
		}
	})
	q.Changed()
}
