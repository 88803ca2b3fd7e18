//go:build linux

package e2e

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// Texts that must never cross the push channel. Each is unlike anything else that crosses it.
const (
	user     = "zaphira-kowalczyk"
	password = "Quittenmarmelade-41"
	title    = "Kaliumbefund Ostflügel"
	payload  = "Bett zwölf: 4,1 mmol je Liter, <b>unauffällig</b> & abgezeichnet"
	sender   = "Laborautomat Nordstern"
)

// site is a back end with another server of the same program as its push service, and a capture before that.
type site struct {
	url, key string
	gate     *gate // between the device and the back end
	backEnd  *process
	capture  *capture
	restart  func() *process
}

// pushService starts a server of the program as a push service, with a capture before it.
func (s *stack) pushService() *capture {
	s.Helper()
	c := newCapture(s.T)
	address := freePort(s.T)
	c.to(s.T, "http://"+address)
	s.serve("push", "--listen", address, "--public-url", c.URL)
	return c
}

func (s *stack) site() *site {
	s.Helper()
	c := s.pushService()
	address := freePort(s.T)
	g := newGate(s.T, address)
	start := func() *process {
		p, _ := s.serve("backend", "--listen", address, "--public-url", g.url(), "--push-service", c.URL+"/push", "--name", "Testklinik")
		return p
	}
	st := &site{url: "http://" + address, gate: g, capture: c, restart: start}
	st.backEnd = start()
	s.must(password+"\n", "user", "add", user, "--data", s.dir+"/backend", "--password-stdin")
	st.key = strings.TrimSpace(s.must("", "key", "add", "lab", "--data", s.dir+"/backend", "--claims", "send"))
	return st
}

func (s *stack) login(url string) {
	s.Helper()
	s.must(password+"\n", "login", "--server", url, "--user", user, "--password-stdin")
}

func message(marker string) map[string]any {
	return map[string]any{"to": user, "title": title + marker, "payload": payload + marker, "sender": sender, "priority": "high"}
}

func TestTheMainJob(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	site := s.site()
	agent := s.listen()
	s.login(site.gate.url())
	s.connected()

	t.Log("a push becomes a toast with the content")
	id := s.curl(site.url, site.key, message(" eins"))
	first := m.wait(title + " eins")
	if !strings.Contains(first.Body, "4,1 mmol") || !strings.Contains(first.Body, "&lt;b&gt;") || !strings.Contains(first.Body, sender) {
		t.Errorf("the toast is %+v", first)
	}
	if history := s.dunst(); !strings.Contains(history, "4,1 mmol") {
		t.Errorf("dunst has shown %s", history)
	}

	t.Log("the sender learns that it was shown and read, and the person where")
	lab := &api.Client{Base: mustURL(s, site.url), Tokens: fixed(site.key)}
	comes := func(want api.Stage) (d api.Delivery) {
		s.until("it is "+string(want), func() bool {
			var err error
			d, err = lab.Status(t.Context(), api.ID(id))
			return err == nil && d.State == want
		})
		return d
	}
	if d := comes(api.StageShown); d.DeliveredTo != 1 || d.ShownOn != 1 || d.To != user {
		t.Errorf("it is told of as %+v", d)
	}
	s.must("", "read", id)
	if d := comes(api.StageRead); d.ReadOn != "" || len(d.Devices) != 0 {
		t.Errorf("the sender learns %+v", d)
	}
	if own := decode[api.Delivery](s, s.must("", "sent", id, "--json")); own.ReadOn == "" || len(own.Devices) != 1 || own.Devices[0].Shown == nil {
		t.Errorf("the person learns %+v", own)
	}

	t.Log("with the sign-in gone it becomes a prompt that says nothing")
	s.must("", "user", "disable", user, "--data", s.dir+"/backend")
	s.must("", "user", "enable", user, "--data", s.dir+"/backend")
	s.curl(site.url, site.key, message(" zwei"))
	prompt := m.wait("You have a new notification")
	if prompt.Body != "Open SecurePush to sign in." {
		t.Errorf("the prompt is %+v", prompt)
	}
	s.curl(site.url, site.key, message(" drei"))
	s.until("both wait", func() bool { return s.status().Waiting == 2 })
	if got := s.status(); got.SignIn != local.SignInEnded {
		t.Errorf("status is %+v", got)
	}
	if n := len(m.with("You have a new notification")); n != 1 {
		t.Errorf("%d prompts", n)
	}
	if len(m.with(title+" zwei")) != 0 {
		t.Error("content was shown without a sign-in")
	}

	t.Log("after sign-in what waited is shown and the prompt goes away")
	s.login(site.gate.url())
	m.wait(title + " zwei")
	m.wait(title + " drei")
	s.connected()

	t.Log("agent and back end restart in between, and still everything comes once")
	agent.stop(os.Interrupt)
	s.curl(site.url, site.key, message(" vier"))
	site.backEnd.stop(syscall.SIGKILL)
	site.backEnd = site.restart()
	s.listen()
	s.connected()
	m.wait(title + " vier")
	site.backEnd.stop(os.Interrupt)
	site.backEnd = site.restart()
	s.curl(site.url, site.key, message(" fünf"))
	m.wait(title + " fünf")
	for _, marker := range []string{" eins", " zwei", " drei", " vier", " fünf"} {
		if n := len(m.with(title + marker)); n != 1 {
			t.Errorf("%q was shown %d times", marker, n)
		}
	}

	t.Log("an agent that is killed repeats at most the toast at hand")
	s.listener.stop(syscall.SIGKILL)
	s.curl(site.url, site.key, message(" sechs"))
	s.listen()
	m.wait(title + " sechs")
	for marker, most := range map[string]int{" eins": 1, " zwei": 1, " drei": 1, " vier": 1, " fünf": 2, " sechs": 1} {
		if n := len(m.with(title + marker)); n > most {
			t.Errorf("%q was shown %d times", marker, n)
		}
	}

	t.Log("the inbox has all of it")
	if inbox := decode[local.Inbox](s, s.must("", "inbox", "--json")); len(inbox.Items) != 6 {
		t.Errorf("%d items", len(inbox.Items))
	}
	s.nothingCrossed(site.capture)
}

// nothingCrossed searches what crossed the push channel.
func (s *stack) nothingCrossed(c *capture) {
	s.Helper()
	for _, text := range []string{user, title, payload, sender, "Kaliumbefund", "mmol", "Nordstern", "Testklinik", password} {
		if form := c.holds(text); form != "" {
			s.Errorf("%q crossed the push channel (%s)", text, form)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pushes) < 5 || len(c.frames) < 5 {
		s.Errorf("the capture saw %d pushes and %d frames: it is not in the way", len(c.pushes), len(c.frames))
	}
	for _, p := range c.pushes {
		if len(p.body) != len(c.pushes[0].body) {
			s.Errorf("pushes of %d and of %d bytes", len(c.pushes[0].body), len(p.body))
		}
	}
}

func TestAClickOnThePromptOpensTheSignInPage(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	_, url := s.serve("backend", "--listen", "127.0.0.1:0")
	s.must(password+"\n", "user", "add", user, "--data", s.dir+"/backend", "--password-stdin")
	key := strings.TrimSpace(s.must("", "key", "add", "lab", "--data", s.dir+"/backend", "--claims", "send"))
	s.listen()
	s.login(url)
	s.connected()
	s.must("new-"+password+"\n", "user", "passwd", user, "--data", s.dir+"/backend", "--password-stdin")
	s.curl(url, key, message(""))
	m.wait("You have a new notification")
	if _, err := s.desk.Run(s.Context(), "dunstctl", "action"); err != nil {
		t.Fatal(err)
	}
	s.windowOpens()
	s.picture("sign-in")
	s.must("new-"+password+"\n", "login", "--server", url, "--user", user, "--password-stdin")
	m.wait(title)
}

// windowOpens waits for the window.
func (s *stack) windowOpens() {
	s.Helper()
	s.until("the window", func() bool {
		out, err := s.desk.Run(s.Context(), "xdotool", "search", "--onlyvisible", "--name", "SecurePush")
		return err == nil && strings.TrimSpace(out) != ""
	})
}

// picture keeps a screenshot where SECUREPUSH_PICTURES says, for a person to look at.
func (s *stack) picture(name string) {
	s.Helper()
	if dir := os.Getenv("SECUREPUSH_PICTURES"); dir != "" {
		if err := s.desk.Screenshot(s.Context(), dir+"/"+name+".png"); err != nil {
			s.Error(err)
		}
	}
}

func TestALockedKeyringGivesItsOwnPromptAndNoUnlockBox(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	_, url := s.serve("backend", "--listen", "127.0.0.1:0")
	s.must(password+"\n", "user", "add", user, "--data", s.dir+"/backend", "--password-stdin")
	key := strings.TrimSpace(s.must("", "key", "add", "lab", "--data", s.dir+"/backend", "--claims", "send"))
	agent := s.listen()
	s.login(url)
	s.registered(url)
	agent.stop(os.Interrupt)
	if err := s.desk.LockKeyring(s.Context()); err != nil {
		t.Fatal(err)
	}
	s.listen()
	s.connected()
	s.curl(url, key, message(""))
	if prompt := m.wait("You have a new notification"); prompt.Body != "Unlock your keyring to read it." {
		t.Errorf("the prompt is %+v", prompt)
	}
	if out, err := s.desk.Run(s.Context(), "xdotool", "search", "--onlyvisible", "--class", "gcr-prompter"); err == nil && strings.TrimSpace(out) != "" {
		t.Error("the listener raised an unlock box")
	}
	if err := s.desk.UnlockKeyring(s.Context()); err != nil {
		t.Fatal(err)
	}
	m.wait(title)
}

func TestAServerThatIsAwayGivesAPromptThatBecomesTheContent(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	site := s.site()
	s.listen()
	s.login(site.gate.url())
	s.connected()
	s.curl(site.url, site.key, message(" vorher"))
	m.wait(title + " vorher")
	s.until("it stands", func() bool { return s.displayed() == 1 })
	site.gate.set(true)
	s.curl(site.url, site.key, message(" jetzt"))
	prompt := m.wait("You have a new notification")
	if prompt.Body != "It will be shown when the server can be reached." {
		t.Errorf("the prompt is %+v", prompt)
	}
	inbox := decode[local.Inbox](s, s.must("", "inbox", "--json"))
	if !inbox.Offline || inbox.AsOf == nil || len(inbox.Items) != 1 || inbox.Items[0].Title != title+" vorher" {
		t.Errorf("what is kept here is %+v", inbox)
	}
	site.gate.set(false)
	content := m.wait(title + " jetzt")
	if content.Replaces == 0 && content.StackTag != prompt.StackTag {
		t.Errorf("the content did not take the prompt's place: %+v", content)
	}
	if n := len(m.all()); n != 3 {
		t.Errorf("%d toasts: %+v", n, m.all())
	}
}
