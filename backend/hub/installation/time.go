package installation

import "time"

// layouts are those of the clients: .NET, Java and JavaScript write seconds, with or without a fraction, which Go reads in
// any case; Android and the documentation do without. Time without a zone is UTC.
var layouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04",
}

// tick is the precision of the service's times.
const tick = 100 * time.Nanosecond

// parseTime reads when an installation expires. No text, .NET's first moment and its last one are all: never, which is the
// zero time.
func parseTime(s string) (t time.Time, known bool) {
	if s == "" {
		return time.Time{}, true
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC().Truncate(tick)
			if t.Year() <= 1 || t.Year() >= 9999 {
				return time.Time{}, true
			}
			return t, true
		}
	}
	return time.Time{}, false
}

// formatTime writes a time as the service does.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return "9999-12-31T23:59:59.9999999Z"
	}
	return t.Format("2006-01-02T15:04:05.0000000Z")
}
