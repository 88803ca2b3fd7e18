package present

import (
	"context"

	"securepush/agent/local"
	"securepush/assets/words"
)

// Starter says whether the agent starts at login, and changes that.
type Starter interface {
	Autostart(ctx context.Context) (local.Autostart, error)
	SetAutostart(ctx context.Context, enabled bool) (local.Autostart, error)
}

// Autostart presents whether the agent starts at login. A choice applies at once and is taken back when it cannot be had.
type Autostart struct {
	Changed func()

	Loaded    bool
	Supported bool
	Enabled   bool
	Busy      bool
	Bad       string

	agent Starter
	work  *Work
	w     *words.Words
	turn  int // answers to what was asked in an earlier one are dropped
}

// NewAutostart makes one.
func NewAutostart(agent Starter, work *Work, w *words.Words) *Autostart {
	return &Autostart{Changed: func() {}, agent: agent, work: work, w: w}
}

// Load asks how it is.
func (a *Autostart) Load() {
	if !a.Busy {
		a.ask(a.agent.Autostart)
	}
}

// Set chooses.
func (a *Autostart) Set(enabled bool) {
	if a.Busy || !a.Loaded || !a.Supported || enabled == a.Enabled {
		return
	}
	before := a.Enabled
	a.Busy, a.Enabled, a.Bad = true, enabled, ""
	a.ask(func(ctx context.Context) (local.Autostart, error) {
		now, err := a.agent.SetAutostart(ctx, enabled)
		if err != nil {
			now = local.Autostart{Supported: true, Enabled: before}
		}
		return now, err
	})
	a.Changed()
}

func (a *Autostart) ask(call func(context.Context) (local.Autostart, error)) {
	a.turn++
	turn, chosen := a.turn, a.Busy
	a.work.Go(func(ctx context.Context) func() {
		now, err := call(ctx)
		return func() {
			if turn != a.turn {
				return
			}
			a.Busy, a.Bad = false, ""
			if err != nil {
				a.Bad = problemWords(a.w, err)
			}
			if err == nil || chosen {
				a.Loaded, a.Supported, a.Enabled = true, now.Supported, now.Enabled
			}
			a.Changed()
		}
	})
}

// GoesOnUnseen says whether there is no tray in which the agent is seen while no window is.
func (s *Shell) GoesOnUnseen() bool {
	return s.status != nil && !s.gone && s.status.Listening && !s.status.Tray
}
