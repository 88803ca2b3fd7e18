//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/cli/desktop"
)

func TestTwoAccountsReceiveBesideEachOtherAndGoOneByOne(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	here := s.signedIn()
	there := clinic{data: filepath.Join(s.dir, "lab")}
	_, there.url = s.serve("lab", "--listen", "127.0.0.1:0", "--name", "Lab")
	there.key = s.accounts(there.data)
	s.must(password+"\n", "login", "--add", "--server", there.url, "--user", user, "--password-stdin")
	s.must("", "accounts", "set", user+"@"+strings.TrimPrefix(here.url, "http://"), "--name", "Work")
	s.registered(there.url)

	s.curl(here.url, here.key, message(" eins"))
	s.curl(there.url, there.key, message(" zwei"))
	one, two := m.wait(title+" eins"), m.wait(title+" zwei")
	if one.Body == "" || !strings.Contains(one.Body, "Work · "+sender) || !strings.Contains(two.Body, "Lab · "+sender) || one.StackTag == two.StackTag {
		t.Errorf("%+v, %+v", one, two)
	}
	s.until("two toasts", func() bool { return s.displayed() == 2 })
	if out := s.must("", "inbox", "--account", "Lab"); !strings.Contains(out, title+" zwei") || strings.Contains(out, title+" eins") {
		t.Errorf("the inbox of one: %s", out)
	}
	if n := s.kept(); n != 4 { // of each the sign-in and the key of what is kept
		t.Errorf("%d items are in the keyring", n)
	}

	s.until("nothing waits", func() bool {
		st := s.status()
		return len(st.Accounts) == 2 && st.Accounts[0].Waiting+st.Accounts[1].Waiting == 0
	})
	t.Log("a listener that was killed has both again")
	s.listener.stop(os.Kill)
	s.listen()
	s.until("both are connected", func() bool {
		st := s.status()
		return len(st.Accounts) == 2 && st.Accounts[0].Link == local.LinkConnected && st.Accounts[1].Link == local.LinkConnected
	})
	s.curl(there.url, there.key, message(" drei"))
	m.wait(title + " drei")
	if n := len(m.with(title + " zwei")); n != 1 {
		t.Errorf("shown %d times", n)
	}

	s.must("", "logout", "--account", "Work")
	if n := s.kept(); n != 2 {
		t.Errorf("%d items are in the keyring", n)
	}
	if st := s.status(); len(st.Accounts) != 1 || st.Account == nil || st.Account.Server != there.url {
		t.Errorf("%+v", st)
	}
	s.curl(there.url, there.key, message(" vier"))
	m.wait(title + " vier")
	s.must("", "logout")
	s.until("the toasts are gone", func() bool { return s.displayed() == 0 })
	if n := s.kept(); n != 0 {
		t.Errorf("%d items are in the keyring", n)
	}
	if left, err := os.ReadDir(filepath.Join(s.dir, "d", "state", "securepush", "accounts")); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}
