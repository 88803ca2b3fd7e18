//go:build linux

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// keyboard is the window as a person without a mouse has it: keys in, the title of what has the keyboard out. Without a
// window manager the toolkit takes the keyboard itself.
type keyboard struct {
	*stack
	window *process
}

// keyboard opens the window.
func (s *stack) keyboard() *keyboard {
	s.Helper()
	k := &keyboard{stack: s, window: s.start()}
	s.Cleanup(func() {
		if s.Failed() {
			k.leavePicture()
		}
	})
	return k
}

// leavePicture keeps what the screen shows, to be looked at.
func (k *keyboard) leavePicture() {
	ctx, cancel := context.WithTimeout(context.Background(), patience) // the test's own is over
	defer cancel()
	file := filepath.Join("testdata", "failed", k.Name()+".png")
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		k.Log(err)
		return
	}
	if err := k.desk.Screenshot(ctx, file); err != nil {
		k.Log(err)
		return
	}
	k.Logf("the screen is in e2e/%s", file)
}

// xdotool runs one command of it and returns what it prints.
func (k *keyboard) xdotool(args ...string) (string, error) {
	k.Helper()
	ctx, cancel := context.WithTimeout(k.Context(), patience)
	defer cancel()
	out, err := k.desk.Run(ctx, "xdotool", args...)
	return strings.TrimSpace(out), err
}

// press presses keys one after the other.
func (k *keyboard) press(keys ...string) {
	k.Helper()
	if _, err := k.xdotool(append([]string{"key"}, keys...)...); err != nil {
		k.Fatal(err)
	}
}

// write types a text.
func (k *keyboard) write(text string) {
	k.Helper()
	if _, err := k.xdotool("type", "--", text); err != nil {
		k.Fatal(err)
	}
}

// shows waits until the window that has the keyboard says in its title what it shows.
func (k *keyboard) shows(title string) {
	k.Helper()
	k.until("the window "+title, func() bool {
		select {
		case <-k.window.exited:
			k.Fatalf("the window has ended before it was %q", title)
		default:
		}
		got, err := k.xdotool("getwindowfocus", "getwindowname")
		return err == nil && got == title
	})
}

// picture is what the window looks like now: three bytes for each pixel.
func (k *keyboard) picture() string {
	k.Helper()
	id, err := k.xdotool("getwindowfocus")
	if err != nil {
		k.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(k.Context(), patience)
	defer cancel()
	pixels, err := k.desk.Run(ctx, "import", "-window", id, "-depth", "8", "rgb:-")
	if err != nil {
		k.Fatal(err)
	}
	return pixels
}

// still is what the window looks like once it has stayed so for several pictures: the toolkit says nowhere that it has
// drawn. Nothing moves in a window that is left alone, not even the text cursor.
func (k *keyboard) still() string {
	k.Helper()
	const enough = 4
	now, same := k.picture(), 0
	k.until("the window at rest", func() bool {
		last := now
		if now = k.picture(); now == last {
			same++
		} else {
			same = 0
		}
		return same == enough
	})
	return now
}

// cursor is more than the pixels of a text cursor, and less than those of a frame around a control.
const cursor = 100

// changed counts the pixels in which two pictures differ.
func changed(a, b string) (n int) {
	if len(a) != len(b) {
		return max(len(a), len(b))
	}
	for i := 0; i+3 <= len(a); i += 3 {
		if a[i:i+3] != b[i:i+3] {
			n++
		}
	}
	return n
}

// tabs presses Tab until the keyboard is where it was before, and sees each time where it has gone. It returns how many
// controls it has come by.
func (k *keyboard) tabs() int {
	k.Helper()
	const most = 20
	seen := []string{k.still()}
	for range most {
		k.press("Tab")
		last := seen[len(seen)-1]
		var now string
		k.until("Tab can be seen", func() bool {
			now = k.still()
			return changed(last, now) > cursor
		})
		for i, before := range seen {
			if changed(before, now) < cursor {
				return len(seen) - i
			}
		}
		seen = append(seen, now)
	}
	k.Fatalf("after %d times Tab the keyboard is nowhere where it was before", most)
	return 0
}

// holding waits until the listener has a notification of a title, and returns it.
func (k *keyboard) holding(title string) (found api.Notification) {
	k.Helper()
	k.until("a notification "+title, func() bool {
		inbox, err := k.agent.Inbox(k.Context(), local.InboxQuery{})
		if err != nil {
			return false
		}
		for _, n := range inbox.Items {
			if n.Title == title {
				found = n
				return true
			}
		}
		return false
	})
	return found
}

func TestTheWindowByKeyboardOnly(t *testing.T) {
	need(t, missingForKeys())
	s := newStack(t, desktop.Options{Screen: "1920x1080"}) // toasts stand beside the window, not over it
	c := s.clinic()
	s.listen()
	k := s.keyboard()

	t.Log("signing in")
	k.shows("Sign in – SecurePush")
	k.write(c.url)
	k.press("Tab")
	k.write(user)
	k.press("Tab")
	k.write(password)
	if n := k.tabs(); n < 4 {
		t.Errorf("Tab comes by %d controls", n)
	}
	k.press("Return")
	k.shows("Inbox – SecurePush")
	s.connected()
	if st := s.status(); st.SignIn != local.SignInActive || st.Account == nil || st.Account.User != user || st.Account.Server != c.url {
		t.Errorf("status is %+v", st)
	}

	t.Log("reading the newest one")
	lab := &api.Client{Base: mustURL(s, c.url), Tokens: fixed(c.key)}
	read := func(id string) bool {
		d, err := lab.Status(t.Context(), api.ID(id))
		return err == nil && d.State == api.StageRead
	}
	ids := map[string]string{}
	for i, marker := range []string{" Anton", " Berta", " Caesar"} {
		ids[marker] = s.curl(c.url, c.key, message(marker))
		k.shows([]string{"(1) Inbox – SecurePush", "(2) Inbox – SecurePush", "(3) Inbox – SecurePush"}[i])
	}
	if n := k.tabs(); n < 6 {
		t.Errorf("Tab comes by %d controls", n)
	}
	k.press("ctrl+f", "Return", "Down") // from the search to the list
	s.until("the back end knows that it was read", func() bool { return read(ids[" Caesar"]) })
	k.shows("(2) Inbox – SecurePush")

	t.Log("searching")
	k.press("ctrl+f")
	k.write("Anton")
	k.press("Return", "Return")
	s.until("the one that was found is read", func() bool { return read(ids[" Anton"]) })
	k.shows("(1) Inbox – SecurePush")
	if read(ids[" Berta"]) {
		t.Error("the other one is read, too")
	}
	k.press("ctrl+f", "Escape")

	t.Log("sending one to itself")
	k.press("ctrl+n")
	k.shows("(1) New notification – SecurePush")
	k.write("Door of room 7")
	k.press("Tab")
	k.write("It stands open.")
	k.press("ctrl+Return")
	got := k.holding("Door of room 7")
	if got.Payload != "It stands open." || got.Sender != user || got.Read {
		t.Errorf("it is %+v", got)
	}
	k.shows("(2) New notification – SecurePush") // it has arrived
	s.until("its toast", func() bool { return strings.Contains(s.dunst(), "Door of room 7") })
	k.press("Escape")
	k.shows("(2) Inbox – SecurePush")

	t.Log("signing out")
	k.press("ctrl+f", "Tab", "Tab", "space", "Up", "Return") // the last entry of the menu
	k.press("Tab", "Return")                                 // yes
	k.shows("Sign in – SecurePush")
	if st := s.status(); st.SignIn != local.SignInNever || st.Account != nil {
		t.Errorf("status is %+v", st)
	}
	bus := s.bus()
	s.until("nothing is in the keyring", func() bool { return s.keptOn(bus) == 0 })
}

// missingForKeys lists the packages that are not there.
func missingForKeys() []string {
	missing := desktop.Missing()
	if _, err := exec.LookPath("xdotool"); err != nil {
		missing = append(missing, "xdotool")
	}
	return missing
}
