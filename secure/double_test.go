package secure_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"securepush/api"
	"securepush/secure"
)

const tokenMark = "tok-7f3a9c-" // begins every token, so that a search for it finds any

// authServer is a server that rotates refresh tokens: each use gives a successor; the immediate predecessor gets the
// same successor again until that was presented; anything older ends the sign-in.
type authServer struct {
	mu       sync.Mutex
	families []*family
	last     int
	answer   func(http.ResponseWriter, *http.Request) bool // takes over the answer of the token endpoint
	account  string                                        // in every answer
	down     bool
	strict   bool // no grace for the immediate predecessor

	grants, refreshes, graces, reuses, revokes int
	passwords                                  int // requests that carried a password
	order                                      *order
}

type family struct {
	tokens []string // refresh tokens, oldest first
	over   bool
}

// order notes what happens to tokens, in sequence.
type order struct {
	mu    sync.Mutex
	lines []string
}

func (o *order) add(line string) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, line)
}

func (o *order) take() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := o.lines
	o.lines = nil
	return lines
}

func (a *authServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.down {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	switch r.URL.Path {
	case "/.well-known/securepush":
		writeJSON(w, http.StatusOK, api.WellKnown{Product: api.Product, Name: "Clinic", API: api.APIVersion})
	case "/oauth/token":
		if r.FormValue("password") != "" {
			a.passwords++
		}
		if a.answer != nil && a.answer(w, r) {
			a.refreshes++
			return
		}
		a.token(w, r)
	case "/oauth/revoke":
		a.revokes++
		if f, _ := a.find(r.FormValue("token")); f != nil {
			f.over = true
		}
	default:
		http.NotFound(w, r)
	}
}

func (a *authServer) token(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("grant_type") == "password" {
		if r.FormValue("password") != "right" {
			a.refuse(w)
			return
		}
		a.grants++
		f := &family{}
		a.families = append(a.families, f)
		a.issue(w, f.next(a))
		return
	}
	a.refreshes++
	token := r.FormValue("refresh_token")
	a.order.add("presented " + token)
	f, i := a.find(token)
	switch {
	case f == nil || f.over:
		a.refuse(w)
	case i == len(f.tokens)-1:
		a.issue(w, f.next(a))
	case i == len(f.tokens)-2 && !a.strict: // the newest is unknown to whoever asks, or was never presented
		a.graces++
		a.issue(w, f.tokens[i+1])
	default:
		a.reuses++
		f.over = true
		a.refuse(w)
	}
}

func (f *family) next(a *authServer) string {
	a.last++
	f.tokens = append(f.tokens, tokenMark+"refresh-"+strconv.Itoa(a.last))
	return f.tokens[len(f.tokens)-1]
}

func (a *authServer) find(token string) (*family, int) {
	for _, f := range a.families {
		for i, t := range f.tokens {
			if t == token {
				return f, i
			}
		}
	}
	return nil, 0
}

func (a *authServer) issue(w http.ResponseWriter, refresh string) {
	a.last++
	account := a.account
	if account == "" {
		account = alice
	}
	writeJSON(w, http.StatusOK, api.Tokens{
		AccessToken: tokenMark + "access-" + strconv.Itoa(a.last), TokenType: "Bearer", ExpiresIn: 900,
		RefreshToken: refresh, User: "anna", Account: account,
	})
}

func (a *authServer) refuse(w http.ResponseWriter) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
}

// with runs f while the server stands still.
func (a *authServer) with(f func(*authServer)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(a)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// inProcess carries requests straight to a handler, so that a test may run in virtual time.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result(), nil
}

// vault is a vault whose answers a test decides.
type vault struct {
	*secure.Memory
	mu     sync.Mutex
	getErr error
	setErr error
	delErr error
	sets   atomic.Int32
	block  chan struct{} // calls wait for it
	order  *order
}

func (v *vault) fail(get, set, del error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.getErr, v.setErr, v.delErr = get, set, del
}

func (v *vault) answer(which *error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return *which
}

func (v *vault) wait(ctx context.Context) error {
	if v.block == nil {
		return nil
	}
	select {
	case <-v.block:
		return nil
	case <-ctx.Done():
		return &secure.VaultError{State: secure.VaultTimedOut, Words: "It does not answer.", Cause: ctx.Err()}
	}
}

func (v *vault) Get(ctx context.Context, key string) (api.Secret, error) {
	if err := v.wait(ctx); err != nil {
		return api.Secret{}, err
	}
	if err := v.answer(&v.getErr); err != nil {
		return api.Secret{}, err
	}
	return v.Memory.Get(ctx, key)
}

func (v *vault) Set(ctx context.Context, key string, value api.Secret) error {
	if err := v.wait(ctx); err != nil {
		return err
	}
	v.sets.Add(1)
	if err := v.answer(&v.setErr); err != nil {
		v.order.add("refused")
		return err
	}
	v.order.add("stored")
	return v.Memory.Set(ctx, key, value)
}

func (v *vault) Delete(ctx context.Context, key string) error {
	if err := v.wait(ctx); err != nil {
		return err
	}
	if err := v.answer(&v.delErr); err != nil {
		return err
	}
	return v.Memory.Delete(ctx, key)
}

func (v *vault) has(t *testing.T, key string) bool {
	t.Helper()
	_, err := v.Memory.Get(t.Context(), key)
	return err == nil
}

// world is a session with its server and its vault.
type world struct {
	server  *authServer
	vault   *vault
	session *secure.Session
	log     *bytes.Buffer
	order   *order

	refusal error // of whoever looks at an account before it signs in

	mu   sync.Mutex
	told []secure.Status
}

var origin = &url.URL{Scheme: "https", Host: "push.example.org"}

func newWorld(t *testing.T) *world {
	t.Helper()
	o := &order{}
	w := &world{
		server: &authServer{order: o}, vault: &vault{Memory: secure.NewMemory(), order: o}, log: &bytes.Buffer{}, order: o,
	}
	w.restart(t, nil)
	t.Cleanup(func() {
		w.session.Close()
		if strings.Contains(w.log.String(), tokenMark) {
			t.Error("a token stands in the log")
		}
	})
	return w
}

// restart ends the session and opens one that remembers account, as a new process does.
func (w *world) restart(t *testing.T, account *secure.Account) {
	t.Helper()
	if w.session != nil {
		w.session.Close()
	}
	w.session = secure.OpenSession(secure.SessionOptions{
		Vault: w.vault, Account: account,
		Client: func(base *url.URL) *api.Client {
			return &api.Client{Base: base, HTTP: &http.Client{Transport: inProcess{w.server}}}
		},
		Accept: func(secure.Account) error { return w.refusal },
		Changed: func(s secure.Status) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if now := w.session.State(); now.State != s.State && now.State == secure.StateNever {
				t.Errorf("told of %v after %v", s.State, now.State)
			}
			w.told = append(w.told, s)
		},
		Logger: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
}

func (w *world) signIn(t *testing.T) secure.Account {
	t.Helper()
	account, err := w.session.SignIn(t.Context(), origin, "anna", api.NewSecret("right"))
	must(t, err)
	return account
}

// signedIn is a world in which somebody signed in and the process started anew.
func signedIn(t *testing.T) (*world, secure.Account) {
	t.Helper()
	w := newWorld(t)
	account := w.signIn(t)
	w.restart(t, &account)
	w.order.take()
	return w, account
}

func (w *world) wantState(t *testing.T, want secure.State, memoryOnly bool) {
	t.Helper()
	s := w.session.State()
	if s.State != want || s.MemoryOnly != memoryOnly {
		t.Fatalf("state %v (memory only: %v), want %v (%v): %v", s.State, s.MemoryOnly, want, memoryOnly, s.Cause)
	}
	if (s.Words == "") != (s.State == secure.StateActive && !memoryOnly || s.State == secure.StateNever || s.Cause == nil) {
		t.Fatalf("state %v has the words %q", s.State, s.Words)
	}
}

func wantCode(t *testing.T, want api.Code, err error) {
	t.Helper()
	if api.CodeOf(err) != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}
