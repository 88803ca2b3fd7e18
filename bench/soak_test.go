//go:build linux

package bench

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
)

// soakFor is how long the window is used: SECUREPUSH_SOAK, such as 1h, or a minute.
func soakFor(b *testing.B) time.Duration {
	b.Helper()
	text := os.Getenv("SECUREPUSH_SOAK")
	if text == "" {
		return time.Minute
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// BenchmarkWindowSoak uses the window all the time, by keys, while notifications arrive: reading, searching, deleting, the
// form, the settings. It reports the memory at the beginning, in the middle and at the end, how it grows in the second half,
// and what there is more of at the end than in a new window. Run it with SECUREPUSH_SOAK=1h -benchtime 1x -timeout 2h.
func BenchmarkWindowSoak(b *testing.B) {
	length := soakFor(b)
	s := newStand(b, true)
	s.arrive("before", 50)
	fresh := s.open()
	s.shows("(50) Inbox – SecurePush")
	goroutines := fresh.goroutines()
	for b.Loop() {
		w := s.open()
		s.shows("(50) Inbox – SecurePush")
		var seen []memory
		rounds := 0
		for end := time.Now().Add(length); time.Now().Before(end); rounds++ {
			s.use(rounds)
			seen = append(seen, memoryOf(b, w.cmd.Process.Pid))
		}
		s.report(seen, rounds, w.goroutines()-goroutines)
	}
}

// use is one round of a person's work. The inbox stays as long as it is.
func (s *stand) use(round int) {
	s.Helper()
	s.arrive(fmt.Sprint("round ", round), 5)
	if round%20 == 0 {
		s.followed()
	}
	s.keys("ctrl+f", "Escape", "Return", "Home", "Down", "Down", "u", "Delete") // from the search to the list; one is read and deleted
	s.keys("ctrl+f")
	s.xdotool("type", "--delay", "30", fmt.Sprint("round ", round))
	s.keys("Return", "Down", "Down", "x", "Escape", "ctrl+f", "Escape")
	s.keys("End", "Prior", "Prior", "Next", "Home")
	if round%5 == 0 {
		s.keys("ctrl+comma")
		s.at("Settings")
		s.keys("Escape", "ctrl+n")
		s.at("New notification")
		s.xdotool("type", "--delay", "30", "draft")
		s.keys("Escape", "Tab", "Return", "ctrl+slash", "Escape") // it is thrown away, and the keys are looked at
	}
	s.at("Inbox")
	in, err := s.agent.Inbox(s.Context(), local.InboxQuery{})
	if err != nil {
		s.Fatal(err)
	}
	for _, n := range in.Items[min(len(in.Items), 40):] {
		if err := s.agent.Delete(s.Context(), n.ID); err != nil {
			s.Fatal(err)
		}
	}
}

// followed waits until the window has heard what the agent has.
func (s *stand) followed() {
	s.Helper()
	s.until(func() bool {
		st, err1 := s.agent.Status(s.Context())
		title, err2 := s.screen.title()
		return err1 == nil && err2 == nil && title == fmt.Sprintf("(%d) Inbox – SecurePush", st.Unread)
	})
}

// at waits until the window shows a page, whatever is unread.
func (s *stand) at(page string) {
	s.Helper()
	s.until(func() bool {
		title, err := s.screen.title()
		return err == nil && strings.HasSuffix(title, page+" – SecurePush")
	})
}

// report says what came of it.
func (s *stand) report(seen []memory, rounds, goroutines int) {
	first, middle, last := seen[0], seen[len(seen)/2], seen[len(seen)-1]
	s.ReportMetric(float64(rounds), "rounds")
	s.ReportMetric(first.anonymous, "begin-MB")
	s.ReportMetric(middle.anonymous, "middle-MB")
	s.ReportMetric(last.anonymous, "end-MB")
	s.ReportMetric(last.resident, "end-resident-MB")
	s.ReportMetric(most(seen[:len(seen)/2]), "most-in-first-half-MB")
	s.ReportMetric(most(seen[len(seen)/2:]), "most-in-second-half-MB")
	s.ReportMetric(slope(seen[len(seen)/2:]), "MB/hour")
	s.ReportMetric(float64(goroutines), "more-goroutines")
	s.ReportMetric(float64(last.threads-middle.threads), "more-threads")
	s.ReportMetric(float64(last.files-middle.files), "more-files")
	s.ReportMetric(0, "ns/op")
}

// most is the largest anonymous memory. What the toolkit keeps for a minute goes up and down with the pace of the work, so that
// this says more of a short run than the slope.
func most(seen []memory) (m float64) {
	for _, s := range seen {
		m = max(m, s.anonymous)
	}
	return m
}

// slope is how fast the anonymous memory grows, in MB an hour, by least squares.
func slope(seen []memory) float64 {
	var meanT, meanM float64
	hours := func(m memory) float64 { return m.at.Sub(seen[0].at).Hours() }
	for _, m := range seen {
		meanT += hours(m) / float64(len(seen))
		meanM += m.anonymous / float64(len(seen))
	}
	var both, square float64
	for _, m := range seen {
		t := hours(m) - meanT
		both += t * (m.anonymous - meanM)
		square += t * t
	}
	if square == 0 {
		return 0
	}
	return both / square
}
