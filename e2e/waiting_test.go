//go:build linux

package e2e

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"securepush/agent/local"
	"securepush/cli/desktop"
)

// screenSaver stands for the one of a desktop (org.freedesktop.ScreenSaver).
type screenSaver struct {
	s    *stack
	conn *dbus.Conn

	mu     sync.Mutex
	active bool
}

const (
	saverName = "org.freedesktop.ScreenSaver"
	saverPath = dbus.ObjectPath("/org/freedesktop/ScreenSaver")
)

func (s *stack) screenSaver() *screenSaver {
	s.Helper()
	v := &screenSaver{s: s, conn: s.bus()}
	if err := v.conn.ExportMethodTable(map[string]any{"GetActive": v.getActive}, saverPath, saverName); err != nil {
		s.Fatal(err)
	}
	if reply, err := v.conn.RequestName(saverName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		s.Fatalf("own %s: %v, %v", saverName, reply, err)
	}
	return v
}

func (v *screenSaver) getActive() (bool, *dbus.Error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.active, nil
}

// lock locks or unlocks the screen and tells everybody.
func (v *screenSaver) lock(active bool) {
	v.s.Helper()
	v.mu.Lock()
	v.active = active
	v.mu.Unlock()
	if err := v.conn.Emit(saverPath, saverName+".ActiveChanged", active); err != nil {
		v.s.Fatal(err)
	}
}

func TestALockedScreenShowsNoContentUntilItIsUnlocked(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	saver := s.screenSaver()
	c := s.signedIn()
	s.curl(c.url, c.key, message(" eins"))
	m.wait(title + " eins")
	s.until("the toast", func() bool { return s.displayed() == 1 })

	t.Log("what stands is covered")
	saver.lock(true)
	s.until("nothing is on the screen", func() bool { return s.displayed() == 0 })
	s.curl(c.url, c.key, message(" zwei"))
	prompt := m.wait("New notification")
	if prompt.Summary != "New notification" || prompt.Body != "Open SecurePush to read it." {
		t.Errorf("the toast is %+v", prompt)
	}
	if len(m.with(title+" zwei")) != 0 {
		t.Error("content was shown while the screen was locked")
	}

	t.Log("unlocked, what is unread is shown, each once")
	saver.lock(false)
	m.wait(title + " zwei")
	s.until("both, and no prompt", func() bool { return len(m.with(title+" eins")) == 2 && s.displayed() == 2 })
	if n := len(m.with(title + " zwei")); n != 1 {
		t.Errorf("shown %d times", n)
	}
	if n := len(m.with("New notification")); n != 1 {
		t.Errorf("%d generic toasts", n)
	}

	t.Log("what was covered once stays in the inbox the next time")
	saver.lock(true)
	s.until("nothing is on the screen", func() bool { return s.displayed() == 0 })
	saver.lock(false)
	s.curl(c.url, c.key, message(" drei"))
	m.wait(title + " drei")
	if n := len(m.with(title + " eins")); n != 2 {
		t.Errorf("the first was shown %d times", n)
	}
}

func TestWhatCameWhileNothingListenedIsOneDigest(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	c := s.signedIn()
	s.listener.stop(os.Interrupt)
	for i := range 10 {
		s.curl(c.url, c.key, message(fmt.Sprintf(" Nummer %d.", i)))
	}
	s.listen()
	digest := m.wait("10 new notifications")
	for _, newest := range []string{"Nummer 9.", "Nummer 8.", "Nummer 7."} {
		if !strings.Contains(digest.Body, newest) {
			t.Errorf("the digest does not name %s: %s", newest, digest.Body)
		}
	}
	if strings.Contains(digest.Body, "mmol") {
		t.Errorf("the digest has text: %s", digest.Body)
	}
	s.until("all are shown", func() bool { return s.status().Counters.Shown == 10 && s.status().Waiting == 0 })
	inbox := decode[local.Inbox](s, s.must("", "inbox", "--unread", "--json"))
	if len(inbox.Items) != 10 || inbox.Unread != 10 {
		t.Errorf("%d items, %d unread", len(inbox.Items), inbox.Unread)
	}
	s.curl(c.url, c.key, message(" danach"))
	m.wait(title + " danach")
	if shown := m.all(); len(shown) != 2 {
		t.Errorf("%d toasts: %+v", len(shown), shown)
	}
}
