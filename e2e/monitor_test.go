//go:build linux

package e2e

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

// notify is one call of Notify that crossed the bus.
type notify struct {
	Replaces         uint32
	Summary, Body    string
	Actions          []string
	StackTag, Sender string
}

// monitor records every Notify and CloseNotification on the session bus.
type monitor struct {
	s      *stack
	mu     sync.Mutex
	shown  []notify
	closed int
}

// watch makes a connection a monitor of the bus (D-Bus specification, BecomeMonitor).
func (s *stack) watch() *monitor {
	s.Helper()
	conn, err := dbus.Connect(s.desk.BusAddress)
	if err != nil {
		s.Fatal(err)
	}
	m := &monitor{s: s}
	rules := []string{"type='method_call',interface='org.freedesktop.Notifications'"}
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rules, uint32(0)).Err; err != nil {
		s.Fatal(err)
	}
	messages := make(chan *dbus.Message, 256)
	conn.Eavesdrop(messages)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for msg := range messages {
			m.record(msg)
		}
	}()
	s.Cleanup(func() {
		_ = conn.Close() // closes messages
		<-done
	})
	return m
}

func (m *monitor) record(msg *dbus.Message) {
	member, _ := msg.Headers[dbus.FieldMember].Value().(string)
	m.mu.Lock()
	defer m.mu.Unlock()
	if member == "CloseNotification" {
		m.closed++
	}
	if member != "Notify" || len(msg.Body) != 8 {
		return
	}
	n := notify{}
	n.Replaces, _ = msg.Body[1].(uint32)
	n.Summary, _ = msg.Body[3].(string)
	n.Body, _ = msg.Body[4].(string)
	n.Actions, _ = msg.Body[5].([]string)
	if hints, ok := msg.Body[6].(map[string]dbus.Variant); ok {
		n.StackTag, _ = hints["x-canonical-private-synchronous"].Value().(string)
	}
	m.shown = append(m.shown, n)
}

// all is what was shown so far.
func (m *monitor) all() []notify {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]notify(nil), m.shown...)
}

// with are the toasts that contain a text.
func (m *monitor) with(text string) []notify {
	var found []notify
	for _, n := range m.all() {
		if strings.Contains(n.Summary+"\n"+n.Body, text) {
			found = append(found, n)
		}
	}
	return found
}

// closes is how often a toast was taken away so far.
func (m *monitor) closes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closed
}

// wait waits for a toast that contains a text and returns it.
func (m *monitor) wait(text string) notify {
	m.s.Helper()
	m.s.until("a toast with "+text, func() bool { return len(m.with(text)) > 0 })
	return m.with(text)[0]
}

// displayed is how many toasts are on the screen.
func (s *stack) displayed() int {
	s.Helper()
	out, err := s.desk.Run(s.Context(), "dunstctl", "count", "displayed")
	n, bad := strconv.Atoi(strings.TrimSpace(out))
	if err != nil || bad != nil {
		s.Fatalf("dunstctl: %q, %v", out, err)
	}
	return n
}

// dunst reads back what dunst shows or has shown.
func (s *stack) dunst() string {
	s.Helper()
	for _, command := range [][]string{{"close-all"}, {"history"}} {
		out, err := s.desk.Run(s.Context(), "dunstctl", command...)
		if err != nil {
			s.Fatal(err)
		}
		if command[0] == "history" {
			var history any
			if err := json.Unmarshal([]byte(out), &history); err != nil {
				s.Fatal(err)
			}
			return out
		}
	}
	return ""
}

// summaries are the titles of the toasts that dunst has shown.
func (s *stack) summaries() []string {
	s.Helper()
	var history struct {
		Data [][]struct{ Summary struct{ Data string } }
	}
	if err := json.Unmarshal([]byte(s.dunst()), &history); err != nil {
		s.Fatal(err)
	}
	var titles []string
	for _, group := range history.Data {
		for _, toast := range group {
			titles = append(titles, toast.Summary.Data)
		}
	}
	slices.Sort(titles)
	return titles
}
