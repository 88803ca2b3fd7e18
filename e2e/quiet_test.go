//go:build linux

package e2e

import (
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// settings changes the settings as the window does.
func (s *stack) settings(change func(*local.Settings)) {
	s.Helper()
	v, err := s.agent.Settings(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	change(&v)
	if err := s.agent.SaveSettings(s.Context(), v); err != nil {
		s.Fatal(err)
	}
}

func TestWhatCameInAPauseOrQuietHoursIsOneDigestAndUrgentOnesNeedNotWait(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	c := s.signedIn()

	t.Log("a pause")
	if out := s.must("", "pause", "1h"); !strings.HasPrefix(out, "Paused until ") {
		t.Errorf("pause says %q", out)
	}
	read := s.curl(c.url, c.key, message(" eins"))
	s.curl(c.url, c.key, message(" zwei"))
	s.curl(c.url, c.key, message(" drei"))
	s.until("all wait", func() bool { return s.status().Waiting == 3 })
	if out := s.must("", "status"); !strings.Contains(out, "Paused until ") {
		t.Errorf("the status is %s", out)
	}
	s.must("", "read", read)
	if shown := m.all(); len(shown) != 0 {
		t.Errorf("in the pause there was %+v", shown)
	}
	s.must("", "resume")
	digest := m.wait("2 new notifications")
	if strings.Contains(digest.Body, "eins") || !strings.Contains(digest.Body, "drei") {
		t.Errorf("the digest is %+v", digest)
	}

	t.Log("quiet hours, all day and every day")
	s.settings(func(v *local.Settings) {
		v.QuietHours = []local.QuietHours{{Days: local.Weekdays(), From: "00:00", To: "24:00"}}
		v.UrgentBreaksThrough = true
	})
	if q := s.status().Quiet; q == nil || q.Reason != local.QuietHoursOn {
		t.Errorf("it is quiet because of %+v", q)
	}
	s.curl(c.url, c.key, message(" vier"))
	urgent := message(" dringend")
	urgent["priority"] = api.PriorityUrgent
	s.curl(c.url, c.key, urgent)
	m.wait(title + " dringend")
	s.until("the other waits", func() bool { return s.status().Waiting == 1 })
	if shown := m.all(); len(shown) != 2 {
		t.Errorf("there were %+v", shown)
	}

	t.Log("with only the sender")
	s.settings(func(v *local.Settings) { v.ToastContent = local.ToastSender })
	s.must("", "resume")
	if toast := m.wait("New notification"); toast.Summary != "New notification" || toast.Body != sender {
		t.Errorf("the toast is %+v", toast)
	}
	if len(m.with("vier")) != 0 || len(m.all()) != 3 {
		t.Errorf("there were %+v", m.all())
	}
}
