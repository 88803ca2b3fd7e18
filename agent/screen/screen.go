package screen

import (
	"context"
	"log/slog"
	"time"
)

// State is what is known of the desktop.
type State struct {
	// Locked says that somebody else may be looking: the screen is locked or is about to be, the machine is about to sleep,
	// or whoever knows does not answer. A desktop without anyone who could lock it counts as unlocked, and so does an idle one.
	Locked bool
}

// Options of a watch. Changed and Woke are required; they are called from goroutines of the watch, one call of each at a time, never
// after Watch has returned, and must return soon.
type Options struct {
	Changed    func(State)   // at the start, if the screen is locked, and at each change
	Woke       func()        // the machine woke up
	ClockSet   func()        // the clock was set back, or the time zone changed; nil: not wanted
	SessionBus string        // address; "": as the environment says
	SystemBus  string        // address; "": as the environment says
	Timeout    time.Duration // of each question; 0: 2 s
	Logger     *slog.Logger

	retry time.Duration // 0: retryDelay
	grace time.Duration // 0: lockGrace
}

const (
	callTimeout = 2 * time.Second
	retryDelay  = 30 * time.Second // after a bus was lost or is not there, or somebody has not answered
	lockGrace   = 5 * time.Second  // from the request for a lock until who locks says that it is done
	clockPeriod = time.Minute      // how often the clocks are compared where nobody tells of sleep
	clockJump   = 20 * time.Second // of the wall clock against the monotonic one, which stops in sleep
)

// watchClocks notices sleep by the clocks alone, until ctx ends.
func watchClocks(ctx context.Context, woke, set func()) {
	last := time.Now()
	tick := time.NewTicker(clockPeriod)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			switch wall, monotonic := now.Round(0).Sub(last.Round(0)), now.Sub(last); {
			case slept(wall, monotonic):
				woke()
			case setBack(wall, monotonic) && set != nil:
				set()
			}
			last = now
		}
	}
}

// slept compares how far both clocks went: the monotonic one stands still in sleep (Linux).
func slept(wall, monotonic time.Duration) bool { return wall-monotonic > clockJump }

// setBack compares them the other way round.
func setBack(wall, monotonic time.Duration) bool { return monotonic-wall > clockJump }
