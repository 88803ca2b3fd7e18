//go:build linux

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend"
)

const (
	user     = "anna"
	password = "throw-away-1234"
)

// site is a back end, its hub and its push service in one process of the program.
type site struct {
	t     testing.TB
	data  string
	proxy *proxy
	keys  []api.Secret // of senders; each may send 50 a second
	http  *http.Client

	mu      sync.Mutex
	process *process // the one that was started last
	address string   // where it listens; "" while it does not
	sent    int
}

// newSite makes accounts for one person and a few senders, and starts the back end.
func newSite(t testing.TB, dir string, p *proxy, senders int) *site {
	t.Helper()
	s := &site{t: t, data: filepath.Join(dir, "site"), proxy: p, http: &http.Client{Timeout: patience}}
	admin, err := backend.OpenAdmin(t.Context(), s.data, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.AddUser(t.Context(), user, api.NewSecret(password), nil); err != nil {
		t.Fatal(err)
	}
	for i := range senders {
		_, key, err := admin.AddKey(t.Context(), "sender"+strconv.Itoa(i), []string{api.ClaimSend})
		if err != nil {
			t.Fatal(err)
		}
		s.keys = append(s.keys, key)
	}
	if err := admin.Close(); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(func() { s.running().stop() })
	return s
}

// start starts the back end, at an address that the system chooses, and waits until it listens.
func (s *site) start() {
	p := start(s.t, append(os.Environ(), "SECUREPUSH_LOG=info", "GOTRACEBACK=all"),
		"serve", "--json", "--data", s.data, "--listen", "127.0.0.1:0", "--public-url", s.proxy.url())
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
	var ready struct{ Listening string }
	await(s.t, "the back end listens", func() bool {
		return json.Unmarshal([]byte(p.out.String()), &ready) == nil && ready.Listening != ""
	})
	s.mu.Lock()
	s.address = ready.Listening
	s.mu.Unlock()
	s.proxy.to(ready.Listening)
}

func (s *site) running() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// kill ends it without a warning. It may have ended.
func (s *site) kill() {
	s.mu.Lock()
	s.address = ""
	s.mu.Unlock()
	s.running().kill()
}

// admin runs a command of the administrator on the running site's data.
func (s *site) admin(stdin string, args ...string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append(args, "--data", s.data)...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("securepush %s: %v: %s", args[:2], err, out)
	}
}

// post sends a notification until the site takes it, as a sender does that is careful: with a key for repeats.
func (s *site) post(title string) (api.ID, error) {
	s.mu.Lock()
	s.sent++
	key, n := s.keys[s.sent%len(s.keys)], s.sent
	s.mu.Unlock()
	body, err := json.Marshal(api.SendRequest{To: api.Recipients{user}, Title: title, Payload: "Text of " + title, Sender: "Faults"})
	if err != nil {
		return "", err
	}
	last := fmt.Errorf("the site never listened")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		s.mu.Lock()
		address := s.address
		s.mu.Unlock()
		if address == "" {
			continue
		}
		id, err := s.once(address, key, body, fmt.Sprint("send-", n))
		if err == nil {
			return id, nil
		}
		if last = err; errors.Is(err, errRefused) {
			break
		}
	}
	return "", fmt.Errorf("not sent: %w", last)
}

// errRefused says that to send it again is of no use.
var errRefused = errors.New("refused")

func (s *site) once(address string, key api.Secret, body []byte, repeat string) (api.ID, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/api/notifications", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+key.Reveal())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", repeat)
	resp, err := s.http.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	var out api.SendResult
	switch {
	case err != nil:
		return "", err
	case resp.StatusCode == http.StatusCreated:
		if err := json.Unmarshal(answer, &out); err != nil || len(out.IDs) != 1 {
			return "", fmt.Errorf("%w: %s", errRefused, answer)
		}
		return out.IDs[0], nil
	case resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests:
		return "", fmt.Errorf("%w: %s: %s", errRefused, resp.Status, answer)
	default:
		return "", fmt.Errorf("%s: %s", resp.Status, answer)
	}
}
