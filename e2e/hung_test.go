//go:build linux

package e2e

import (
	"os"
	"slices"
	"syscall"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// answers checks that the listener answers whoever asks.
func (s *stack) answers(unread ...string) local.Status {
	s.Helper()
	inbox := decode[local.Inbox](s, s.must("", "inbox", "--json"))
	for _, marker := range unread {
		if !slices.ContainsFunc(inbox.Items, func(n api.Notification) bool { return n.Title == title+marker }) {
			s.Errorf("the inbox does not have%s: %+v", marker, inbox.Items)
		}
	}
	return decode[local.Status](s, s.must("", "status", "--json"))
}

// hang stops the process that owns a name. It goes on when the returned function is called, or at the end of the desktop.
func (s *stack) hang(name string) (release func()) {
	s.Helper()
	s.signal(name, syscall.SIGSTOP)
	return func() {
		s.Helper()
		s.signal(name, syscall.SIGCONT)
	}
}

func TestANotificationDaemonThatHangsCostsNothingElse(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	c := s.signedIn()
	s.curl(c.url, c.key, message(" eins"))
	m.wait(title + " eins")
	s.until("the toast", func() bool { return s.displayed() == 1 })

	release := s.hang(toastService)
	s.curl(c.url, c.key, message(" zwei"))
	s.curl(c.url, c.key, message(" drei"))
	s.until("the person is told", func() bool { return has(s.answers(" zwei", " drei"), "toasts") })
	if failed, code := s.examine(); !slices.Equal(failed, []string{"toasts"}) || code != 1 {
		t.Errorf("exit code %d, failed: %q", code, failed)
	}
	if st := s.status(); st.Link != local.LinkConnected || st.Waiting != 2 {
		t.Errorf("status is %+v", st)
	}

	release()
	s.until("all are shown", func() bool { return s.displayed() == 3 && s.status().Waiting == 0 })
	if st := s.status(); has(st, "toasts") {
		t.Errorf("conditions are %+v", st.Conditions)
	}
	if got, want := s.summaries(), []string{title + " drei", title + " eins", title + " zwei"}; !slices.Equal(got, want) {
		t.Errorf("dunst has shown %q", got)
	}
}

func TestAKeyringThatHangsCostsNothingElse(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	c := s.signedIn()

	t.Log("a listener that has its sign-in goes on")
	release := s.hang(keyringService)
	s.curl(c.url, c.key, message(" eins"))
	m.wait(title + " eins")
	s.answers(" eins")
	if failed, code := s.examine(); !slices.Equal(failed, []string{"keyring"}) || code != 1 {
		t.Errorf("exit code %d, failed: %q", code, failed)
	}

	t.Log("one that starts says what is wrong, and prompts without content")
	s.listener.stop(os.Interrupt)
	s.listen()
	s.connected()
	s.curl(c.url, c.key, message(" zwei"))
	if prompt := m.wait("You have a new notification"); prompt.Body != "Unlock your keyring to read it." {
		t.Errorf("the prompt is %+v", prompt)
	}
	s.until("the state is known", func() bool { return s.status().SignIn == local.SignInUnknown })
	if st := s.status(); !has(st, "keyring_unavailable") {
		t.Errorf("conditions are %+v", st.Conditions)
	}

	t.Log("and goes on when the person opens it")
	release()
	if err := s.agent.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.wait(title + " zwei")
	if failed, code := s.examine(); len(failed) != 0 || code != 0 {
		t.Errorf("exit code %d, failed: %q", code, failed)
	}
}
