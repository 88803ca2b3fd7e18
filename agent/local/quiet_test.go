package local

import (
	"testing"
	"time"
)

func TestQuietIsSaidInALine(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	now := time.Date(2026, 11, 21, 22, 30, 0, 0, time.UTC) // Saturday, half past eleven there
	at := func(day, hour int) *time.Time {
		t := time.Date(2026, 11, day, hour, 0, 0, 0, berlin)
		return &t
	}
	for _, c := range []struct {
		q    Quiet
		want string
	}{
		{Quiet{Reason: QuietPause, Until: at(21, 23)}, "Paused until 23:00"},
		{Quiet{Reason: QuietHoursOn, Until: at(22, 7)}, "Quiet hours until tomorrow 07:00"},
		{Quiet{Reason: QuietHoursOn, Until: at(23, 7)}, "Quiet hours until Monday 07:00"},
		{Quiet{Reason: QuietPause, Until: at(28, 7)}, "Paused until 2026-11-28 07:00"},
		{Quiet{Reason: QuietHoursOn}, "Quiet hours"},
		{Quiet{Reason: QuietDesktop}, "Your desktop asks not to disturb"},
	} {
		if got := c.q.Words(now); got != c.want || c.q.Advice() == "" {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestTomorrowIsTheNextMorning(t *testing.T) {
	for now, want := range map[string]string{
		"2026-11-21 14:00": "2026-11-22 08:00",
		"2026-11-21 05:00": "2026-11-22 08:00",
		"2026-11-22 04:59": "2026-11-22 08:00", // the night is not over
		"2026-12-31 23:00": "2027-01-01 08:00",
	} {
		at, err := time.Parse("2006-01-02 15:04", now)
		if err != nil {
			t.Fatal(err)
		}
		if got := Tomorrow(at).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: %s, want %s", now, got, want)
		}
	}
}
