//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"securepush/api"
	"securepush/cli/desktop"
)

func TestWhatIsSettledOnAnotherDeviceTakesItsToastAway(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	c := s.clinic()
	s.listen()
	s.login(c.url)
	other := s.registered(c.url)
	read := api.ID(s.curl(c.url, c.key, message(" eins")))
	deleted := api.ID(s.curl(c.url, c.key, message(" zwei")))
	s.curl(c.url, c.key, message(" drei"))
	m.wait(title + " eins")
	m.wait(title + " zwei")
	m.wait(title + " drei")
	s.until("three toasts", func() bool { return s.displayed() == 3 })

	t.Log("read there")
	if err := other.SetRead(t.Context(), api.ReadRequest{IDs: []api.ID{read}, Read: true}); err != nil {
		t.Fatal(err)
	}
	s.until("a toast is taken away", func() bool { return m.closes() == 1 && s.displayed() == 2 })

	t.Log("deleted there")
	if err := other.Delete(t.Context(), deleted); err != nil {
		t.Fatal(err)
	}
	s.until("another toast is taken away", func() bool { return m.closes() == 2 && s.displayed() == 1 })
	if n := len(m.all()); n != 3 {
		t.Errorf("%d toasts: %+v", n, m.all())
	}
	if left := s.dunst(); !strings.Contains(left, title+" drei") {
		t.Errorf("dunst has %s", left)
	}
}

// menu is a program that chooses an action as a person does in dunst's menu.
func menu(t *testing.T, action string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "menu")
	if err := os.WriteFile(file, []byte("#!/bin/sh\nexec grep -m1 '"+action+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestMarkReadOnTheToastMarksItReadAtTheServer(t *testing.T) {
	s := newStack(t, desktop.Options{Menu: menu(t, "Mark read")})
	m := s.watch()
	c := s.clinic()
	s.listen()
	s.login(c.url)
	other := s.registered(c.url)
	id := api.ID(s.curl(c.url, c.key, message("")))
	if actions := strings.Join(m.wait(title).Actions, "|"); !strings.Contains(actions, "|Open|") || !strings.Contains(actions, "|Mark read") {
		t.Errorf("the toast offers %s", actions)
	}
	s.until("the toast", func() bool { return s.displayed() == 1 })
	if n, err := other.Notification(t.Context(), id); err != nil || n.Read {
		t.Fatalf("before: %v, %v", n.Read, err)
	}
	if _, err := s.desk.Run(t.Context(), "dunstctl", "context"); err != nil {
		t.Fatal(err)
	}
	s.until("it is read at the server", func() bool {
		n, err := other.Notification(t.Context(), id)
		return err == nil && n.Read
	})
	s.until("the toast is gone and nothing is unread", func() bool { return s.displayed() == 0 })
	if out := s.must("", "inbox", "--unread"); strings.Contains(out, title) {
		t.Errorf("the inbox still has it unread: %s", out)
	}
	if _, err := s.desk.Run(t.Context(), "xdotool", "search", "--name", "SecurePush"); err == nil {
		t.Error("the window opened")
	}
}

func TestAClickOnTheToastOpensItInTheWindow(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	c := s.clinic()
	s.listen()
	s.login(c.url)
	other := s.registered(c.url)
	id := api.ID(s.curl(c.url, c.key, message("")))
	m.wait(title)
	s.until("the toast", func() bool { return s.displayed() == 1 })
	if _, err := s.desk.Run(t.Context(), "dunstctl", "action"); err != nil {
		t.Fatal(err)
	}
	s.windowOpens()
	s.until("what the window shows counts as read", func() bool {
		n, err := other.Notification(t.Context(), id)
		return err == nil && n.Read
	})
	s.until("the toast is gone", func() bool { return s.displayed() == 0 })
	s.picture("content")
}
