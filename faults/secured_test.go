//go:build linux

package faults

import (
	"crypto/tls"
	"os/exec"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// Who is let through the HTTP proxy. Nothing else in a log contains these.
const (
	proxyUser  = "ward7:Stachelbeere-88"
	proxyOther = "ward7:Stachelbeere-89"
)

// proxies are HTTP proxies that the device has to go through.
func proxies() []fault {
	through := options{tunnel: true, given: proxyUser, wanted: proxyUser}
	return []fault{
		{name: "HTTP proxy dies and comes back", runs: 4, short: 1, prompts: 1, options: through, run: (*world).tunnelDies},
		{name: "HTTP proxy wants another sign-in: 407", runs: 4, short: 1, prompts: 1, options: through, run: (*world).tunnelRefuses},
	}
}

// certificates are those of a site that a device must not trust.
func certificates() []fault {
	return []fault{
		{name: "certificate of an unknown authority", runs: 4, short: 1, prompts: 1, options: options{tls: true}, run: (*world).strangersCertificate},
		{name: "certificate expired", runs: 4, short: 1, prompts: 1, options: options{tls: true}, run: (*world).expiredCertificate},
	}
}

// tunnelDies leaves nobody at its port, or somebody who hangs up at once.
func (w *world) tunnelDies(i int) {
	fails, words := w.tunnel.die, "The proxy on the way to push.test cannot be reached."
	if i%2 == 1 {
		fails, words = w.tunnel.hangUp, "push.test cannot be reached."
	}
	w.linked()
	fails()
	w.send(few)
	w.tells(words)
	w.tunnel.revive()
	w.settledWithin(time.Now(), 2*patience)
	w.allThrough()
}

func (w *world) tunnelRefuses(int) {
	w.linked()
	w.tunnel.want(proxyOther)
	w.send(few)
	w.tells("The proxy " + w.tunnel.address + " wants a sign-in.")
	if doctor := w.command("doctor"); !strings.Contains(doctor, "wants a sign-in") {
		w.Errorf("the doctor says nothing of it: %s", doctor)
	}
	w.tunnel.want(proxyUser)
	w.settledWithin(time.Now(), 2*patience)
	w.allThrough()
	w.quietAbout(proxyUser)
}

func (w *world) strangersCertificate(int) {
	w.mistrusts(w.proxy.papers.stranger, "The server's certificate is not trusted: issued by")
}

func (w *world) expiredCertificate(int) {
	w.mistrusts(w.proxy.papers.expired, "The server's certificate is not valid at this time")
}

// mistrusts lets the site show another certificate for a while. Each request over such a connection fails the test.
func (w *world) mistrusts(shown *tls.Certificate, words string) {
	w.Helper()
	p := w.proxy.papers
	w.linked()
	before := p.refused.Load()
	p.current.Store(shown)
	w.proxy.cut()
	w.send(few)
	w.until("the device has seen the certificate", func() bool { return p.refused.Load() > before })
	w.tells(words)
	if doctor := w.command("doctor"); !strings.Contains(doctor, words) {
		w.Errorf("the doctor says nothing of it: %s", doctor)
	}
	p.current.Store(p.good)
	w.settledWithin(time.Now(), 2*patience)
}

// linked waits until the device listens: between two attempts it may wait a minute.
func (w *world) linked() {
	w.Helper()
	awaitWithin(w.TB, 3*patience, "the device listens", w.connected)
}

// tells waits until the status has these words. Where a question was answered just when the link went, the next one comes
// two minutes later.
func (w *world) tells(words string) {
	w.Helper()
	awaitWithin(w.TB, 4*patience, "the status says: "+words, func() bool { return w.told(words) })
}

// told says whether the status has these words.
func (w *world) told(words string) bool {
	for _, c := range w.status().Conditions {
		if strings.Contains(c.Advice, words) {
			return true
		}
	}
	return false
}

// command runs a command of the person, which may fail, and returns what it says.
func (w *world) command(args ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), binary, args...)
	cmd.Env = w.env
	out, _ := cmd.CombinedOutput() // a doctor that finds something fails
	return string(out)
}

// allThrough checks that no connection came to the site but through the HTTP proxy.
func (w *world) allThrough() {
	w.Helper()
	w.until("each connection to the site came through the proxy", func() bool { return w.proxy.came.Load() == w.tunnel.led.Load() })
}

// quietAbout checks that user and password of the proxy are told to nobody.
func (w *world) quietAbout(userinfo string) {
	w.Helper()
	for what, text := range map[string]string{
		"the log of the listener": w.listener().log.String(), "the log of the back end": w.site.running().log.String(),
		"status": w.command("status", "--json"), "doctor": w.command("doctor", "--json"), "report": w.command("doctor", "--export"),
	} {
		if text == "" {
			w.Errorf("%s is empty", what)
		}
		if leaks(text, userinfo) {
			w.Errorf("%s names the user or the password of the proxy: %s", what, text)
		}
	}
	if report := w.command("doctor", "--export"); !strings.Contains(report, w.tunnel.address) {
		w.Errorf("the report does not name the proxy: %s", report)
	}
}

func TestTheWholeWayGoesThroughAnHTTPProxy(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the whole program")
	}
	t.Parallel()
	for name, o := range map[string]options{
		"that lets everybody in":          {},
		"that wants a sign-in, given":     {given: proxyUser, wanted: proxyUser},
		"that is given one for nothing":   {given: proxyUser},
		"that wants a sign-in, not given": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.tunnel = true
			w := newWorld(t, o) // signs in, listens and shows one
			if w.tunnel.led.Load() == 0 {
				t.Error("nothing went through the proxy")
			}
			if strings.HasSuffix(name, "not given") {
				w.staysOutside()
			}
			w.allThrough()
			w.quietAbout(proxyUser)
		})
	}
}

// staysOutside lets the proxy want a sign-in that the device does not have: nothing arrives, and nobody can sign in.
func (w *world) staysOutside() {
	w.Helper()
	w.tunnel.want(proxyUser)
	w.until("nothing is on its way to the site", w.proxy.idle)
	asked := w.proxy.asked.Load()
	w.send(few)
	const words = "wants a sign-in"
	w.tells(words)
	if _, err := w.local.SignIn(w.Context(), w.proxy.url(), user, api.NewSecret(password)); api.CodeOf(err) != api.CodeUnreachable || !strings.Contains(api.Words(err), words) {
		w.Errorf("sign-in: %v: %s", err, api.Words(err))
	}
	if n := w.proxy.asked.Load(); n != asked {
		w.Errorf("%d requests came to the site", n-asked)
	}
	w.tunnel.want("")
	w.settledWithin(time.Now(), 2*patience)
}
