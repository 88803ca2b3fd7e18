package agent

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"time"

	"securepush/agent/local"
)

// alarm calls somebody when the wall clock says so. It has one timer, which is set anew when something has changed.
type alarm struct {
	now   func() time.Time
	ring  func()           // at the start, at each time that was asked for, and after each change
	next  func() time.Time // when to ring next; zero: only after a change
	again chan struct{}    // has room for one
}

// reset says that something has changed: the settings, the clock, the time zone, or the machine slept, in which timers stand
// still. It does not wait.
func (a *alarm) reset() {
	select {
	case a.again <- struct{}{}:
	default: // it will look anyway
	}
}

// run rings until ctx ends.
func (a *alarm) run(ctx context.Context) {
	for {
		a.ring()
		var due <-chan time.Time
		timer := time.NewTimer(0)
		if at := a.next(); !at.IsZero() {
			timer.Reset(at.Sub(a.now())) // by the wall clock: at has no other
			due = timer.C
		}
		select {
		case <-ctx.Done():
		case <-a.again:
		case <-due:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

const day = 24 * time.Hour

// defaultKeepDays is for how long content is kept when the person does not say.
const defaultKeepDays = 30

// newAlarm begins and ends quiet times, and once a day removes the content that has been kept for long enough.
func (a *Agent) newAlarm() *alarm {
	var swept time.Time
	var days int
	ring := func() {
		a.setZone(systemZone())
		if d := keepDays(a.settings.get()); d != days || !a.now().Before(swept.Add(day)) {
			swept, days = a.now().Round(0), d
			for _, st := range a.all() {
				st.sweep(d)
			}
		}
		a.displayAnew()
		a.publishStatus()
	}
	next := func() time.Time {
		_, at := quietAt(a.settings.get(), a.wallClock())
		if daily := swept.Add(day); at.IsZero() || daily.Before(at) {
			return daily
		}
		return at
	}
	return &alarm{now: a.now, ring: ring, next: next, again: make(chan struct{}, 1)}
}

// wallClock is the time by a clock on the wall where the person is.
func (a *Agent) wallClock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now().In(a.zone)
}

func keepDays(s local.Settings) int {
	if s.KeepDays == 0 {
		return defaultKeepDays
	}
	return s.KeepDays
}

// sweep removes content that was sent too long ago.
func (st *seat) sweep(days int) {
	removed, err := st.journal.KeepFor(time.Duration(days) * day)
	if err != nil {
		st.log.Warn("old content cannot be removed", slog.Any("error", err))
	}
	if removed > 0 {
		st.log.Info("old content was removed", slog.Int("items", removed))
		st.publishInbox()
	}
}

func (a *Agent) setZone(zone *time.Location) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.zone = zone
}

// localtime is the system's time zone where Unix has it.
const localtime = "/etc/localtime"

// systemZone is the present time zone. Go reads it once, at the start of a process; a person who travels changes it later.
func systemZone() *time.Location {
	if _, fixed := os.LookupEnv("TZ"); fixed || runtime.GOOS == "windows" {
		return time.Local
	}
	b, err := os.ReadFile(localtime)
	if err != nil {
		return time.Local
	}
	zone, err := time.LoadLocationFromTZData("Local", b)
	if err != nil {
		return time.Local
	}
	return zone
}
