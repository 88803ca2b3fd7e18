//go:build linux

package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
)

// Where the window stands in the middle of the desktop's 1440x900, and a point of its ground.
const (
	groundX = 720
	groundY = 130
)

// stand is a rig with a signed-in agent, whose pushes and toasts nobody counts.
type stand struct {
	*rig
	screen *xscreen
}

func newStand(b *testing.B, signedIn bool) *stand {
	b.Helper()
	if _, err := exec.LookPath("xdotool"); err != nil {
		b.Skip("needs the package xdotool")
	}
	s := &stand{rig: newRig(b)}
	done := make(chan struct{})
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for {
			select {
			case <-s.accepted:
			case <-s.sockets:
			case <-s.toasts:
			case <-done:
				return
			}
		}
	}()
	b.Cleanup(func() { close(done); <-drained }) // before the site ends, which closes its connections
	var err error
	if s.screen, err = openScreen(s.desk.Display); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.screen.close)
	s.startAgent()
	if signedIn {
		s.signIn()
	}
	return s
}

// window is a running window.
type window struct {
	cmd    *exec.Cmd
	began  time.Time
	errors bytes.Buffer
}

// open starts the window.
func (s *stand) open() *window {
	s.Helper()
	w := &window{cmd: exec.Command(binary(s.B)), began: time.Now()}
	w.cmd.Env = append(s.env, "GOTRACEBACK=all")
	w.cmd.Stderr = &w.errors
	if err := w.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(w.end)
	return w
}

// end closes it. It may be called again.
func (w *window) end() {
	_ = w.cmd.Process.Signal(os.Interrupt)
	_ = w.cmd.Wait()
}

// goroutines ends the window by a signal at which the runtime tells all of them.
func (w *window) goroutines() int {
	_ = w.cmd.Process.Signal(syscall.SIGQUIT)
	_ = w.cmd.Wait()
	return len(regexp.MustCompile(`(?m)^goroutine \d+ `).FindAll(w.errors.Bytes(), -1))
}

// drawn waits for the first frame: the ground of the window where the desktop's was.
func (s *stand) drawn(before uint32) time.Time {
	s.Helper()
	s.until(func() bool {
		now, err := s.screen.pixel(groundX, groundY)
		return err == nil && now != before && now != 0 // an X window is nothing or black until something is drawn
	})
	return time.Now()
}

// shows waits for a window with a title.
func (s *stand) shows(title string) time.Time {
	s.Helper()
	s.until(func() bool { got, err := s.screen.title(); return err == nil && got == title })
	return time.Now()
}

// keys presses keys in the window.
func (s *stand) keys(keys ...string) { s.Helper(); s.xdotool(append([]string{"key"}, keys...)...) }

func (s *stand) xdotool(args ...string) {
	s.Helper()
	if out, err := s.desk.Run(s.Context(), "xdotool", args...); err != nil {
		s.Fatal(out, err)
	}
}

// arrive sends n notifications and returns when the agent has them all.
func (s *stand) arrive(marker string, n int) {
	s.Helper()
	c := &api.Client{Base: s.base, Tokens: fixed(s.key.Reveal())}
	for i := range n {
		r := api.SendRequest{To: api.Recipients{"agent"}, Title: fmt.Sprintf("%s %d", marker, i), Payload: strings.Repeat("Some words to read. ", 20)}
		if _, err := c.Send(s.Context(), r, ""); err != nil {
			s.Fatal(err)
		}
	}
	s.until(func() bool {
		in, err := s.agent.Inbox(s.Context(), local.InboxQuery{})
		return err == nil && len(in.Items) > 0 && in.Items[0].Title == fmt.Sprintf("%s %d", marker, n-1)
	})
}

// BenchmarkWindowFirstFrame reports the time from the start of the window to its first frame, the processor time of that,
// which says more where other work goes on, and the time to the inbox being shown.
// The first start, which is not warm, is left out. Run it with -benchtime 10x.
func BenchmarkWindowFirstFrame(b *testing.B) {
	s := newStand(b, true)
	s.arrive("warm", 3)
	before, err := s.screen.pixel(groundX, groundY)
	if err != nil {
		b.Fatal(err)
	}
	start := func() (frame, inbox, work time.Duration) {
		w := s.open()
		frame = s.drawn(before).Sub(w.began)
		work = worked(b, w.cmd.Process.Pid)
		inbox = s.shows("(3) Inbox – SecurePush").Sub(w.began)
		w.end()
		s.until(func() bool { now, err := s.screen.pixel(groundX, groundY); return err == nil && now == before })
		return frame, inbox, work
	}
	start()
	var frames, inboxes, works []time.Duration
	for b.Loop() {
		f, i, w := start()
		frames, inboxes, works = append(frames, f), append(inboxes, i), append(works, w)
	}
	b.ReportMetric(ms(quantile(works, 0.5)), "first-frame-processor-ms")
	b.ReportMetric(ms(quantile(frames, 0.5)), "first-frame-ms")
	b.ReportMetric(ms(quantile(frames, 1)), "first-frame-slowest-ms")
	b.ReportMetric(ms(quantile(inboxes, 0.5)), "inbox-ms")
	b.ReportMetric(0, "ns/op")
}

// idleFor is how long a window without work is looked at.
const idleFor = time.Minute

// BenchmarkWindowIdle reports how much of a core the window takes while nobody does anything, and its memory.
func BenchmarkWindowIdle(b *testing.B) {
	for name, signedIn := range map[string]bool{"inbox": true, "sign-in": false} {
		b.Run(name, func(b *testing.B) {
			s := newStand(b, signedIn)
			title := "Sign in – SecurePush"
			if signedIn {
				s.arrive("idle", 50)
				title = "(50) Inbox – SecurePush"
			}
			w := s.open()
			s.shows(title)
			pause(10 * time.Second) // until the start is over
			pid := w.cmd.Process.Pid
			for b.Loop() {
				used := worked(b, pid)
				pause(idleFor)
				b.ReportMetric(100*(worked(b, pid)-used).Seconds()/idleFor.Seconds(), "%-of-a-core")
			}
			m := memoryOf(b, pid)
			b.ReportMetric(m.resident, "resident-MB")
			b.ReportMetric(m.anonymous, "anonymous-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func pause(d time.Duration) { <-time.NewTimer(d).C }

// worked is the processor time that a process has had (proc_pid_stat(5): utime and stime, in hundredths of a second).
func worked(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err := errors.Join(err1, err2); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory of a process, in MB, and how many threads and open files it has.
type memory struct {
	at                  time.Time
	resident, anonymous float64
	threads, files      int
}

// memoryOf reads proc_pid_smaps(5), of which rollup is a part.
func memoryOf(b *testing.B, pid int) memory {
	b.Helper()
	m := memory{at: time.Now(), anonymous: anonymous(b, pid)}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.Atoi(f[1])
		switch f[0] {
		case "VmRSS:":
			m.resident = float64(n) / 1024
		case "Threads:":
			m.threads = n
		}
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		b.Fatal(err)
	}
	m.files = len(files)
	return m
}
