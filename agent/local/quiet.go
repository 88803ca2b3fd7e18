package local

import "time"

// QuietHours are hours of some days of the week in which nothing is shown. Times are of the clock on the wall, wherever the
// person is, and in every season.
//
// Example: {"days":["mon","tue","wed","thu","fri"],"from":"22:00","to":"07:00"}.
type QuietHours struct {
	Days []string `json:"days" toml:"days"` // of [Weekdays]: those on which it begins
	From string   `json:"from" toml:"from"` // 15:04
	To   string   `json:"to" toml:"to"`     // 15:04; if that is not after From, of the next day
}

// Weekdays are the names of the days in settings, from Monday.
func Weekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// QuietReason says why it is quiet.
type QuietReason string

// The reasons.
const (
	QuietPause   QuietReason = "pause"   // the person paused
	QuietHoursOn QuietReason = "hours"   // quiet hours of the settings
	QuietMuted   QuietReason = "muted"   // the account is muted
	QuietDesktop QuietReason = "desktop" // the desktop wants no notifications: do not disturb is on, or the screen is shared
)

// Quiet says that nothing is shown for now, because it is wanted so.
//
// Example: {"reason":"hours","until":"2026-11-23T07:00:00+01:00"}.
type Quiet struct {
	Reason QuietReason `json:"reason"`
	Until  *time.Time  `json:"until,omitempty"`  // nil: nobody knows
	Urgent bool        `json:"urgent,omitempty"` // urgent notifications are shown all the same
}

// Code is that of the [Condition] that says the same.
func (q Quiet) Code() string {
	switch q.Reason {
	case QuietHoursOn:
		return "quiet_hours"
	case QuietDesktop:
		return "desktop_quiet"
	case QuietMuted:
		return "muted"
	case QuietPause:
	}
	return "paused"
}

// Words say it in a line, such as "Quiet hours until 07:00".
func (q Quiet) Words(now time.Time) string {
	words := ""
	switch q.Reason {
	case QuietPause:
		words = "Paused"
	case QuietHoursOn:
		words = "Quiet hours"
	case QuietMuted:
		return "This account is muted"
	case QuietDesktop:
		return "Your desktop asks not to disturb"
	}
	if q.Until == nil {
		return words
	}
	return words + " until " + until(*q.Until, now)
}

// Advice says what follows from it.
func (q Quiet) Advice() string {
	s := "What comes meanwhile is shown then."
	if q.Until == nil {
		s = "What comes meanwhile is shown when that ends."
	}
	if q.Urgent {
		s += " Urgent ones are shown at once."
	}
	return s
}

// until is the time today, with the day before it in the next week, and otherwise the date.
func until(t, now time.Time) string {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	clock := t.Format("15:04")
	switch days := int(midnight(t).Sub(midnight(now.In(t.Location()))) / (24 * time.Hour)); {
	case days == 0:
		return clock
	case days == 1:
		return "tomorrow " + clock
	case days > 1 && days < 7:
		return t.Format("Monday ") + clock
	default:
		return t.Format("2006-01-02 ") + clock
	}
}

// Morning is the hour at which a pause "until tomorrow" ends, and night the one before which the day has not begun.
const (
	morning = 8
	night   = 5
)

// Tomorrow is the end of a pause "until tomorrow": eight in the morning. In the small hours that is the morning of the same date.
func Tomorrow(now time.Time) time.Time {
	day := now.Day()
	if now.Hour() >= night {
		day++
	}
	return time.Date(now.Year(), now.Month(), day, morning, 0, 0, 0, now.Location())
}

// PauseRequest asks to show nothing before a moment.
//
// Example: {"until":"2026-11-21T14:30:00+01:00"}.
type PauseRequest struct {
	Until time.Time `json:"until"`
}
