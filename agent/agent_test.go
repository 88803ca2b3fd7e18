package agent

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/backend"
	"securepush/secure"
)

const password = "correct horse battery"

// world is a real back end with two users, and folders for agents.
type world struct {
	*testing.T
	url  string
	data string
	key  api.Secret
	dir  string
	away atomic.Bool // the server cannot be reached
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "spa") // a socket's path is at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "no-bus"))
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "no-bus"))
	front := httptest.NewUnstartedServer(nil)
	base, err := url.Parse("http://" + front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, url: base.String(), data: filepath.Join(dir, "data"), dir: dir}
	server, err := backend.Open(t.Context(), backend.Config{PublicURL: base, DataDir: w.data, Name: "Clinic"})
	if err != nil {
		t.Fatal(err)
	}
	handler := server.Handler()
	front.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.away.Load() && r.Header.Get("Upgrade") == "" {
			panic(http.ErrAbortHandler) // cuts the connection
		}
		handler.ServeHTTP(rw, r)
	})
	front.Start()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = server.Run(ctx) })
	t.Cleanup(func() {
		front.CloseClientConnections()
		cancel()
		running.Wait()
		front.Close()
		_ = server.Close()
	})
	w.admin(func(a *backend.Admin) {
		for _, user := range []string{"anna", "bob"} {
			if _, err := a.AddUser(t.Context(), user, api.NewSecret(password), []string{api.ClaimSend}); err != nil {
				t.Fatal(err)
			}
		}
		if _, w.key, err = a.AddKey(t.Context(), "lab", []string{api.ClaimSend}); err != nil {
			t.Fatal(err)
		}
	})
	return w
}

func (w *world) admin(f func(*backend.Admin)) {
	w.Helper()
	a, err := backend.OpenAdmin(w.Context(), w.data, "")
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	f(a)
}

// open opens an agent with a vault that lives as long as the test says.
func (w *world) open(vault secure.Vault) *Agent {
	w.Helper()
	a, err := Open(w.Context(), Options{
		Paths: Paths{ConfigDir: w.dir + "/c", StateDir: w.dir + "/s", RuntimeDir: w.dir + "/r"}, Executable: "/bin/false", Version: "test", Vault: vault,
	})
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// run runs an agent and returns its client and what ends it.
func (w *world) run(vault secure.Vault) (*Agent, *local.Client, func()) {
	w.Helper()
	a := w.open(vault)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	c := local.Dial(a.o.Paths.Socket())
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				w.Error(err)
			}
			c.Close()
			if err := a.Close(); err != nil {
				w.Error(err)
			}
		})
	}
	w.Cleanup(stop)
	w.until(func() bool { s, err := c.Status(w.Context()); return err == nil && s.Listening })
	return a, c, stop
}

func (w *world) until(ok func() bool) {
	w.Helper()
	end := time.After(time.Minute)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-end:
			w.Fatal("it takes too long")
		}
	}
}

func (w *world) send(to, text string) api.ID {
	w.Helper()
	base, err := url.Parse(w.url)
	if err != nil {
		w.Fatal(err)
	}
	out, err := (&api.Client{Base: base, Tokens: keyToken(w.key.Reveal())}).
		Send(w.Context(), api.SendRequest{To: api.Recipients{to}, Title: text, Payload: text}, "")
	if err != nil {
		w.Fatal(err)
	}
	return out.IDs[0]
}

type keyToken string

func (k keyToken) Token(context.Context) (api.Secret, error) { return api.NewSecret(string(k)), nil }

func (k keyToken) Renew(context.Context, api.Secret) (api.Secret, error) {
	return api.NewSecret(string(k)), nil
}

func TestACommandAloneKnowsTheSignIn(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	first := w.open(vault)
	if _, err := (&local.Client{Transport: first.Transport()}).SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := w.open(vault)
	defer func() { _ = second.Close() }()
	s, err := (&local.Client{Transport: second.Transport()}).Status(t.Context())
	if err != nil || s.SignIn != local.SignInActive || len(s.Conditions) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestACallForTheAccountBeforeLeavesTheNextAlone(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	_, c, stop := w.run(secure.NewMemory())
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	stop()
	a := w.open(secure.NewMemory())
	defer func() { _ = a.Close() }()
	base, err := url.Parse(other.url)
	if err != nil {
		t.Fatal(err)
	}
	// The middle of a sign-in at another server: the session has the new account, the profile still the old one.
	if _, err := a.first().session.SignIn(t.Context(), base, "bob", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.first().inbox(t.Context(), local.InboxQuery{}); api.CodeOf(err) != api.CodeUnavailable {
		t.Error(err)
	}
	if s := a.first().session.State(); s.State != secure.StateActive {
		t.Errorf("the new sign-in is %s: %s", s.State, s.Words)
	}
}

func TestTheLocalSocket(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	ctx := t.Context()

	if s, err := c.Status(ctx); err != nil || s.SignIn != local.SignInNever || s.Link != local.LinkOff {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := c.Inbox(ctx, local.InboxQuery{}); api.CodeOf(err) != api.CodeSignInNeeded {
		t.Errorf("an inbox of nobody: %v", err)
	}
	if _, err := c.SignIn(ctx, w.url, "anna", api.NewSecret("wrong")); api.CodeOf(err) != api.CodeInvalidGrant || api.Words(err) != "That user name and password do not match." {
		t.Errorf("a wrong password: %v: %s", err, api.Words(err))
	}
	account, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password))
	if err != nil || account.User != "anna" || account.ServerName != "Clinic" || !account.CanSendToOthers() {
		t.Fatalf("%+v, %v", account, err)
	}
	w.until(func() bool { s, err := c.Status(ctx); return err == nil && s.Link == local.LinkConnected })

	id := w.send("anna", "one")
	w.send("bob", "not for anna")
	var in local.Inbox
	w.until(func() bool { in, err = c.Inbox(ctx, local.InboxQuery{}); return err == nil && len(in.Items) == 1 })
	if in.Items[0].ID != id || in.Offline || in.Unread != 1 {
		t.Errorf("%+v", in)
	}
	if err := c.SetRead(ctx, id, true); err != nil {
		t.Error(err)
	}
	if n, err := c.Notification(ctx, id); err != nil || !n.Read {
		t.Errorf("%+v, %v", n, err)
	}
	if out, err := c.Send(ctx, api.SendRequest{Payload: "to myself"}); err != nil || out.Devices != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err := c.Test(ctx); err != nil || out.Devices != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if err := c.MarkAllRead(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Delete(ctx, id); err != nil {
		t.Error(err)
	}
	if _, err := c.Notification(ctx, id); api.CodeOf(err) != api.CodeGone {
		t.Errorf("after removal: %v", err)
	}
	checks, err := c.Doctor(ctx)
	if err != nil || len(checks) < 8 {
		t.Errorf("%+v, %v", checks, err)
	}
	for _, check := range checks {
		if !check.OK && check.Name != "toasts" { // there is no bus here
			t.Errorf("%+v", check)
		}
	}
}

func TestSigningOutLeavesNothing(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a, c, _ := w.run(vault)
	ctx := t.Context()
	account, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { s, err := c.Status(ctx); return err == nil && s.Link == local.LinkConnected })
	w.send("anna", "one")
	w.until(func() bool { s, err := c.Status(ctx); return err == nil && (s.Counters.Pushes > 0 || s.Waiting > 0) })
	if err := c.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Status(ctx); err != nil || s.SignIn != local.SignInNever || s.Account != nil {
		t.Errorf("%+v, %v", s, err)
	}
	for _, key := range []string{account.ID, account.ID + ".journal"} {
		if _, err := vault.Get(ctx, key); secure.StateOf(err) != secure.VaultAbsent {
			t.Errorf("%s is still in the keyring: %v", key, err)
		}
	}
	w.until(func() bool { s, err := c.Status(ctx); return err == nil && s.Link == local.LinkOff })
	if p := a.first().readProfile(); p.Account != nil || p.Installation != "" || len(p.SignedOut) != 0 {
		t.Errorf("%+v", p)
	}
	// The device is unregistered: a push finds nobody.
	base, _ := url.Parse(w.url)
	out, err := (&api.Client{Base: base, Tokens: keyToken(w.key.Reveal())}).Send(ctx, api.SendRequest{To: api.Recipients{"anna"}, Payload: "x"}, "")
	if err != nil || out.Devices != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestTheAccountBeforeHasThisDeviceNoMore(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	ctx := t.Context()
	for _, user := range []string{"anna", "bob"} {
		if _, err := c.SignIn(ctx, w.url, user, api.NewSecret(password)); err != nil {
			t.Fatal(err)
		}
		w.until(func() bool {
			out, err := c.Send(ctx, api.SendRequest{Payload: "x"})
			return err == nil && out.Devices == 1
		})
	}
	if out, err := c.Send(ctx, api.SendRequest{To: api.Recipients{"anna"}, Payload: "x"}); err != nil || out.Devices != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestTheAccountBeforeIsSignedOutLaterWhenItsServerIsAway(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	vault := secure.NewMemory()
	a, c, stop := w.run(vault)
	account, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	w.away.Store(true)
	if _, err := c.SignIn(t.Context(), other.url, "bob", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	if p := a.first().readProfile(); len(p.SignedOut) != 1 || p.SignedOut[0].ID != account.ID || p.SignedOut[0].Installation == "" {
		t.Fatalf("%+v", p)
	}
	w.away.Store(false)
	stop()
	b, _, _ := w.run(vault)
	w.until(func() bool { return len(b.first().readProfile().SignedOut) == 0 })
	for _, key := range []string{account.ID, account.ID + ".revoke"} {
		if _, err := vault.Get(t.Context(), key); secure.StateOf(err) != secure.VaultAbsent {
			t.Errorf("%s is still in the keyring: %v", key, err)
		}
	}
}

func TestAPushServiceThatCannotBeUsedIsAskedForAgain(t *testing.T) {
	w := newWorld(t)
	a, c, _ := w.run(secure.NewMemory())
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { s, err := c.Status(t.Context()); return err == nil && s.Link == local.LinkConnected })
	if err := a.first().changeProfile(func(p *profile) { p.PushURL = "ws://push.example/" }); err != nil {
		t.Fatal(err)
	}
	a.first().present().edge.restart()
	w.until(func() bool { return a.first().readProfile().PushURL != "ws://push.example/" })
	w.until(func() bool { s, err := c.Status(t.Context()); return err == nil && s.Link == local.LinkConnected })
}

func TestARestartKeepsTheSignIn(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	_, c, stop := w.run(vault)
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	stop()
	_, c, _ = w.run(vault)
	w.until(func() bool {
		s, err := c.Status(t.Context())
		return err == nil && s.SignIn == local.SignInActive && s.Link == local.LinkConnected
	})
}

func TestACommandActsWithoutAListener(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	a := w.open(vault)
	c := &local.Client{Transport: a.Transport()}
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	_, c, stop := w.run(vault) // a listener that starts later takes the sign-in over
	w.until(func() bool { s, err := c.Status(t.Context()); return err == nil && s.Link == local.LinkConnected })
	stop()
	w.send("anna", "one")
	a = w.open(vault)
	defer func() { _ = a.Close() }()
	c = &local.Client{Transport: a.Transport()}
	in, err := c.Inbox(t.Context(), local.InboxQuery{})
	if err != nil || len(in.Items) != 1 {
		t.Errorf("%+v, %v", in, err)
	}
	if s, err := c.Status(t.Context()); err != nil || s.Listening || s.SignIn != local.SignInActive {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestWithoutServerAndListenerTheInboxIsWhatIsKept(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	_, c, stop := w.run(vault)
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	id := w.send("anna", "one")
	w.until(func() bool { // it was fetched, and could not be shown without a bus
		s, err := c.Status(t.Context())
		return err == nil && slices.ContainsFunc(s.Conditions, func(c local.Condition) bool { return c.Code == "toasts" })
	})
	stop()
	w.away.Store(true)
	a := w.open(vault)
	defer func() { _ = a.Close() }()
	c = &local.Client{Transport: a.Transport()}
	in, err := c.Inbox(t.Context(), local.InboxQuery{})
	if err != nil || !in.Offline || len(in.Items) != 1 || in.Items[0].ID != id {
		t.Errorf("%+v, %v", in, err)
	}
	if n, err := c.Notification(t.Context(), id); err != nil || n.Payload != "one" {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestOneAgentRunsAtATime(t *testing.T) {
	w := newWorld(t)
	w.run(secure.NewMemory())
	_, err := Open(t.Context(), Options{
		Paths: Paths{ConfigDir: w.dir + "/c", StateDir: w.dir + "/s", RuntimeDir: w.dir + "/r"}, Executable: "/bin/false",
	})
	if !errors.Is(err, ErrRunning) {
		t.Errorf("a second agent: %v", err)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	if err := c.SaveSettings(t.Context(), local.Settings{Theme: "dark"}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"c", "s", "r"} {
		err := filepath.WalkDir(filepath.Join(w.dir, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSettingsAreKeptOrRefusedInWords(t *testing.T) {
	w := newWorld(t)
	_, c, stop := w.run(secure.NewMemory())
	want := local.Settings{ToastContent: local.ToastNothing, Theme: "dark"}
	if err := c.SaveSettings(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	for field, s := range map[string]local.Settings{
		"toastContent": {ToastContent: "some"}, "theme": {Theme: "pink"}, "caFile": {CAFile: "relative.pem"},
	} {
		err := c.SaveSettings(t.Context(), s)
		if p, ok := errors.AsType[*api.Problem](err); !ok || p.Code != api.CodeInvalidField || p.Field != field || p.Detail == "" {
			t.Errorf("%s: %#v", field, err)
		}
	}
	if err := c.SaveSettings(t.Context(), local.Settings{CAFile: "/nowhere/ca.pem"}); api.CodeOf(err) != api.CodeInvalidField {
		t.Errorf("a certificate file that is not there: %v", err)
	}
	stop()
	a := w.open(secure.NewMemory())
	defer func() { _ = a.Close() }()
	if got := a.settings.get(); !got.Equal(want) {
		t.Errorf("%+v", got)
	}
}

func TestAQuietTimeShowsNothingAndEnds(t *testing.T) {
	w := newWorld(t)
	a, c, _ := w.run(secure.NewMemory())
	until := time.Now().Unix() + 3
	if err := c.SaveSettings(t.Context(), local.Settings{QuietUntil: until}); err != nil {
		t.Fatal(err)
	}
	s, err := c.Status(t.Context())
	if err != nil || len(s.Conditions) == 0 || s.Conditions[len(s.Conditions)-1].Code != "paused" || !a.first().display().Quiet {
		t.Errorf("%+v, %v", s, err)
	}
	got := make(chan local.Change, 100)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Changes(ctx, false, func(ch local.Change) { got <- ch }) }()
	w.until(func() bool { // told without being asked
		ch := <-got
		return ch.Status != nil && time.Now().Unix() >= until && len(ch.Status.Conditions) == 0
	})
	if a.first().display().Quiet {
		t.Error("still quiet")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestChangesAreTold(t *testing.T) {
	w := newWorld(t)
	a, c, stop := w.run(secure.NewMemory())
	got := make(chan local.Change, 100)
	ended := make(chan error, 1)
	go func() { ended <- c.Changes(context.Background(), true, func(ch local.Change) { got <- ch }) }()
	if first := <-got; first.Kind != local.ChangeStatus || first.Status == nil || !first.Status.Listening {
		t.Errorf("the first change is %+v", first)
	}
	if err := c.Open(t.Context(), local.OpenRequest{ID: "7Jb0m3Zl3oWm4m0x0n9L9w"}); err != nil {
		t.Fatal(err)
	}
	for ch := range got {
		if ch.Kind == local.ChangeOpen {
			if ch.ID != "7Jb0m3Zl3oWm4m0x0n9L9w" {
				t.Errorf("%+v", ch)
			}
			break
		}
	}
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	for ch := range got {
		if ch.Kind == local.ChangeStatus && ch.Status.Link == local.LinkConnected {
			break
		}
	}
	_ = a
	stop()
	if err := <-ended; api.CodeOf(err) != api.CodeUnavailable {
		t.Errorf("the stream ended with %v", err)
	}
}

func TestAWindowThatIsStartedLearnsWhatToShow(t *testing.T) {
	w := newWorld(t)
	starts := 0
	a := w.open(secure.NewMemory())
	defer func() { _ = a.Close() }()
	a.o.StartWindow = func([]string) error { starts++; return nil }
	for range 3 { // three impatient clicks
		if err := a.openWindow(t.Context(), local.Change{ID: "7Jb0m3Zl3oWm4m0x0n9L9w"}); err != nil {
			t.Fatal(err)
		}
	}
	if starts != 1 {
		t.Errorf("%d windows were started", starts)
	}
	if ch := a.takeOpen(); ch == nil || ch.ID != "7Jb0m3Zl3oWm4m0x0n9L9w" {
		t.Errorf("%+v", ch)
	}
	if ch := a.takeOpen(); ch != nil {
		t.Errorf("told twice: %+v", ch)
	}
}

func TestTheSocketIsNotForWebPages(t *testing.T) {
	w := newWorld(t)
	a := w.open(secure.NewMemory())
	defer func() { _ = a.Close() }()
	for name, change := range map[string]func(*http.Request){
		"a rebound name":  func(r *http.Request) { r.Host = "evil.example" },
		"an origin":       func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"no version":      func(r *http.Request) { r.Header.Del(local.VersionHeader) },
		"another version": func(r *http.Request) { r.Header.Set(local.VersionHeader, "99") },
	} {
		r := httptest.NewRequest(http.MethodGet, "http://agent/v1/status", nil)
		r.Header.Set(local.VersionHeader, "1")
		change(r)
		answer := httptest.NewRecorder()
		a.Handler().ServeHTTP(answer, r)
		if answer.Code < 400 || strings.Contains(answer.Body.String(), "pid") {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
}

func TestASignOutWithoutTheServerIsFinishedLater(t *testing.T) {
	w := newWorld(t)
	a, c, _ := w.run(secure.NewMemory())
	ctx := t.Context()
	if _, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	base, _ := url.Parse(w.url)
	tokens, err := (&api.Client{Base: base}).PasswordGrant(ctx, "anna", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	other := &api.Client{Base: base, Tokens: keyToken(tokens.AccessToken)}
	devices := func() int {
		in, err := other.Installations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(in)
	}
	w.until(func() bool { return devices() == 1 })

	w.away.Store(true)
	if err := c.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Status(ctx); err != nil || s.Account != nil {
		t.Errorf("%+v, %v", s, err)
	}
	w.away.Store(false)
	if devices() != 1 || len(a.first().readProfile().SignedOut) != 1 {
		t.Fatal("the server was told")
	}
	a.finishSignOuts(ctx)
	if n := devices(); n != 0 || len(a.first().readProfile().SignedOut) != 0 {
		t.Errorf("%d devices, %+v", n, a.first().readProfile().SignedOut)
	}
}
