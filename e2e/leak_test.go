//go:build linux

package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"securepush/api"
	"securepush/cli/desktop"
)

// outside are the places where content and secrets must not be found.
type outside struct {
	processes *processes
	logs      string
	files     map[string][]byte // by path
}

// outside gathers them; the back end's own data folder is left out, since content belongs there.
func (s *stack) outside(p *processes) outside {
	s.Helper()
	o := outside{processes: p, files: map[string][]byte{}}
	for _, part := range s.parts {
		o.logs += part.out.String()
	}
	err := filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		case path == filepath.Join(s.dir, "backend"):
			return filepath.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		o.files[path] = b
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return o
}

// search returns the places that hold a text.
func (o outside) search(text string) []string {
	var places []string
	if form := o.processes.holds(text); form != "" {
		places = append(places, "arguments or environment of a process ("+form+")")
	}
	if form := find([]byte(o.logs), text); form != "" {
		places = append(places, "a log ("+form+")")
	}
	for path, b := range o.files {
		if form := find(b, text); form != "" {
			places = append(places, path+" ("+form+")")
		}
	}
	return places
}

func TestContentAndSecretsAreFoundNowhereOutsideTheirPlace(t *testing.T) {
	s := newStack(t, desktop.Options{Bare: true})
	temp := filepath.Join(s.dir, "tmp")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "TMPDIR="+temp, "PATH="+lingering(t, "notify-send")+":"+os.Getenv("PATH"))
	seen := s.lookAtProcesses()
	m := s.watch()
	spy := &tokenSpy{}
	c := s.behind(spy.answer)
	s.listen()

	t.Log("the whole way, with the window")
	s.login(c.url)
	other := s.registered(c.url)
	id := s.send(c, " eins")
	m.wait(title + " eins")
	s.until("the toast", func() bool { return s.displayed() == 1 })
	if _, err := s.desk.Run(t.Context(), "dunstctl", "action"); err != nil {
		t.Fatal(err)
	}
	s.windowOpens()
	s.until("the window has shown it", func() bool {
		n, err := other.Notification(t.Context(), id)
		return err == nil && n.Read
	})
	s.must("", "inbox")
	s.must("", "show", string(id))

	t.Log("what goes wrong")
	if _, code := s.run("wrong-"+password+"\n", "login", "--server", c.url, "--user", user, "--password-stdin"); code != 3 {
		t.Errorf("a wrong password: exit code %d", code)
	}
	s.must("new-"+password+"\n", "user", "passwd", user, "--data", c.data, "--password-stdin")
	s.send(c, " zwei")
	m.wait("You have a new notification")
	s.signal(toastService, syscall.SIGTERM)
	s.must("new-"+password+"\n", "login", "--server", c.url, "--user", user, "--password-stdin")
	s.until("the daemon is missed", func() bool { return has(s.status(), "toasts") })
	s.must("", "user", "disable", user, "--data", c.data)
	s.listener.stop(syscall.SIGKILL)
	s.listen()
	s.until("a prompt by other means", func() bool { return seen.holds("internal-prompt") != "" })

	s.noCores()
	seen.end()
	found := s.outside(seen)
	if form := find([]byte(found.logs), string(id)); form != "" {
		t.Errorf("a whole ID stands in a log (%s)", form)
	}
	for text, name := range map[string]string{
		title: "the title", payload: "the text", sender: "the sender", password: "the password", "Kaliumbefund": "a word of the title",
		"4,1 mmol": "a word of the text", c.key: "the sender's key",
	} {
		if places := found.search(text); len(places) > 0 {
			t.Errorf("%s stands in %q", name, places)
		}
	}
	if len(spy.all()) < 3 {
		t.Errorf("only %d sign-ins and renewals were seen", len(spy.all()))
	}
	for i, tokens := range spy.all() {
		for name, token := range map[string]string{"access token": tokens.AccessToken, "refresh token": tokens.RefreshToken} {
			if places := found.search(token); len(places) > 0 {
				t.Errorf("%s %d stands in %q", name, i, places)
			}
		}
	}
	s.searchFinds(found)
}

// lingering is a folder with a program that does nothing for some seconds: so whoever starts it can be looked at on a busy machine too.
func lingering(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexec sleep 5\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// noCores checks that no process of the program leaves a file of its memory behind when it crashes.
func (s *stack) noCores() {
	s.Helper()
	checked := 0
	for pid, words := range onDesktop(s.dir) {
		if strings.HasPrefix(words, binary) {
			s.noCore(pid)
			checked++
		}
	}
	if checked < 3 {
		s.Errorf("only %d processes of the program run", checked)
	}
}

func (s *stack) noCore(pid int) {
	s.Helper()
	limits, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "limits"))
	if os.IsNotExist(err) {
		return // it has ended
	}
	if err != nil {
		s.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
			if fields := strings.Fields(rest); fields[0] != "0" || fields[1] != "0" {
				s.Errorf("a core file may have %s bytes", fields[0])
			}
			return
		}
	}
	s.Errorf("no limit for core files in %s", limits)
}

// searchFinds makes sure that the search would find something, by what does stand where it looks.
func (s *stack) searchFinds(found outside) {
	s.Helper()
	for _, text := range []string{"internal-keyring", "internal-prompt", "listen", "serve", "--user " + user, "TMPDIR=" + s.dir} {
		if found.processes.holds(text) == "" {
			s.Errorf("no process with %q was met", text)
		}
	}
	for _, text := range []string{"push link is up", "server listens", "level=DEBUG"} {
		if find([]byte(found.logs), text) == "" {
			s.Errorf("the logs do not have %q", text)
		}
	}
	if find(found.files[filepath.Join(s.dir, "d", "state", "securepush", "journal.db")], user) == "" {
		s.Error("the journal was not read")
	}
}

// send sends as a program does that keeps its key to itself.
func (s *stack) send(c clinic, marker string) api.ID {
	s.Helper()
	other := &api.Client{Base: mustURL(s, c.url), Tokens: fixed(c.key)}
	sent, err := other.Send(s.Context(), api.SendRequest{
		To: api.Recipients{user}, Title: title + marker, Payload: payload + marker, Sender: sender,
	}, "")
	if err != nil {
		s.Fatal(err)
	}
	return sent.IDs[0]
}
