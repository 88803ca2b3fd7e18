package present

import (
	"strconv"
	"time"
)

// Clock is the time of day as the window writes it.
func Clock(t time.Time) string { return t.Format("15:04") }

// Moment is a point in time seen from now: "now", "5 min", "14:32" today, "Yesterday", "Fri", "21 Nov", "21 Nov 2025".
func Moment(t, now time.Time) string {
	t = t.In(now.Location())
	age := now.Sub(t)
	switch days := daysBetween(t, now); {
	case age >= -time.Minute && age < time.Minute:
		return "now"
	case age > 0 && age < time.Hour:
		return strconv.Itoa(int(age/time.Minute)) + " min"
	case days == 0:
		return Clock(t)
	case days == 1:
		return "Yesterday"
	case days > 1 && days < 7:
		return t.Format("Mon")
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	default:
		return t.Format("2 Jan 2006")
	}
}

// Since is a point in the past within a sentence: "14:02", "yesterday at 14:02", "21 November at 14:02".
func Since(t, now time.Time) string {
	t = t.In(now.Location())
	switch daysBetween(t, now) {
	case 0:
		return Clock(t)
	case 1:
		return "yesterday at " + Clock(t)
	default:
		return t.Format("2 January") + " at " + Clock(t)
	}
}

// Day is the heading above what came on one day.
func Day(t, now time.Time) string {
	t = t.In(now.Location())
	switch days := daysBetween(t, now); {
	case days <= 0:
		return "Today"
	case days == 1:
		return "Yesterday"
	case days < 7:
		return t.Format("Monday")
	case t.Year() == now.Year():
		return t.Format("2 January")
	default:
		return t.Format("2 January 2006")
	}
}

// daysBetween counts midnights from t to now, by the calendar of now's zone.
func daysBetween(t, now time.Time) int {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) // whole days, whatever daylight saving does
	}
	return int(midnight(now).Sub(midnight(t)) / (24 * time.Hour))
}
