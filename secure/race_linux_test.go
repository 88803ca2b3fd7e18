package secure_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/secure"
)

// household is a desktop with a keyring, a server and a sign-in, for processes that share it.
type household struct {
	bus     *bus
	server  *authServer
	http    *httptest.Server
	lock    string
	keyring *secure.Keyring
}

func newHousehold(t *testing.T) *household {
	t.Helper()
	h := &household{bus: startBus(t, nil), server: &authServer{}, lock: filepath.Join(t.TempDir(), "session.lock")}
	h.bus.startKeyring(t, password)
	h.http = httptest.NewServer(h.server)
	t.Cleanup(h.http.Close)
	h.keyring = h.bus.keyring(secure.KeyringOptions{})
	return h
}

func (h *household) session(account *secure.Account) *secure.Session {
	return secure.OpenSession(secure.SessionOptions{
		Vault: h.keyring, Account: account, LockFile: h.lock,
		Client: func(base *url.URL) *api.Client { return &api.Client{Base: base, HTTP: &http.Client{}} },
	})
}

func (h *household) signIn(t *testing.T) secure.Account {
	t.Helper()
	s := h.session(nil)
	defer s.Close()
	base, err := url.Parse(h.http.URL)
	must(t, err)
	account, err := s.SignIn(t.Context(), base, "anna", api.NewSecret("right"))
	must(t, err)
	if s.State().MemoryOnly {
		t.Fatal(s.State().Cause)
	}
	return account
}

// renewer is a process that renews n times, or for ever.
func (h *household) renewer(t *testing.T, account secure.Account, n int) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	b, err := json.Marshal(account)
	must(t, err)
	cmd := h.bus.command(os.Args[0])
	cmd.Env = append(cmd.Env, childEnv+"=renew", "ACCOUNT="+string(b), "LOCK="+h.lock, "RENEWALS="+strconv.Itoa(n))
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

func TestTwoProcessesThatRenewAtOnceNeverSignEachOtherOutAndShowNoToken(t *testing.T) {
	rounds, each := 20, 2
	switch {
	case testing.Short():
		rounds = 3
	case slow:
		rounds = 6
	}
	h := newHousehold(t)
	h.server.strict = true // any overlap would end the sign-in
	search, stop := searchProcesses(tokenMark)
	defer stop()
	for range rounds {
		account := h.signIn(t)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				cmd, out := h.renewer(t, account, each)
				if err := cmd.Run(); err != nil || strings.Count(out.String(), "renewed\n") != each {
					t.Errorf("%v: %s", err, out)
				}
				if strings.Contains(out.String(), tokenMark) {
					t.Error("a token stands in the log")
				}
			})
		}
		wg.Wait()
	}
	h.server.with(func(a *authServer) {
		if a.reuses != 0 || a.refreshes != rounds*2*each {
			t.Errorf("%d renewals, %d ended sign-ins", a.refreshes, a.reuses)
		}
	})
	if found := search(); found != "" {
		t.Errorf("a token stands in %s", found)
	}
}

func TestAProcessKilledAtAnyMomentOfARenewalDoesNotLoseTheSignIn(t *testing.T) {
	kills := 25
	if testing.Short() {
		kills = 5
	}
	h := newHousehold(t)
	account := h.signIn(t)
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 1))
	for i := range kills {
		cmd, out := h.renewer(t, account, 0)
		must(t, cmd.Start())
		timer := time.NewTimer(time.Duration(40+dice.IntN(120)) * time.Millisecond)
		<-timer.C
		must(t, cmd.Process.Kill())
		_ = cmd.Wait()
		if strings.Contains(out.String(), string(api.CodeSignInNeeded)) {
			t.Fatalf("signed out before kill %d (seed %d): %s", i, seed, out)
		}
	}
	s := h.session(&account)
	defer s.Close()
	if _, err := s.Token(t.Context()); err != nil {
		t.Fatalf("signed out after %d kills (seed %d): %v", kills, seed, err)
	}
	h.server.with(func(a *authServer) {
		t.Logf("%d kills, %d renewals, %d after a lost answer, %d ended sign-ins", kills, a.refreshes, a.graces, a.reuses)
		if a.reuses != 0 {
			t.Errorf("%d old tokens were presented", a.reuses)
		}
	})
}

// searchProcesses looks for text in the arguments and environment of every process until it is stopped.
func searchProcesses(text string) (found func() string, stop func()) {
	var where string
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		again := time.NewTicker(10 * time.Millisecond)
		defer again.Stop()
		for {
			select {
			case <-done:
				return
			case <-again.C:
			}
			for _, pattern := range []string{"/proc/[0-9]*/cmdline", "/proc/[0-9]*/environ"} {
				files, _ := filepath.Glob(pattern)
				for _, file := range files {
					if b, err := os.ReadFile(file); err == nil && bytes.Contains(b, []byte(text)) {
						where = file
					}
				}
			}
		}
	}()
	once := sync.OnceFunc(func() { close(done); <-ended })
	return func() string { once(); return where }, once
}
