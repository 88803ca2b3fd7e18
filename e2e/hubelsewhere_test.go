//go:build linux

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/cli/desktop"
)

// with is the stack with more in the environment of what it starts.
func (s *stack) with(env ...string) *stack {
	more := *s
	more.env = append(append([]string(nil), s.env...), env...)
	return &more
}

// elsewhereHub is a site whose notification hub is another server, reached as one of Azure is: over TLS, with a connection string.
type elsewhereHub struct {
	url, key string
	caFile   string
	push     *capture
	site     *process
	hub      *process
	restart  func() *process
}

func (s *stack) elsewhereHub() *elsewhereHub {
	s.Helper()
	e := &elsewhereHub{push: s.pushService()}
	ca := s.authority("Hausinterne Stelle")
	e.caFile = ca.file
	trusted := s.with("SSL_CERT_FILE=" + ca.file)
	common := append(ca.issue("server", "127.0.0.1", time.Now().Add(24*time.Hour)), "--push-service", e.push.URL+"/push", "--hub-name", "klinik")

	// The hub is given the key pair of the site, as one of Azure is in its portal.
	site, hub := filepath.Join(s.dir, "site"), filepath.Join(s.dir, "hub")
	s.must("", "vapid", "--data", site)
	if err := os.CopyFS(hub, os.DirFS(site)); err != nil {
		s.Fatal(err)
	}
	address := freePort(s.T)
	e.restart = func() *process {
		p, _ := trusted.serve("hub", append(common, "--listen", address)...)
		return p
	}
	e.hub = e.restart()
	connection := s.rule(hub, "site", "listen,send")
	e.site, e.url = trusted.with("SECUREPUSH_HUB="+connection).serve("site", append(common, "--listen", "127.0.0.1:0")...)
	e.key = s.accounts(site)
	return e
}

func TestAnotherHubServesASiteAsItsOwnDoes(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	e := s.elsewhereHub()
	t.Setenv("CURL_CA_BUNDLE", e.caFile)
	s.configure("ca_file = \"" + e.caFile + "\"\n")
	listener := s.listen()
	s.login(e.url)
	other := s.person(&api.Client{Base: mustURL(s, e.url), HTTP: trusting(t, e.caFile)}, user)
	first := s.channel(other)

	t.Log("a push goes through it")
	s.curl(e.url, e.key, message(" eins"))
	m.wait(title + " eins")
	if _, err := other.ListenToken(t.Context(), "dev-1"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("a token for a hub that could not hold the device to its tags: %v", err)
	}
	pushes := len(e.push.seen())

	t.Log("while it is away, longer than one request goes on, a push waits, and comes when it is back")
	e.hub.stop(os.Interrupt)
	s.curl(e.url, e.key, message(" zwei"))
	s.until("a request was given up", func() bool { return strings.Contains(e.site.out.String(), "push is to be tried again") })
	e.hub = e.restart()
	s.until("the push", func() bool { return len(e.push.seen()) == pushes+1 })
	m.wait(title + " zwei")

	t.Log("a device whose channel it found dead is told so, and subscribes anew")
	e.push.answer(http.StatusGone)
	s.curl(e.url, e.key, message(" drei"))
	devices, err := other.Installations(t.Context())
	if err != nil || len(devices) != 1 {
		t.Fatalf("%+v, %v", devices, err)
	}
	s.until("it is known as dead", func() bool {
		_, err := other.Installation(t.Context(), devices[0].InstallationID)
		return api.CodeOf(err) == api.CodeInstallationGone
	})
	e.push.answer(0)
	listener.stop(os.Interrupt)
	s.listen()
	s.until("another channel", func() bool {
		devices, err := other.Installations(t.Context())
		return err == nil && len(devices) == 1 && devices[0].PushChannel.Endpoint != first
	})
	s.connected()
	m.wait(title + " drei")
	pushes = len(e.push.seen())
	s.curl(e.url, e.key, message(" vier"))
	m.wait(title + " vier")
	if n := len(e.push.seen()); n != pushes+1 {
		t.Errorf("%d pushes for the last", n-pushes)
	}
	for _, marker := range []string{" eins", " zwei", " drei", " vier"} {
		if n := len(m.with(title + marker)); n != 1 {
			t.Errorf("%q was shown %d times", marker, n)
		}
	}
}

func TestASiteThatItsHubDoesNotLetInSaysSoAndEnds(t *testing.T) {
	s := newServerStack(t)
	h := s.hubSite()
	right := s.rule(h.data, "site", "listen,send")
	const refuses = "The notification hub refuses the connection string."
	for name, c := range map[string]struct{ connection, hub string }{
		"without the right to register devices": {s.rule(h.data, "laboratory", "send"), "securepush"},
		"with a key that is none":               {right[:len(right)-44] + strings.Repeat("A", 43) + "=", "securepush"},
		"with the name of another hub":          {right, "another"}, // which cannot be told from a wrong key
	} {
		t.Run(name, func(t *testing.T) {
			site := s.in(t).with("SSL_CERT_FILE="+h.caFile, "SECUREPUSH_HUB="+c.connection)
			_, words, code := site.runBoth("", "serve", "--data", filepath.Join(s.dir, "site"), "--listen", "127.0.0.1:0", "--hub-name", c.hub)
			if code != 1 || !strings.Contains(words, refuses) {
				t.Errorf("exit code %d: %s", code, words)
			}
		})
	}
}
