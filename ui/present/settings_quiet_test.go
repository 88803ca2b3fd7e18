package present

import (
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func TestTimesOfDayAreReadAsPeopleWriteThem(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"22:00", "22:00"},
		{" 7:30 ", "07:30"},
		{"7.30", "07:30"},
		{"0730", "07:30"},
		{"730", "07:30"},
		{"22", "22:00"},
		{"7", "07:00"},
		{"24:00", "24:00"},
		{"", ""},
		{"25", ""},
		{"12:60", ""},
		{"24:01", ""},
		{"noon", ""},
		{"-1", ""},
		{"7:3:0", ""},
		{"\x00", ""},
		{"１２:００", ""},
	} {
		got, ok := clockOf(tt.typed)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%q: %q %v", tt.typed, got, ok)
		}
	}
}

func TestNothingIsSavedWhileAnEntryIsWrong(t *testing.T) {
	perform(t, signedIn, func(s *stage) {
		p := s.shell.Settings
		p.AddHours()
		p.AddHours()
		s.Settle()
		saved := s.agent.Called("save-settings")
		h := p.Hours[1]
		h.Days = nil
		p.SetHours(1, h)
		s.is("words", p.Hours[1].DaysBad, "Choose a day at least.")
		first := p.Hours[0]
		first.From = "21"
		p.SetHours(0, first)
		s.Settle()
		s.is("saved", s.agent.Called("save-settings"), saved)
		p.Load()
		s.Settle()
		s.is("what was typed", p.Hours[0].From, "21:00")
		p.RemoveHours(1)
		s.Settle()
		s.is("saved", len(s.agent.Choices.QuietHours), 1)
		s.is("from", s.agent.Choices.QuietHours[0].From, "21:00")
	})
}

func TestWhatTheTimesMeanIsSaid(t *testing.T) {
	perform(t, signedIn, func(s *stage) {
		for _, tt := range []struct{ from, to, want string }{
			{"22:00", "07:00", "Over night, until 07:00 of the next day."},
			{"08:00", "08:00", "The whole day, until the same time of the next."},
			{"13:00", "15:00", ""},
			{"13:00", "24:00", ""},
		} {
			h := Hours{Days: []string{"mon"}, From: tt.from, To: tt.to}
			readHours(s.shell.Words(), &h)
			s.is(tt.from+" to "+tt.to, h.Note, tt.want)
		}
	})
}

func TestWhyItIsQuietIsSaidWithItsEnd(t *testing.T) {
	seven := today.Add(16*time.Hour + 20*time.Minute)
	for _, tt := range []struct {
		quiet         local.Quiet
		title, advice string
		resume        bool
	}{
		{local.Quiet{Reason: local.QuietPause, Until: &seven}, "Paused until tomorrow at 07:00.", "What comes meanwhile is shown afterwards.", true},
		{local.Quiet{Reason: local.QuietHoursOn, Until: &seven, Urgent: true}, "Quiet hours until tomorrow at 07:00.", "What comes meanwhile is shown afterwards. Urgent ones are shown at once.", true},
		{local.Quiet{Reason: local.QuietHoursOn}, "Quiet hours.", "What comes meanwhile is shown afterwards.", true},
		{local.Quiet{Reason: local.QuietDesktop}, "Your desktop asks not to disturb.", "What comes meanwhile is shown afterwards.", false},
	} {
		perform(t, func(f *presenttest.Agent) {
			signedIn(f)
			code := map[local.QuietReason]string{local.QuietPause: "paused", local.QuietHoursOn: "quiet_hours", local.QuietDesktop: "desktop_quiet"}
			f.Now.Quiet = &tt.quiet
			f.Now.Conditions = []local.Condition{{Code: code[tt.quiet.Reason], Severity: local.SeverityInfo, Title: "x", Advice: "y"}}
		}, func(s *stage) {
			n := s.shell.Notices()
			if len(n) != 1 || n[0] != (Notice{Title: tt.title, Advice: tt.advice, Resume: tt.resume}) {
				s.Errorf("%+v", n)
			}
			s.is("can be ended", s.shell.Quiet.CanResume, tt.resume)
		})
	}
}

func TestAPauseThatIsNotTakenIsSaid(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		signedIn(f)
		refuse("pause", api.CodeInternal, "The disk is full.")(f)
	}, func(s *stage) {
		q := s.shell.Quiet
		q.PauseUntilTomorrow()
		s.is("busy", q.Busy, true)
		s.Settle()
		s.is("words", q.Bad, "The disk is full.")
		s.agent.Do(func(f *presenttest.Agent) { delete(f.Fail, "pause") })
		q.PauseUntilTomorrow()
		s.Settle()
		s.is("state", q.Words, "Paused until tomorrow at 08:00")
		q.Resume()
		s.Settle()
		s.is("over", q.On, false)
	})
}
