package agent

import (
	"slices"
	"time"

	"securepush/agent/local"
	"securepush/api"
)

// quietSpan is a time in which nothing is shown.
type quietSpan struct {
	reason   local.QuietReason
	from, to time.Time
}

// How far around a moment quiet hours are looked for: those that began before it, and those until they repeat.
const (
	spanDaysBefore = 2
	spanDaysAfter  = 8
	week           = 7 * 24 * time.Hour
)

// quietAt says why it is quiet at t, "" for not, and when that changes next: the zero time if it never does. What follows on
// each other without a gap is one quiet time, and its reason is what it ends with. Quiet hours go by the clock of t's location.
func quietAt(s local.Settings, t time.Time) (reason local.QuietReason, until time.Time) {
	spans := []quietSpan{{local.QuietPause, time.Time{}, time.Unix(s.QuietUntil, 0).In(t.Location())}}
	for _, h := range s.QuietHours {
		spans = appendHours(spans, h, t)
	}
	resumed := time.Unix(s.ResumedUntil, 0)
	for i := 1; i < len(spans); i++ {
		if spans[i].from.Before(resumed) {
			spans[i].from = resumed
		}
	}
	until = t
	for grown := true; grown; {
		grown = false
		for _, span := range spans {
			if !until.Before(span.from) && until.Before(span.to) {
				reason, until, grown = span.reason, span.to, true
			}
		}
	}
	switch {
	case reason == local.QuietHoursOn && until.Sub(t) > week: // all around the week
		return reason, time.Time{}
	case reason != "":
		return reason, until
	}
	until = time.Time{}
	for _, span := range spans {
		if span.from.After(t) && span.from.Before(span.to) && (until.IsZero() || span.from.Before(until)) {
			until = span.from
		}
	}
	return "", until.In(t.Location())
}

// appendHours adds the times around t at which h holds.
func appendHours(spans []quietSpan, h local.QuietHours, t time.Time) []quietSpan {
	from, to, err := hoursOf(h)
	if err != nil {
		return spans
	}
	overnight := 0
	if to <= from {
		overnight = 1
	}
	for day := -spanDaysBefore; day <= spanDaysAfter; day++ {
		date := time.Date(t.Year(), t.Month(), t.Day()+day, 0, 0, 0, 0, time.UTC)
		if !slices.Contains(h.Days, local.Weekdays()[(date.Weekday()+6)%7]) {
			continue
		}
		spans = append(spans, quietSpan{
			local.QuietHoursOn, atClock(date, from, t.Location()), atClock(date.AddDate(0, 0, overnight), to, t.Location()),
		})
	}
	return spans
}

// atClock is the first moment of a date at which a clock on the wall shows clock or more. Where the clock is put forward over
// it, that is the moment of the change; where it shows it twice, the first.
func atClock(date time.Time, clock time.Duration, zone *time.Location) time.Time {
	wall := date.Add(clock)
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
	_, offset := t.Zone()
	begin, end := t.ZoneBounds()
	switch shown := t.Add(time.Duration(offset) * time.Second).UTC(); {
	case shown.After(wall):
		return begin.In(zone)
	case shown.Before(wall):
		return end.In(zone)
	case begin.IsZero():
		return t
	}
	_, before := begin.Add(-time.Second).Zone()
	if first := t.Add(time.Duration(offset-before) * time.Second); first.Before(begin) && before > offset {
		return first
	}
	return t
}

// hoursOf reads the times of quiet hours, as times of the day.
func hoursOf(h local.QuietHours) (from, to time.Duration, err error) {
	if from, err = timeOfDay(h.From); err != nil {
		return 0, 0, err
	}
	if h.To == "24:00" {
		return from, 0, nil
	}
	to, err = timeOfDay(h.To)
	return from, to, err
}

func timeOfDay(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err
}

// quiet says whether and why nothing is shown now, of whatever account; nil: it is.
func (a *Agent) quiet() *local.Quiet {
	s := a.settings.get()
	a.mu.Lock()
	inhibited := a.inhibited
	a.mu.Unlock()
	reason, until := quietAt(s, a.wallClock())
	switch {
	case reason == "" && inhibited:
		return &local.Quiet{Reason: local.QuietDesktop}
	case reason == "":
		return nil
	}
	return &local.Quiet{Reason: reason, Until: optional(until), Urgent: s.UrgentBreaksThrough && !inhibited}
}

// quiet is the same for one account. Muted comes first: a pause ends by itself.
func (st *seat) quiet() *local.Quiet {
	if st.choices().Muted {
		return &local.Quiet{Reason: local.QuietMuted}
	}
	return st.a.quiet()
}

// fillQuiet says that nothing is shown for now, because it is wanted so.
func fillQuiet(s *local.Status, q *local.Quiet, now time.Time) {
	if s.Quiet = q; q == nil {
		return
	}
	s.Conditions = append(s.Conditions, local.Condition{
		Code: q.Code(), Severity: local.SeverityInfo, Since: now, Title: q.Words(now), Advice: q.Advice(),
	})
}

// longestPause is what a pause may last.
const longestPause = 366 * 24 * time.Hour

// pause shows nothing before until.
func (a *Agent) pause(until time.Time) error {
	wrong := ""
	switch left := until.Sub(a.now()); {
	case left <= 0:
		wrong = "A pause ends later than now."
	case left > longestPause:
		wrong = "A pause lasts a year at most."
	}
	if wrong != "" {
		p := api.NewProblem(api.CodeInvalidField, wrong)
		p.Field = "until"
		return p
	}
	return a.changeSettings(func(s *local.Settings) { s.QuietUntil = until.Unix() })
}

// resume ends a pause and, if there are some now, the quiet hours of this time.
func (a *Agent) resume() error {
	now := a.wallClock()
	return a.changeSettings(func(s *local.Settings) {
		s.QuietUntil = 0
		reason, until := quietAt(*s, now)
		switch {
		case reason == "":
		case until.IsZero():
			s.ResumedUntil = now.Add(24 * time.Hour).Unix()
		default:
			s.ResumedUntil = until.Unix()
		}
	})
}

// setInhibited notes that the desktop wants no notifications, or wants them again.
func (a *Agent) setInhibited(on bool) {
	a.mu.Lock()
	a.inhibited = on
	a.mu.Unlock()
	a.concealTray(on)
	a.displayAnew()
	a.publishStatus()
}
