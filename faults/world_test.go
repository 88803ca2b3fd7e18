//go:build linux

package faults

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// patience bounds each wait: a loaded machine may be slow, a broken program waits for ever.
const patience = 60 * time.Second

// world is a site, a device, and what lies between them.
type world struct {
	testing.TB
	rnd     *rand.Rand
	dir     string
	state   string // folder of the device's journal
	desk    *desktop.Desktop
	env     []string
	screen  *screen
	proxy   *proxy
	tunnel  *tunnel // nil: the device needs none
	site    *site
	local   *local.Client
	ledger  *ledger
	moments *moments
	stuck   time.Duration // the longest so far

	senders sync.WaitGroup
	kills   atomic.Int64 // of the listener

	mu    sync.Mutex
	agent *process // the one that was started last
}

// options of a world. The zero value works.
type options struct {
	senders int
	config  string // of the device; "": toasts are not limited, so that each can be told
	disk    bool   // the journal is on a small file system of its own
	tls     bool   // the site has a certificate of an authority of its own
	tunnel  bool   // and is reached through an HTTP proxy alone
	given   string // user and password for that proxy, in the device's environment
	wanted  string // those that it wants
}

// newWorld starts everything, signs in and waits until the device listens.
func newWorld(t testing.TB, o options) *world {
	t.Helper()
	needPrograms(t)
	dir, err := os.MkdirTemp("", "spf") // a socket's path is at most 107 bytes, so not t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &world{TB: t, dir: dir, ledger: newLedger(), moments: &moments{}, rnd: rand.New(rand.NewPCG(*seed, uint64(len(t.Name()))))}
	if w.desk, err = desktop.Start(t.Context(), desktop.Options{Dir: filepath.Join(dir, "d"), Bare: true, Blind: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.desk.Stop)
	w.screen = newScreen(t, w.desk.BusAddress, w.moments, w.ledger.see)
	var of *papers
	if o.tls || o.tunnel {
		of = newPapers(t, dir, o.tunnel)
	}
	w.proxy = newProxy(t, w.moments, of)
	if o.tunnel {
		w.tunnel = newTunnel(t, w.proxy.address, o.wanted)
	}
	w.site = newSite(t, dir, w.proxy, max(o.senders, 4))
	t.Cleanup(w.senders.Wait)
	w.device(o)
	w.listen()
	w.signIn(password)
	w.until("the device listens", w.connected)
	w.send(1)
	w.settled(time.Time{})
	return w
}

// needPrograms skips the test where programs are missing, unless all have to be there.
func needPrograms(t testing.TB) {
	t.Helper()
	var missing []string
	for _, program := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	switch {
	case len(missing) == 0:
	case os.Getenv("SECUREPUSH_REQUIRE_DESKTOP") != "":
		t.Fatalf("missing programs: %s", strings.Join(missing, " "))
	default:
		t.Skipf("needs %s", strings.Join(missing, " "))
	}
}

// device makes the device's folders and its client.
func (w *world) device(o options) {
	w.Helper()
	w.env = append(w.desk.Env(), "SECUREPUSH_LOG=debug", "GOTRACEBACK=all")
	w.state = filepath.Join(w.dir, "d", "state", "securepush")
	if o.disk {
		unmount, ok := ownDisk(filepath.Dir(w.state))
		if !ok {
			w.Skip("no file system may be mounted here")
		}
		w.Cleanup(unmount)
	}
	if o.config == "" {
		o.config = "toasts_per_minute = -1\n"
	}
	if w.proxy.papers != nil {
		o.config += "ca_file = \"" + w.proxy.papers.file + "\"\n"
	}
	if w.tunnel != nil {
		w.env = append(w.env, "HTTPS_PROXY="+w.tunnel.url(o.given))
	}
	config := filepath.Join(w.dir, "d", "config", "securepush")
	if err := os.MkdirAll(config, 0o700); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "config.toml"), []byte(o.config), 0o600); err != nil {
		w.Fatal(err)
	}
	w.local = local.Dial(filepath.Join(w.dir, "d", "run", "securepush", "agent.sock"))
	w.Cleanup(w.local.Close)
	w.Cleanup(func() {
		if p := w.listener(); p != nil {
			p.stop()
			if w.Failed() {
				w.Logf("the listener:\n%s\nthe back end:\n%s", pertinent(p.log), pertinent(w.site.running().log))
			}
		}
	})
}

// pertinent leaves out what the harness itself asked.
func pertinent(log *tail) string {
	var b strings.Builder
	for line := range strings.Lines(log.String()) {
		if !strings.Contains(line, `msg="local call"`) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// launch starts the listener and does not wait for it.
func (w *world) launch() {
	p := start(w.TB, w.env, "listen")
	if w.tunnel != nil {
		p.log.keepAll() // it is searched for what is no log's business
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.agent = p
}

// listen starts the listener and waits until it answers.
func (w *world) listen() {
	w.Helper()
	w.launch()
	w.until("the listener answers", func() bool {
		s, err := w.local.Status(w.Context())
		return err == nil && s.Listening && s.PID == w.listener().pid()
	})
}

func (w *world) listener() *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.agent
}

// killAgent ends the listener without a warning.
func (w *world) killAgent() {
	w.kills.Add(1)
	w.listener().kill()
}

// signIn signs in as a person does, who waits when the site says so: it takes five a minute.
func (w *world) signIn(password string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 2*patience)
	defer cancel()
	for {
		_, err := w.local.SignIn(ctx, w.proxy.url(), user, api.NewSecret(password))
		if err == nil {
			return
		}
		if api.CodeOf(err) != api.CodeTooManyRequests || ctx.Err() != nil {
			w.Fatal("sign in: ", err)
		}
		w.pause(time.Second)
	}
}

// status asks the listener; the zero value: it does not answer.
func (w *world) status() local.Status {
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	s, _ := w.local.Status(ctx) // one that does not answer is not listening
	return s
}

func (w *world) connected() bool { return w.status().Link == local.LinkConnected }

// says tells whether a condition is on.
func (w *world) says(code string) bool {
	for _, c := range w.status().Conditions {
		if c.Code == code {
			return true
		}
	}
	return false
}

// send sends notifications, one after the other, and returns when each has its 201.
func (w *world) send(n int) {
	w.Helper()
	for range n {
		w.sendOne()
	}
}

func (w *world) sendOne() {
	p := w.ledger.begin()
	id, err := w.site.post(p.title)
	if err != nil {
		w.Error(err)
		return
	}
	w.ledger.accept(p, id)
}

// sending sends beside whatever happens. The returned function waits for the 201s.
func (w *world) sending(n int) (wait func()) {
	w.senders.Go(func() { w.send(n) })
	return w.senders.Wait
}

// settled waits until everything that was accepted is shown, and notes how long that took since the fault ended; zero: since
// it was accepted, and nothing is noted.
func (w *world) settled(faultEnded time.Time) { w.settledWithin(faultEnded, patience) }

func (w *world) settledWithin(faultEnded time.Time, limit time.Duration) {
	w.Helper()
	end := time.NewTimer(limit)
	defer end.Stop()
	for len(w.ledger.missing()) > 0 {
		select {
		case <-w.ledger.changed:
		case <-end.C:
			s := w.status()
			for _, p := range w.ledger.missing() {
				w.Errorf("%s (%.6s) was not shown within %s; status: %+v", p.title, p.id, limit, s)
			}
			w.FailNow()
		}
	}
	if !faultEnded.IsZero() {
		w.stuck = max(w.stuck, w.ledger.stuck(faultEnded))
	}
}

// rests waits until nothing is on its way any more, a repeat neither: what is shown may not yet be written down.
func (w *world) rests() {
	w.Helper()
	w.until("nothing is on its way any more", func() bool {
		h, err := w.local.History(w.Context())
		return err == nil && w.status().Waiting == 0 &&
			!slices.ContainsFunc(h.Pushes, func(p local.Push) bool { return p.Outcome == local.OutcomeArriving })
	})
}

// pause waits for a part of a fault to last.
func (w *world) pause(d time.Duration) { <-time.After(d) }

func (w *world) until(what string, ok func() bool) {
	w.Helper()
	await(w.TB, what, ok)
}

// await waits for a condition.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	awaitWithin(t, patience, what, ok)
}

func awaitWithin(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("not seen in %s: %s", limit, what)
		}
	}
}
