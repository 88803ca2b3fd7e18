//go:build linux

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/webpush"
)

// clients is where the official clients of Azure Notification Hubs are, and what drives them.
const clients = "hubclients"

// oldestNode is the first version of Node.js that both clients run on.
const oldestNode = 20

// findNode returns the node that was installed with the clients because the system's was too old, or else the system's.
func findNode() (string, error) {
	own, err := filepath.Glob(filepath.Join(clients, "node_modules", "node-linux-*", "bin", "node"))
	if err == nil && len(own) > 0 {
		return filepath.Abs(own[0])
	}
	return exec.LookPath("node")
}

// needClients skips a test where the clients are not installed, or fails it where they have to be. It returns the path of node.
func needClients(t *testing.T) string {
	t.Helper()
	node, err := findNode()
	if err == nil {
		err = newEnough(t, node)
	}
	for _, name := range []string{"@azure/notification-hubs", "azure-sb"} {
		if err == nil {
			_, err = os.Stat(filepath.Join(clients, "node_modules", name))
		}
	}
	switch {
	case err == nil:
	case os.Getenv("SECUREPUSH_REQUIRE_INTEROP") == "1":
		t.Fatalf("the clients are required and absent: %v", err)
	default:
		t.Skipf("needs node and `npm ci` in e2e/%s: %v", clients, err)
	}
	return node
}

// newEnough says what is wrong with the version of node.
func newEnough(t *testing.T, node string) error {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), node, "--version").Output()
	if err != nil {
		return err
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestNode {
		return fmt.Errorf("node is %s, and has to be %d or later", bytes.TrimSpace(out), oldestNode)
	}
	return nil
}

// newServerStack is a machine without a desktop, for back ends alone.
func newServerStack(t *testing.T) *stack {
	t.Helper()
	dir, err := os.MkdirTemp("", "sp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &stack{T: t, dir: dir, env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "SECUREPUSH_LOG=debug"}}
}

// node runs a script with its settings and returns what it printed. Nothing of this process's environment gets there: the
// clients would take a proxy from it.
func (s *stack) node(node, script, caFile string, settings any) []byte {
	s.Helper()
	in, err := json.Marshal(settings)
	if err != nil {
		s.Fatal(err)
	}
	cmd := exec.CommandContext(s.Context(), node, "--no-deprecation", script)
	cmd.Dir = clients
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "NODE_EXTRA_CA_CERTS=" + caFile}
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		exit := new(exec.ExitError)
		_ = errors.As(err, &exit)
		s.Fatalf("%s: %v\n%s%s", script, err, out, exit.Stderr)
	}
	return out
}

// browsers is a push service with any number of browsers, whose addresses are below it and whose keys are all the same.
type browsers struct {
	*httptest.Server
	keys *webpush.Keys
	mu   sync.Mutex
	got  map[string][]received // by path
}

// received is a push as a browser has it.
//
// Example: {"text":"{\"id\":\"7\"}","ttl":"60","urgency":"high","topic":"t"}.
type received struct {
	Text    string `json:"text"`
	TTL     string `json:"ttl"`
	Urgency string `json:"urgency"`
	Topic   string `json:"topic"`
}

func newBrowsers(t *testing.T) *browsers {
	t.Helper()
	keys, err := webpush.GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	b := &browsers{keys: keys, got: map[string][]received{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

// ServeHTTP takes a push, or tells with GET what a browser has got. Those whose name begins with dead are gone.
func (b *browsers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		b.mu.Lock()
		defer b.mu.Unlock()
		_ = json.NewEncoder(w).Encode(append([]received{}, b.got[r.URL.Path]...))
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	text, err := b.keys.Open(body)
	if err != nil {
		text = []byte(err.Error())
	}
	h := r.Header
	b.mu.Lock()
	b.got[r.URL.Path] = append(b.got[r.URL.Path], received{string(text), h.Get("TTL"), h.Get("Urgency"), h.Get("Topic")})
	b.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/dead") {
		w.WriteHeader(http.StatusGone)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// hubSite is a back end over TLS with an embedded hub, whose devices are browsers.
type hubSite struct {
	url, data, caFile string
	browsers          *browsers
}

func (s *stack) hubSite() hubSite {
	s.Helper()
	ca := s.authority("Hausinterne Stelle")
	h := hubSite{data: filepath.Join(s.dir, "backend"), caFile: ca.file, browsers: newBrowsers(s.T)}
	certificate := ca.issue("server", "127.0.0.1", time.Now().Add(24*time.Hour), "localhost")
	_, h.url = s.serve("backend", append(certificate, "--listen", "127.0.0.1:0", "--push-service", h.browsers.URL)...)
	return h
}

// rule makes a rule and returns its connection string.
func (s *stack) rule(data, name, rights string) string {
	s.Helper()
	return strings.TrimSpace(s.must("", "rule", "add", name, "--rights", rights, "--data", data, "--connection-string"))
}

// suite is what a conformance suite has to know.
//
// Example: {"hub":"securepush","connections":{"full":"Endpoint=sb://…"},"push":"http://127.0.0.1:4711","device":{"p256dh":"BPUB…","auth":"AUTH…"}}.
type suite struct {
	Hub         string            `json:"hub"`
	Connections map[string]string `json:"connections"`
	Push        string            `json:"push"`
	Device      map[string]string `json:"device"`
}

// conforms runs a suite against a hub; each of its cases is a subtest. host is how the client calls this machine.
func (s *stack) conforms(node, script, host string, h hubSite) (cases int) {
	s.Helper()
	connections := map[string]string{
		"full": s.rule(h.data, "full", "manage"), "listen": s.rule(h.data, "devices", "listen"), "send": s.rule(h.data, "laboratory", "send"),
		"secondary": strings.TrimSpace(s.must("", "rule", "show", "full", "--key", "secondary", "--connection-string", "--data", h.data)),
	}
	for name, c := range connections {
		connections[name] = strings.Replace(c, "sb://127.0.0.1:", "sb://"+host+":", 1)
	}
	out := s.node(node, script, h.caFile, suite{
		Hub: "securepush", Connections: connections, Push: h.browsers.URL,
		Device: map[string]string{"p256dh": h.browsers.keys.P256DH(), "auth": h.browsers.keys.Auth()},
	})
	for line := range bytes.Lines(out) {
		var c struct {
			Name, Detail string
			OK           bool
		}
		if err := json.Unmarshal(line, &c); err != nil {
			s.Fatalf("%s printed %s", script, line)
		}
		cases++
		s.Run(c.Name, func(t *testing.T) {
			if !c.OK {
				t.Error(c.Detail)
			}
		})
	}
	return cases
}

func TestTheHubServesTheOfficialJavaScriptClient(t *testing.T) {
	node := needClients(t)
	s := newServerStack(t)
	if n := s.conforms(node, "notification-hubs.mjs", "localhost", s.hubSite()); n < 200 {
		t.Errorf("%d cases", n)
	}
}

func TestTheHubServesTheOldNodeClient(t *testing.T) {
	node := needClients(t)
	s := newServerStack(t)
	if n := s.conforms(node, "azure-sb.mjs", "127.0.0.1", s.hubSite()); n < 130 {
		t.Errorf("%d cases", n)
	}
}
