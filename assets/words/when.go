package words

import (
	"fmt"
	"strconv"
	"time"
)

// Clock is a time of day: "14:32".
func (w *Words) Clock(t time.Time) string { return w.clock(t, w.DateClock) }

// ClockSeconds is a time of day with its seconds: "14:32:08".
func (w *Words) ClockSeconds(t time.Time) string {
	return w.clock(t, func(hour, minute string) string { return w.DateClockSeconds(hour, minute, two(t.Second())) })
}

func (w *Words) clock(t time.Time, say func(hour, minute string) string) string {
	return say(two(t.Hour()), two(t.Minute()))
}

func two(n int) string { return fmt.Sprintf("%02d", n) }

// Date is a day with its year: "21 November 2026".
func (w *Words) Date(t time.Time) string {
	return w.DateYear(strconv.Itoa(t.Day()), w.month(t), strconv.Itoa(t.Year()))
}

// Weekday is the name of a day: "Saturday".
func (w *Words) Weekday(d time.Weekday) string { return w.DateWeekdays(int(d)) }

// Full is a moment to the second: "Saturday, 21 November 2026, 14:32:08".
func (w *Words) Full(t time.Time) string {
	return w.DateFull(w.Weekday(t.Weekday()), w.Date(t), w.ClockSeconds(t))
}

// DateAndClock is a moment to the minute: "21 November 2026, 14:32".
func (w *Words) DateAndClock(t time.Time) string { return w.DateMoment(w.Date(t), w.Clock(t)) }

func (w *Words) month(t time.Time) string { return w.DateMonths(int(t.Month()) - 1) }

// Moment is a point in time seen from now: "now", "5 min", "14:32" today, "Yesterday", "Fri", "21 Nov", "21 Nov 2025".
func (w *Words) Moment(t, now time.Time) string {
	t = t.In(now.Location())
	age := now.Sub(t)
	day, month := strconv.Itoa(t.Day()), w.DateMonthsShort(int(t.Month())-1)
	switch days := daysBetween(t, now); {
	case age >= -time.Minute && age < time.Minute:
		return w.DateNow()
	case age > 0 && age < time.Hour:
		return w.DateMinutes(int(age / time.Minute))
	case days == 0:
		return w.Clock(t)
	case days == 1:
		return w.DateYesterday()
	case days > 1 && days < 7:
		return w.DateWeekdaysShort(int(t.Weekday()))
	case t.Year() == now.Year():
		return w.DateDayShort(day, month)
	default:
		return w.DateYearShort(day, month, strconv.Itoa(t.Year()))
	}
}

// Since is a point in time within a sentence: "14:02", "yesterday at 14:02", "tomorrow at 9:00", "21 November at 14:02".
func (w *Words) Since(t, now time.Time) string {
	t = t.In(now.Location())
	switch daysBetween(t, now) {
	case 0:
		return w.Clock(t)
	case 1:
		return w.DateYesterdayAt(w.Clock(t))
	case -1:
		return w.DateTomorrowAt(w.Clock(t))
	default:
		return w.DateDayAt(w.DateDay(strconv.Itoa(t.Day()), w.month(t)), w.Clock(t))
	}
}

// Day is the heading above what came on one day.
func (w *Words) Day(t, now time.Time) string {
	t = t.In(now.Location())
	switch days := daysBetween(t, now); {
	case days <= 0:
		return w.DateToday()
	case days == 1:
		return w.DateYesterday()
	case days < 7:
		return w.Weekday(t.Weekday())
	case t.Year() == now.Year():
		return w.DateDay(strconv.Itoa(t.Day()), w.month(t))
	default:
		return w.Date(t)
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
