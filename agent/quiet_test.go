package agent

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/notify"
	"securepush/secure"
)

// place loads a time zone.
func place(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWhetherItIsQuietAndUntilWhen(t *testing.T) {
	every := local.Weekdays()
	nights := []local.QuietHours{{Days: every, From: "22:00", To: "07:00"}}
	workdays := []local.QuietHours{{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "22:00", To: "07:00"}}
	small := []local.QuietHours{{Days: every, From: "02:30", To: "05:00"}}
	const stamp = "2006-01-02 15:04:05 -0700"
	at := func(s string) time.Time {
		when, err := time.Parse(stamp, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		name   string
		hours  []local.QuietHours
		pause  string // its end
		resume string // its end
		zone   string
		at     string
		reason local.QuietReason
		until  string
	}{
		{"without hours and pause it never is", nil, "", "", "UTC", "2026-11-21 12:00:00 +0000", "", ""},
		{"a pause", nil, "2026-11-21 14:30:00 +0000", "", "UTC", "2026-11-21 14:29:59 +0000", local.QuietPause, "2026-11-21 14:30:00 +0000"},
		{"a pause is over at its end", nil, "2026-11-21 14:30:00 +0000", "", "UTC", "2026-11-21 14:30:00 +0000", "", ""},
		{"before the hours", nights, "", "", "UTC", "2026-11-21 21:59:59 +0000", "", "2026-11-21 22:00:00 +0000"},
		{"they begin", nights, "", "", "UTC", "2026-11-21 22:00:00 +0000", local.QuietHoursOn, "2026-11-22 07:00:00 +0000"},
		{"after midnight they are those of the day before", nights, "", "", "UTC", "2026-11-22 06:59:59 +0000", local.QuietHoursOn, "2026-11-22 07:00:00 +0000"},
		{"they end", nights, "", "", "UTC", "2026-11-22 07:00:00 +0000", "", "2026-11-22 22:00:00 +0000"},
		{"the night to Saturday belongs to Friday", workdays, "", "", "UTC", "2026-11-21 03:00:00 +0000", local.QuietHoursOn, "2026-11-21 07:00:00 +0000"},
		{"the night to Sunday is not quiet", workdays, "", "", "UTC", "2026-11-22 03:00:00 +0000", "", "2026-11-23 22:00:00 +0000"},
		{"the same time is a whole day", []local.QuietHours{{Days: []string{"sat", "sun"}, From: "00:00", To: "00:00"}}, "", "", "UTC", "2026-11-20 12:00:00 +0000", "", "2026-11-21 00:00:00 +0000"},
		{"two whole days are one time", []local.QuietHours{{Days: []string{"sat", "sun"}, From: "00:00", To: "24:00"}}, "", "", "UTC", "2026-11-21 12:00:00 +0000", local.QuietHoursOn, "2026-11-23 00:00:00 +0000"},
		{"hours that overlap are one time", append(slices.Clone(nights), local.QuietHours{Days: []string{"sun"}, From: "06:00", To: "12:00"}), "", "", "UTC", "2026-11-21 23:00:00 +0000", local.QuietHoursOn, "2026-11-22 12:00:00 +0000"},
		{"of several the next one counts", append(slices.Clone(workdays), local.QuietHours{Days: []string{"sun"}, From: "13:00", To: "15:00"}), "", "", "UTC", "2026-11-22 12:00:00 +0000", "", "2026-11-22 13:00:00 +0000"},
		{"a pause that leads into the hours ends with them", nights, "2026-11-21 23:00:00 +0000", "", "UTC", "2026-11-21 21:30:00 +0000", local.QuietHoursOn, "2026-11-22 07:00:00 +0000"},
		{"a pause that outlasts the hours is what it is called by", nights, "2026-11-22 09:00:00 +0000", "", "UTC", "2026-11-21 23:00:00 +0000", local.QuietPause, "2026-11-22 09:00:00 +0000"},
		{"all around the week has no end", []local.QuietHours{{Days: every, From: "08:00", To: "08:00"}}, "", "", "UTC", "2026-11-21 12:00:00 +0000", local.QuietHoursOn, ""},
		{"resumed hours do not count", nights, "", "2026-11-22 07:00:00 +0000", "UTC", "2026-11-21 23:00:00 +0000", "", "2026-11-22 22:00:00 +0000"},
		{"a pause counts in resumed hours", nights, "2026-11-21 23:30:00 +0000", "2026-11-22 07:00:00 +0000", "UTC", "2026-11-21 23:00:00 +0000", local.QuietPause, "2026-11-21 23:30:00 +0000"},
		{"resumed in the middle of hours that go on", []local.QuietHours{{Days: every, From: "08:00", To: "08:00"}}, "", "2026-11-22 12:00:00 +0000", "UTC", "2026-11-21 12:00:00 +0000", "", "2026-11-22 12:00:00 +0000"},
		{"hours that cannot be read are none", []local.QuietHours{{Days: every, From: "22", To: "07:00"}}, "", "", "UTC", "2026-11-21 23:00:00 +0000", "", ""},

		{"they go by the clock of the place", nights, "", "", "Europe/Berlin", "2026-11-21 21:00:00 +0000", local.QuietHoursOn, "2026-11-22 07:00:00 +0100"},
		{"the same moment elsewhere", nights, "", "", "America/New_York", "2026-11-21 21:00:00 +0000", "", "2026-11-21 22:00:00 -0500"},
		{"and the weekday is that of the place", workdays, "", "", "Asia/Tokyo", "2026-11-22 13:30:00 +0000", "", "2026-11-23 22:00:00 +0900"},
		{"where the clocks go forward the night is an hour shorter", nights, "", "", "Europe/Berlin", "2026-03-28 22:00:00 +0100", local.QuietHoursOn, "2026-03-29 07:00:00 +0200"},
		{"where they go back it is an hour longer", nights, "", "", "Europe/Berlin", "2026-10-24 23:00:00 +0200", local.QuietHoursOn, "2026-10-25 07:00:00 +0100"},
		{"a beginning that no clock shows is the moment of the change", small, "", "", "Europe/Berlin", "2026-03-29 01:59:59 +0100", "", "2026-03-29 03:00:00 +0200"},
		{"and from then on it is quiet", small, "", "", "Europe/Berlin", "2026-03-29 03:00:00 +0200", local.QuietHoursOn, "2026-03-29 05:00:00 +0200"},
		{"a beginning that clocks show twice is the first", small, "", "", "Europe/Berlin", "2026-10-25 02:00:00 +0200", "", "2026-10-25 02:30:00 +0200"},
		{"and it stays quiet the second time", small, "", "", "Europe/Berlin", "2026-10-25 02:00:00 +0100", local.QuietHoursOn, "2026-10-25 05:00:00 +0100"},
		{"the same in a zone west of Greenwich", small, "", "", "America/New_York", "2026-03-08 01:59:59 -0500", "", "2026-03-08 03:00:00 -0400"},
		{"hours that end when no clock shows it end at the change", []local.QuietHours{{Days: every, From: "22:00", To: "02:30"}}, "", "", "Europe/Berlin", "2026-03-29 01:59:59 +0100", local.QuietHoursOn, "2026-03-29 03:00:00 +0200"},
		{"hours that no clock shows at all are none", []local.QuietHours{{Days: []string{"sun"}, From: "02:10", To: "02:50"}}, "", "", "Europe/Berlin", "2026-03-29 00:30:00 +0100", "", "2026-04-05 02:10:00 +0200"},
		{"where half an hour is skipped", []local.QuietHours{{Days: every, From: "02:15", To: "05:00"}}, "", "", "Australia/Lord_Howe", "2026-10-04 01:59:00 +1030", "", "2026-10-04 02:30:00 +1100"},
		{"where a whole day is skipped", nights, "", "", "Pacific/Apia", "2011-12-29 23:00:00 -1000", local.QuietHoursOn, "2011-12-31 07:00:00 +1400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := local.Settings{QuietHours: c.hours}
			if c.pause != "" {
				s.QuietUntil = at(c.pause).Unix()
			}
			if c.resume != "" {
				s.ResumedUntil = at(c.resume).Unix()
			}
			reason, until := quietAt(s, at(c.at).In(place(t, c.zone)))
			got := ""
			if !until.IsZero() {
				got = until.Format(stamp)
			}
			if reason != c.reason || got != c.until {
				t.Errorf("%q until %q, want %q until %q", reason, got, c.reason, c.until)
			}
		})
	}
}

// TestTheFirstMomentOfAClock compares with a walk through every minute of two days, in zones with all kinds of changes.
func TestTheFirstMomentOfAClock(t *testing.T) {
	for _, c := range []struct{ zone, date string }{
		{"UTC", "2026-03-29"},
		{"Europe/Berlin", "2026-03-29"},
		{"Europe/Berlin", "2026-10-25"},
		{"America/New_York", "2026-03-08"},
		{"America/New_York", "2026-11-01"},
		{"Australia/Lord_Howe", "2026-04-05"},
		{"Australia/Lord_Howe", "2026-10-04"},
		{"America/Sao_Paulo", "2018-11-04"}, // at midnight
		{"America/Sao_Paulo", "2018-02-17"},
		{"Pacific/Apia", "2011-12-30"}, // a day that was not
		{"Africa/Casablanca", "2026-02-15"},
	} {
		t.Run(c.zone+" "+c.date, func(t *testing.T) {
			zone := place(t, c.zone)
			date, err := time.Parse(time.DateOnly, c.date)
			if err != nil {
				t.Fatal(err)
			}
			for clock := time.Duration(0); clock < 24*time.Hour; clock += 10 * time.Minute {
				wall := date.Add(clock)
				want := wall.Add(-26 * time.Hour) // before it on any clock
				for shown := want; shown.Before(wall); want = want.Add(time.Minute) {
					y, m, d := want.Add(time.Minute).In(zone).Date()
					hour, minute, _ := want.Add(time.Minute).In(zone).Clock()
					shown = time.Date(y, m, d, hour, minute, 0, 0, time.UTC)
				}
				if got := atClock(date, clock, zone); !got.Equal(want) {
					t.Fatalf("%v: %v, want %v", clock, got, want.In(zone))
				}
			}
		})
	}
}

func TestTheAlarmRingsByTheWallClockAndAtNoOtherTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var offset time.Duration // of the wall clock, which a person sets
		now := func() time.Time { return time.Now().Round(0).Add(offset) }
		rung := make(chan time.Duration, 100)
		times := []time.Duration{time.Hour, 26 * time.Hour}
		a := &alarm{now: now, again: make(chan struct{}, 1)}
		a.ring = func() { rung <- now().Sub(start) }
		a.next = func() time.Time {
			for _, at := range times {
				if start.Add(at).After(now()) {
					return start.Add(at)
				}
			}
			return time.Time{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			a.run(ctx)
		}()
		pass := func(d time.Duration) {
			time.Sleep(d) //nolint:forbidigo // in a bubble, where that takes no time
			synctest.Wait()
		}
		want := func(times ...time.Duration) {
			t.Helper()
			var got []time.Duration
			for len(rung) > 0 {
				got = append(got, <-rung)
			}
			if !slices.Equal(got, times) {
				t.Errorf("it rang at %v, want %v", got, times)
			}
		}
		pass(59 * time.Minute)
		want(0)
		pass(time.Minute)
		want(time.Hour)
		pass(time.Hour)
		offset = 23 * time.Hour // the machine slept, its timers with it
		a.reset()
		synctest.Wait()
		want(25 * time.Hour)
		pass(time.Hour)
		want(26 * time.Hour)
		pass(1000 * time.Hour) // nothing is to come
		want()
		times = append(times, 1027*time.Hour)
		a.reset()
		synctest.Wait()
		want(1026 * time.Hour)
		pass(time.Hour)
		want(1027 * time.Hour)
		cancel()
		<-done
	})
}

func TestAPauseAndItsEndByTheSocket(t *testing.T) {
	w := newWorld(t)
	a, c, _ := w.run(secure.NewMemory())
	ctx := t.Context()
	for name, until := range map[string]time.Time{"the past": time.Now().Add(-time.Second), "years": time.Now().AddDate(2, 0, 0)} {
		if _, err := c.Pause(ctx, until); api.CodeOf(err) != api.CodeInvalidField {
			t.Errorf("%s: %v", name, err)
		}
	}
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	s, err := c.Pause(ctx, until)
	if err != nil || s.Quiet == nil || s.Quiet.Reason != local.QuietPause || !s.Quiet.Until.Equal(until) || !a.first().display().Quiet {
		t.Errorf("%+v, %v", s.Quiet, err)
	}
	if last := s.Conditions[len(s.Conditions)-1]; last.Code != "paused" || last.Severity != local.SeverityInfo {
		t.Errorf("%+v", last)
	}
	if s, err = c.Resume(ctx); err != nil || s.Quiet != nil || a.first().display().Quiet {
		t.Errorf("%+v, %v", s.Quiet, err)
	}
}

func TestQuietHoursCanBeResumedForThisTime(t *testing.T) {
	w := newWorld(t)
	a, c, _ := w.run(secure.NewMemory())
	ctx, now := t.Context(), a.wallClock()
	hours := local.QuietHours{Days: local.Weekdays(), From: now.Add(-time.Hour).Format("15:04"), To: now.Add(2 * time.Hour).Format("15:04")}
	settings := local.Settings{QuietHours: []local.QuietHours{hours}, UrgentBreaksThrough: true}
	if err := c.SaveSettings(ctx, settings); err != nil {
		t.Fatal(err)
	}
	s, err := c.Status(ctx)
	if err != nil || s.Quiet == nil || s.Quiet.Reason != local.QuietHoursOn || !s.Quiet.Urgent || s.Conditions[len(s.Conditions)-1].Code != "quiet_hours" {
		t.Fatalf("%+v, %v", s, err)
	}
	if d := a.first().display(); !d.Quiet || !d.Urgent {
		t.Errorf("%+v", d)
	}
	if _, err := c.Pause(ctx, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if s, err = c.Resume(ctx); err != nil || s.Quiet != nil || a.first().display().Quiet {
		t.Fatalf("resumed: %+v, %v", s.Quiet, err)
	}
	if got, err := c.Settings(ctx); err != nil || got.ResumedUntil <= now.Unix() || got.QuietUntil != 0 || len(got.QuietHours) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	settings.QuietHours[0].To = now.Add(3 * time.Hour).Format("15:04")
	if err := c.SaveSettings(ctx, settings); err != nil {
		t.Fatal(err)
	}
	if s, err = c.Status(ctx); err != nil || s.Quiet == nil {
		t.Errorf("other hours: %+v, %v", s.Quiet, err)
	}
}

func TestADesktopThatWantsNoNotificationsIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	a, c, _ := w.run(secure.NewMemory())
	if err := c.SaveSettings(t.Context(), local.Settings{UrgentBreaksThrough: true}); err != nil {
		t.Fatal(err)
	}
	a.reactTo(t.Context(), notify.Event{Kind: notify.Inhibited})
	s := a.Status()
	if d := a.first().display(); !d.Quiet || d.Urgent || s.Quiet == nil || s.Quiet.Reason != local.QuietDesktop || s.Quiet.Until != nil {
		t.Errorf("%+v, %+v", d, s.Quiet)
	}
	if _, err := c.Pause(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if d := a.first().display(); !d.Quiet || d.Urgent { // the screen may be shared: not even urgent ones
		t.Errorf("%+v", d)
	}
	a.reactTo(t.Context(), notify.Event{Kind: notify.Uninhibited})
	if d := a.first().display(); !d.Quiet || !d.Urgent {
		t.Errorf("%+v", d)
	}
}

func TestContentIsKeptForAsLongAsThePersonWants(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	_, c, stop := w.run(vault)
	ctx := t.Context()
	if _, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	w.send("anna", "one")
	w.until(func() bool { // it was fetched, and could not be shown without a bus
		s, err := c.Status(ctx)
		return err == nil && slices.ContainsFunc(s.Conditions, func(c local.Condition) bool { return c.Code == "toasts" })
	})
	stop()
	kept := func(a *Agent) int {
		a.first().unseal(ctx)
		page, _, err := a.first().journal.Kept(ctx, a.first().currentSealer(), 10, "")
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items)
	}
	later := time.Now().Add(8 * day)
	a, err := Open(ctx, Options{
		Paths: Paths{ConfigDir: w.dir + "/c", StateDir: w.dir + "/s", RuntimeDir: w.dir + "/r"}, Executable: "/bin/false", Vault: vault,
		Now: func() time.Time { return later },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	a.alarm.ring()
	if n := kept(a); n != 1 {
		t.Fatalf("after 8 days %d are kept", n)
	}
	if at := a.alarm.next(); !at.Equal(later.Add(day).Round(0)) {
		t.Errorf("the next look is at %v", at)
	}
	if err := a.saveSettings(local.Settings{KeepDays: 9}); err != nil {
		t.Fatal(err)
	}
	a.alarm.ring()
	if n := kept(a); n != 1 {
		t.Errorf("after 8 of 9 days %d are kept", n)
	}
	later = later.Add(23 * time.Hour)
	a.alarm.ring()
	later = later.Add(2 * time.Hour)
	if n := kept(a); n != 1 {
		t.Errorf("%d are kept, and the day was not over", n)
	}
	a.alarm.ring()
	if n := kept(a); n != 0 {
		t.Errorf("after 9 days %d are kept", n)
	}
}
