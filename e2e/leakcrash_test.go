//go:build linux

package e2e

import (
	"crypto/rand"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"securepush/api"
	"securepush/cli/desktop"
)

// trail is all that a job leaves where its content and its secrets do not belong.
type trail struct {
	outside
	wire, pushed []byte
}

// search returns the places that hold a text.
func (l trail) search(text string) []string {
	places := l.outside.search(text)
	if form := find(l.wire, text); form != "" {
		places = append(places, "the bus ("+form+")")
	}
	if form := find(l.pushed, text); form != "" {
		places = append(places, "what the push service got ("+form+")")
	}
	slices.Sort(places)
	return places
}

// planted is one run's content and secrets, none of which can be met by chance.
type planted struct{ user, password, title, payload, sender string }

// word is a text that cannot be met by chance.
func word() string { return strings.ToLower(rand.Text()) }

func plant() planted {
	return planted{user: "u-" + word(), password: word(), title: word(), payload: word(), sender: word()}
}

// marked is a desktop on which one job is done with what was planted.
type marked struct {
	*stack
	planted
	spy     *tokenSpy
	seen    *processes
	traffic *wire
	toasts  *monitor
	site    site
	dir     string // where the processes are started: a core file would lie there
}

func newMarked(t *testing.T) *marked {
	t.Helper()
	k := &marked{stack: newStack(t, desktop.Options{Bare: true}), planted: plant(), spy: &tokenSpy{}}
	k.dir = filepath.Join(k.stack.dir, "tmp")
	if err := os.Mkdir(k.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(k.dir)
	k.env = append(k.env, "TMPDIR="+k.dir, "GOTRACEBACK=crash")
	k.seen = k.lookAtProcesses()
	k.traffic, k.toasts = k.wire(), k.watch()
	k.serveBehindAll()
	return k
}

// serveBehindAll starts a back end and a push service: the device reaches the first through a gate and a spy, pushes go through the capture.
func (k *marked) serveBehindAll() {
	k.Helper()
	k.site = site{capture: k.pushService()}
	address := freePort(k.T)
	k.site.url = "http://" + address
	proxy := httptest.NewServer(&httputil.ReverseProxy{ModifyResponse: k.spy.answer, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(&url.URL{Scheme: "http", Host: address})
		p.Out.Host = p.In.Host
		p.SetXForwarded()
	}})
	k.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	k.site.gate = newGate(k.T, strings.TrimPrefix(proxy.URL, "http://"))
	k.site.restart = func() *process {
		p, _ := k.serve("backend", "--listen", address, "--public-url", k.site.gate.url(), "--push-service", k.site.capture.URL+"/push")
		return p
	}
	k.site.backEnd = k.site.restart()
	k.must(k.password+"\n", "user", "add", k.user, "--data", k.stack.dir+"/backend", "--password-stdin")
	k.site.key = strings.TrimSpace(k.must("", "key", "add", "lab", "--data", k.stack.dir+"/backend", "--claims", "send"))
}

func (k *marked) signIn() {
	k.Helper()
	k.must(k.password+"\n", "login", "--server", k.site.gate.url(), "--user", k.user, "--password-stdin")
}

// elsewhere is the same person on a device without pushes.
func (k *marked) elsewhere() *api.Client {
	k.Helper()
	c := &api.Client{Base: mustURL(k.stack, k.site.gate.url())}
	tokens, err := c.PasswordGrant(k.Context(), k.user, api.NewSecret(k.password))
	if err != nil {
		k.Fatal(err)
	}
	c.Tokens = fixed(tokens.AccessToken)
	return c
}

// send sends one with the planted content and a number.
func (k *marked) send(number string) {
	k.Helper()
	lab := &api.Client{Base: mustURL(k.stack, k.site.url), Tokens: fixed(k.site.key)}
	_, err := lab.Send(k.Context(), api.SendRequest{
		To: api.Recipients{k.user}, Title: k.title + number, Payload: k.payload + number, Sender: k.sender,
	}, "")
	if err != nil {
		k.Fatal(err)
	}
}

// shown sends one and waits until the listener has it in its memory and on the screen.
func (k *marked) shown(number string) {
	k.Helper()
	k.send(number)
	k.toasts.wait(k.title + number)
}

// prompted sends one and waits for a toast without content.
func (k *marked) prompted(number string) {
	k.Helper()
	prompts := func() int { return len(k.toasts.with("You have a new notification")) }
	before := prompts()
	k.send(number)
	k.until("a prompt", func() bool { return prompts() > before })
}

// failures does the job while one thing after the other fails.
func (k *marked) failures() {
	k.Helper()
	k.Log("the server is away")
	k.site.gate.set(true)
	k.prompted("-away")
	k.site.gate.set(false)
	k.toasts.wait(k.title + "-away")

	k.Log("the sign-in is refused")
	k.must("", "user", "disable", k.user, "--data", k.stack.dir+"/backend")
	k.must("", "user", "enable", k.user, "--data", k.stack.dir+"/backend")
	if _, code := k.run("wrong-"+k.password+"\n", "login", "--server", k.site.gate.url(), "--user", k.user, "--password-stdin"); code != 3 {
		k.Errorf("a wrong password: exit code %d", code)
	}
	k.prompted("-refused")
	k.signIn()
	k.toasts.wait(k.title + "-refused")

	k.Log("the keyring is locked")
	k.listener.stop(os.Interrupt)
	if err := k.desk.LockKeyring(k.Context()); err != nil {
		k.Fatal(err)
	}
	k.listen()
	k.prompted("-locked")
	if err := k.desk.UnlockKeyring(k.Context()); err != nil {
		k.Fatal(err)
	}
	k.toasts.wait(k.title + "-locked")

	k.Log("nobody shows toasts")
	k.signal(toastService, syscall.SIGTERM)
	k.until("the daemon is gone", func() bool { return !k.owned(toastService) })
	k.send("-unseen")
	k.until("that is said", func() bool { return has(k.status(), "toasts") })
	if _, err := k.desk.StartToasts(k.Context()); err != nil {
		k.Fatal(err)
	}
	k.toasts.wait(k.title + "-unseen")
}

// crashes ends each process with content in its memory, in every way that writes something about it.
func (k *marked) crashes() {
	k.Helper()
	for i, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGKILL} {
		k.Logf("the listener gets the signal %s", sig)
		k.shown("-crash" + string(rune('a'+i)))
		k.listener.stop(sig)
		if sig != syscall.SIGKILL && !strings.Contains(k.listener.out.String(), "goroutine ") {
			k.Errorf("a listener that got %s said nothing", sig)
		}
		k.listen()
		k.connected()
	}
	k.Log("and the back end")
	k.site.backEnd.stop(syscall.SIGQUIT)
	if !strings.Contains(k.site.backEnd.out.String(), "goroutine ") {
		k.Error("the back end said nothing")
	}
	k.site.backEnd = k.site.restart()
	k.connected()
	k.shown("-after")
}

// trail gathers what there is by now.
func (k *marked) trail() trail {
	k.Helper()
	l := trail{outside: k.outside(k.seen)}
	l.wire, _ = k.traffic.all()
	k.site.capture.mu.Lock()
	defer k.site.capture.mu.Unlock()
	l.pushed = slices.Clone(k.site.capture.bytes.Bytes())
	return l
}

func TestWhatIsPlantedIsFoundNowhereThroughFailuresAndCrashes(t *testing.T) {
	k := newMarked(t)
	k.listen()
	k.signIn()
	k.channel(k.elsewhere())
	k.shown("-first")
	if _, err := k.desk.Run(t.Context(), "dunstctl", "action"); err != nil {
		t.Fatal(err)
	}
	k.windowOpens()
	for _, command := range [][]string{{"inbox"}, {"inbox", "--json"}, {"history"}, {"status"}, {"sent"}, {"doctor"}} {
		_, _ = k.run("", command...) // what it prints is for the person who asked
	}
	k.failures()
	k.noCores()
	k.crashes()
	report, code := k.run("", "doctor", "--export") // what this prints is for others
	if code != 0 || !strings.Contains(report, "journal") {
		t.Errorf("exit code %d: %s", code, report)
	}

	cores, err := filepath.Glob(filepath.Join(k.dir, "*core*"))
	if err != nil || len(cores) > 0 {
		t.Errorf("%q, %v", cores, err)
	}
	k.seen.end()
	l := k.trail()
	l.files["the report"] = []byte(report)
	k.nothingIsFound(l)
	k.everyPlaceIsSearched()
}

// nothingIsFound searches for everything that was planted or handed out.
func (k *marked) nothingIsFound(l trail) {
	k.Helper()
	secrets := map[string]string{
		"the title": k.title, "the text": k.payload, "the sender": k.sender, "the password": k.password, "the sender's key": k.site.key,
	}
	for i, tokens := range k.spy.all() {
		secrets[fmt.Sprintf("access token %d", i)], secrets[fmt.Sprintf("refresh token %d", i)] = tokens.AccessToken, tokens.RefreshToken
	}
	if len(secrets) < 9 {
		k.Errorf("only %d secrets are known", len(secrets))
	}
	for name, text := range secrets {
		if places := l.search(text); len(places) > 0 {
			k.Errorf("%s stands in %q", name, places)
		}
	}
	for _, place := range l.search(k.user) { // which the person gives to the command, and which the journal is about
		if !strings.HasPrefix(place, "arguments") && !strings.HasPrefix(place, filepath.Join(k.stack.dir, "d", "state")) {
			k.Errorf("the user's name stands in %q", place)
		}
	}
	if _, n := k.traffic.all(); n < 100 {
		k.Errorf("only %d messages crossed the bus", n)
	}
}
