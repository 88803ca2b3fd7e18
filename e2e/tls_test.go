//go:build linux

package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/cli/desktop"
)

// problem is what a command with --json writes to standard error.
type problem struct {
	Error struct {
		Code   api.Code
		Detail string
	}
}

// refused runs a login that has to fail, and returns its code and words.
func (s *stack) refused(server string) (code api.Code, words string, exit int) {
	s.Helper()
	_, errOut, exit := s.runBoth(password+"\n", "login", "--json", "--server", server, "--user", user, "--password-stdin")
	lines := strings.Split(strings.TrimSpace(errOut), "\n")
	var p problem
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &p); err != nil {
		s.Fatalf("login at %s wrote %s", server, errOut)
	}
	return p.Error.Code, p.Error.Detail, exit
}

// configure writes config.toml as a person does.
func (s *stack) configure(toml string) {
	s.Helper()
	dir := filepath.Join(s.dir, "d", "config", "securepush")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(toml), 0o600); err != nil {
		s.Fatal(err)
	}
}

func TestTheWholeWayWorksOverTLSWithAnAuthorityOfOnesOwn(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	ca := s.authority("Hausinterne Stelle")
	c := s.clinic(ca.issue("server", "127.0.0.1", time.Now().Add(24*time.Hour))...)
	t.Setenv("CURL_CA_BUNDLE", ca.file)
	if !strings.HasPrefix(c.url, "https://127.0.0.1:") {
		t.Fatalf("it listens at %s", c.url)
	}

	t.Log("without the authority nothing is sent, and a sentence names the issuer")
	listener := s.listen()
	code, words, exit := s.refused(c.url)
	if code != api.CodeUntrusted || exit != 4 || !strings.Contains(words, "The server's certificate is not trusted: issued by") ||
		!strings.Contains(words, "Hausinterne Stelle") || !strings.Contains(words, "Ask whoever runs it, or add its authority in Settings › Connection.") {
		t.Errorf("exit code %d, %s: %s", exit, code, words)
	}

	t.Log("with it everything goes over https and wss")
	listener.stop(os.Interrupt)
	s.configure("ca_file = \"" + ca.file + "\"\n")
	s.listen()
	s.login(c.url)
	s.connected()
	s.curl(c.url, c.key, message(""))
	m.wait(title)
	if failed, exit := s.examine(); len(failed) != 0 || exit != 0 {
		t.Errorf("exit code %d, failed: %q", exit, failed)
	}
	if w := wellKnown(t, c.url, ca.file); !strings.HasPrefix(w.PushURL, "wss://127.0.0.1:") {
		t.Errorf("pushes come from %s", w.PushURL)
	}
	plain := strings.Replace(c.url, "https:", "http:", 1)
	if code, words, exit := s.refused(plain); code != api.CodeUnknownServer || exit != 4 {
		t.Errorf("plain http to it: exit code %d, %s: %s", exit, code, words)
	}
}

func wellKnown(t *testing.T, address, caFile string) api.WellKnown {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	w, err := (&api.Client{Base: base, HTTP: trusting(t, caFile)}).WellKnown(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// trusting is an HTTP client that trusts one authority.
func trusting(t *testing.T, caFile string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// otherKind is a web server of another kind; it keeps what was asked of it.
type otherKind struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func (s *stack) otherKind(answer http.HandlerFunc) *otherKind {
	s.Helper()
	o := &otherKind{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		o.asked = append(o.asked, fmt.Sprintln(r.Method, r.URL, r.Header, string(body)))
		o.mu.Unlock()
		answer(w, r)
	}))
	s.Cleanup(o.Close)
	return o
}

func (o *otherKind) heard() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.asked, "")
}

func TestAServerThatCannotBeUsedIsNamedInASentenceAndGetsNoPassword(t *testing.T) {
	s := newStack(t, desktop.Options{})
	ca, stranger := s.authority("Hausinterne Stelle"), s.authority("Unbekannte Stelle")
	s.configure("ca_file = \"" + ca.file + "\"\n")
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	start := func(data string, certificate []string) string {
		_, address := s.serve(data, append(certificate, "--listen", "127.0.0.1:0")...)
		return address
	}
	page := s.otherKind(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<!doctype html><title>Intranet</title>")
	})
	led := s.otherKind(func(http.ResponseWriter, *http.Request) {})
	leads := s.otherKind(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, led.URL+r.URL.Path, http.StatusFound)
	})
	for name, c := range map[string]struct {
		server string
		code   api.Code
		exit   int
		words  string
	}{
		"plain http to another host": {
			"http://push.klinik.example", api.CodePlainHTTP, 2,
			"This address is not encrypted. Use https://…, or localhost for trying things out.",
		},
		"not an address": {"ftp://push.klinik.example", api.CodeInvalidField, 2, "This is not the address of a server."},
		"nobody listens": {"http://" + freePort(t), api.CodeUnreachable, 4, "cannot be reached"},
		"another kind":   {page.URL, api.CodeUnknownServer, 4, "This address answers, but not as a SecurePush server."},
		"it leads away":  {leads.URL, api.CodeUnknownServer, 4, "This address answers, but not as a SecurePush server."},
		"not over https": {strings.Replace(page.URL, "http:", "https:", 1), api.CodeUnknownServer, 4, "does not speak https at this port"},
		"for another name": {
			start("a", ca.issue("a", "push.klinik.example", soon)), api.CodeUntrusted, 4,
			"The server's certificate is for another name than 127.0.0.1.",
		},
		"expired": {
			start("b", ca.issue("b", "127.0.0.1", past)), api.CodeUntrusted, 4,
			"The server's certificate is not valid at this time: it runs from",
		},
		"of an unknown authority": {start("c", stranger.issue("c", "127.0.0.1", soon)), api.CodeUntrusted, 4, "Unbekannte Stelle"},
	} {
		t.Run(name, func(t *testing.T) {
			code, words, exit := s.in(t).refused(c.server)
			if code != c.code || exit != c.exit || !strings.Contains(words, c.words) {
				t.Errorf("exit code %d, %s: %s", exit, code, words)
			}
		})
	}
	if led.heard() != "" {
		t.Errorf("the redirect was followed: %s", led.heard())
	}
	for _, o := range []*otherKind{page, leads} {
		if got := o.heard(); !strings.Contains(got, "GET /.well-known/securepush") || strings.Contains(got, "POST") || strings.Contains(got, password) {
			t.Errorf("a server of another kind was asked: %s", got)
		}
	}
}
