package present

import (
	"slices"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/assets/words"
)

// MostHours is how many quiet hours there may be.
const MostHours = 20

// Hours are one entry of the quiet hours while it is being written.
type Hours struct {
	Days    []string // of local.Weekdays
	From    string
	To      string
	DaysBad string
	FromBad string
	ToBad   string
	Note    string // what the times mean, where that is not plain
}

// AddHours begins another entry: the nights of all days.
func (s *Settings) AddHours() {
	if !s.Loaded || len(s.Hours) >= MostHours {
		return
	}
	s.EditHours(append(slices.Clone(s.Hours), Hours{Days: local.Weekdays(), From: "22:00", To: "07:00"}))
}

// RemoveHours takes an entry away.
func (s *Settings) RemoveHours(i int) {
	if i >= 0 && i < len(s.Hours) {
		s.EditHours(slices.Delete(slices.Clone(s.Hours), i, i+1))
	}
}

// SetHours changes an entry. It is saved when nothing is wrong in any.
func (s *Settings) SetHours(i int, h Hours) {
	if i < 0 || i >= len(s.Hours) {
		return
	}
	if old := s.Hours[i]; old.From == h.From && old.To == h.To && slices.Equal(old.Days, h.Days) {
		return
	}
	hours := slices.Clone(s.Hours)
	hours[i] = h
	s.EditHours(hours)
}

// HoursTooMuch says beside the times of an entry that something was too long to be put in, and has been left out.
func (s *Settings) HoursTooMuch(i int, from bool, bytes int) {
	if i < 0 || i >= len(s.Hours) {
		return
	}
	bad := &s.Hours[i].ToBad
	if from {
		bad = &s.Hours[i].FromBad
	}
	*bad = s.w.ComposePasteTooLong(kilobytes(s.w, bytes))
	s.Changed()
}

// EditHours shows other quiet hours, and saves them when nothing is wrong in any.
func (s *Settings) EditHours(hours []Hours) {
	if !s.Loaded {
		return
	}
	v, good := s.Values, true
	v.QuietHours = nil
	for i := range hours {
		entry, ok := readHours(s.w, &hours[i])
		v.QuietHours = append(v.QuietHours, entry)
		good = good && ok
	}
	s.Hours = hours
	delete(s.Wrong, FieldHours)
	if good {
		s.Apply(v)
	}
	s.Changed()
}

// showHours takes over what the agent has. What is being written and is not right yet stays.
func (s *Settings) showHours() {
	for _, h := range s.Hours {
		if h.DaysBad+h.FromBad+h.ToBad != "" {
			return
		}
	}
	hours := make([]Hours, len(s.Values.QuietHours))
	for i, h := range s.Values.QuietHours {
		hours[i] = Hours{Days: slices.Clone(h.Days), From: h.From, To: h.To}
		readHours(s.w, &hours[i])
	}
	s.Hours = hours
}

// readHours reads an entry and says in it what is wrong, and what it means.
func readHours(w *words.Words, h *Hours) (local.QuietHours, bool) {
	h.DaysBad, h.FromBad, h.ToBad, h.Note = "", "", "", ""
	if len(h.Days) == 0 {
		h.DaysBad = w.QuietNoDay()
	}
	from, fromGood := clockOf(h.From)
	to, toGood := clockOf(h.To)
	if !fromGood || from == "24:00" {
		h.FromBad = w.QuietBadTime()
	} else {
		h.From = from
	}
	if !toGood {
		h.ToBad = w.QuietBadTime()
	} else {
		h.To = to
	}
	if h.DaysBad+h.FromBad+h.ToBad != "" {
		return local.QuietHours{}, false
	}
	switch {
	case to == from:
		h.Note = w.QuietWholeDay()
	case to < from:
		h.Note = w.QuietOverNight(to)
	}
	return local.QuietHours{Days: h.Days, From: from, To: to}, true
}

// mostClock is the longest text that is read as a time.
const mostClock = 12

// clockOf reads a time of day as people write it: 22:00, 7:30, 7.30, 0730, 22.
func clockOf(typed string) (string, bool) {
	if len(typed) > mostClock {
		return "", false
	}
	s := strings.ReplaceAll(strings.TrimSpace(typed), ".", ":")
	if !strings.Contains(s, ":") {
		switch len(s) {
		case 1, 2:
			s += ":00"
		case 3, 4:
			s = s[:len(s)-2] + ":" + s[len(s)-2:]
		}
	}
	if s == "24:00" {
		return s, true
	}
	t, err := time.Parse("15:04", s)
	return t.Format("15:04"), err == nil
}

func sameHours(a, b []local.QuietHours) bool {
	return slices.EqualFunc(a, b, func(x, y local.QuietHours) bool {
		return x.From == y.From && x.To == y.To && slices.Equal(x.Days, y.Days)
	})
}

// WithDay puts a day into a list of days or takes it out, in the order of the week.
func WithDay(days []string, day string, on bool) (out []string) {
	for _, d := range local.Weekdays() {
		if d == day && on || d != day && slices.Contains(days, d) {
			out = append(out, d)
		}
	}
	return out
}
