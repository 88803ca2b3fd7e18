// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// DateClock says: {hour}:{minute}
func (w *Words) DateClock(hour string, minute string) string {
	return w.fill("date.clock", "hour", hour, "minute", minute)
}

// DateClockSeconds says: {hour}:{minute}:{second}
func (w *Words) DateClockSeconds(hour string, minute string, second string) string {
	return w.fill("date.clock_seconds", "hour", hour, "minute", minute, "second", second)
}

// DateDay says: {day} {month}
func (w *Words) DateDay(day string, month string) string {
	return w.fill("date.day", "day", day, "month", month)
}

// DateDayAt says: {day} at {time}
func (w *Words) DateDayAt(day string, time string) string {
	return w.fill("date.day_at", "day", day, "time", time)
}

// DateDayShort says: {day} {month}
func (w *Words) DateDayShort(day string, month string) string {
	return w.fill("date.day_short", "day", day, "month", month)
}

// DateFull says: {weekday}, {date}, {time}
func (w *Words) DateFull(weekday string, date string, time string) string {
	return w.fill("date.full", "weekday", weekday, "date", date, "time", time)
}

// DateMinutes says: {n} min · {n} min
func (w *Words) DateMinutes(n int) string { return w.count("date.minutes", n) }

// DateMoment says: {date}, {time}
func (w *Words) DateMoment(date string, time string) string {
	return w.fill("date.moment", "date", date, "time", time)
}

// DateMonths says: January · February · March · April · May · June · July · August · September · October · N…
func (w *Words) DateMonths(i int) string { return w.item("date.months", i) }

// DateMonthsShort says: Jan · Feb · Mar · Apr · May · Jun · Jul · Aug · Sep · Oct · Nov · Dec
func (w *Words) DateMonthsShort(i int) string { return w.item("date.months_short", i) }

// DateNow says: now
func (w *Words) DateNow() string { return w.say("date.now") }

// DateToday says: Today
func (w *Words) DateToday() string { return w.say("date.today") }

// DateTomorrowAt says: tomorrow at {time}
func (w *Words) DateTomorrowAt(time string) string { return w.fill("date.tomorrow_at", "time", time) }

// DateWeekdays says: Sunday · Monday · Tuesday · Wednesday · Thursday · Friday · Saturday
func (w *Words) DateWeekdays(i int) string { return w.item("date.weekdays", i) }

// DateWeekdaysShort says: Sun · Mon · Tue · Wed · Thu · Fri · Sat
func (w *Words) DateWeekdaysShort(i int) string { return w.item("date.weekdays_short", i) }

// DateYear says: {day} {month} {year}
func (w *Words) DateYear(day string, month string, year string) string {
	return w.fill("date.year", "day", day, "month", month, "year", year)
}

// DateYearShort says: {day} {month} {year}
func (w *Words) DateYearShort(day string, month string, year string) string {
	return w.fill("date.year_short", "day", day, "month", month, "year", year)
}

// DateYesterday says: Yesterday
func (w *Words) DateYesterday() string { return w.say("date.yesterday") }

// DateYesterdayAt says: yesterday at {time}
func (w *Words) DateYesterdayAt(time string) string { return w.fill("date.yesterday_at", "time", time) }
