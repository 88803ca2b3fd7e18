package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/backend"
)

const accountPassword = "correct horse battery"

// startServer starts a back end with one user.
func startServer(t *testing.T, name, user string) (address string) {
	t.Helper()
	front := httptest.NewUnstartedServer(nil)
	base, err := url.Parse("http://" + front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	server, err := backend.Open(t.Context(), backend.Config{PublicURL: base, DataDir: data, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	front.Config.Handler = http.HandlerFunc(server.Handler().ServeHTTP)
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
	admin, err := backend.OpenAdmin(t.Context(), data, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.AddUser(t.Context(), user, api.NewSecret(accountPassword), nil); err != nil {
		t.Fatal(err)
	}
	return base.String()
}

// listener runs an agent and returns what runs a command beside it.
func listener(t *testing.T) func(stdin string, args ...string) outcome {
	t.Helper()
	a, paths, getenv := alone(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	c := local.Dial(paths.Socket())
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		c.Close()
		_ = a.Close()
	})
	await(t, func() bool { s, err := c.Status(t.Context()); return err == nil && s.Listening })
	return func(stdin string, args ...string) outcome {
		var out, errOut bytes.Buffer
		code := Run(t.Context(), Env{Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errOut, Executable: "/bin/false", Getenv: getenv})
		return outcome{code, out.String(), errOut.String()}
	}
}

func await(t *testing.T, ok func() bool) {
	t.Helper()
	end := time.After(time.Minute)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-end:
			t.Fatal("it takes too long")
		}
	}
}

func TestCommandsActForTheAccountThatIsNamed(t *testing.T) {
	clinic, lab := startServer(t, "Clinic", "anna"), startServer(t, "Lab", "bob")
	run := listener(t)
	must := func(stdin string, args ...string) string {
		t.Helper()
		got := run(stdin, args...)
		if got.code != ExitDone {
			t.Fatalf("%q: code %d\nout: %s\nerr: %s", args, got.code, got.out, got.errOut)
		}
		return got.out
	}
	refused := func(words string, args ...string) {
		t.Helper()
		if got := run(accountPassword, args...); got.code != ExitUsage || !strings.Contains(got.errOut, words) {
			t.Errorf("%q: code %d\nout: %s\nerr: %s", args, got.code, got.out, got.errOut)
		}
	}
	if out := must("", "accounts"); out != "Nobody is signed in.\n" {
		t.Error(out)
	}
	refused("nobody is signed in", "inbox", "--account", "anna")
	must(accountPassword, "login", "--server", clinic, "--user", "anna", "--password-stdin")
	must(accountPassword, "login", "--add", "--server", lab, "--user", "bob", "--password-stdin")
	refused("--add", "login", "--server", lab, "--user", "carl", "--password-stdin")                              // whose place?
	must(accountPassword, "login", "--server", lab, "--user", "bob", "--password-stdin")                          // anew
	refused("--add", "login", "--add", "--account", "anna", "--server", lab, "--user", "bob", "--password-stdin") // both
	must("for the lab", "send", "--account", "lab")                                                               // whatever the case
	must("", "accounts", "set", "bob", "--name", "Work", "--colour", "pink", "--mute", "--toasts", "sender")      //
	await(t, func() bool { return strings.Contains(must("", "inbox", "--account", "Work"), "for the lab") })      //
	if out := must("", "inbox"); !strings.Contains(out, "Nothing here.") {
		t.Error(out)
	}
	refused("anna@"+strings.TrimPrefix(clinic, "http://"), "inbox", "--account", "carl")
	refused("--all", "logout")
	refused("opposites", "accounts", "set", "Work", "--mute", "--unmute")
	refused("what to change", "accounts", "set", "Work", "--json")
	refused("one of blue", "accounts", "set", "Work", "--colour", "mauve")

	var accounts []local.AccountStatus
	if err := json.Unmarshal([]byte(must("", "accounts", "--json")), &accounts); err != nil || len(accounts) != 2 ||
		accounts[1].Name != "Work" || accounts[1].Colour != "pink" || !accounts[1].Muted || accounts[0].Name != "Clinic" {
		t.Errorf("%+v, %v", accounts, err)
	}
	if out := must("", "accounts"); !strings.Contains(out, "Muted.") || !strings.Contains(out, "Clinic") {
		t.Error(out)
	}
	out := must("", "status")
	for _, want := range []string{"anna at Clinic", "bob at Lab", "Work (pink)", "Clinic (blue)", "This account is muted"} {
		if !strings.Contains(out, want) {
			t.Errorf("the status lacks %q:\n%s", want, out)
		}
	}
	must("", "accounts", "set", "Clinic", "--mute") // the first
	if out := must("", "pause", "1h"); !strings.Contains(out, "Paused until") {
		t.Error(out)
	}
	if out := must("", "resume"); out != "Notifications are shown again, but not those of muted accounts.\n" {
		t.Error(out)
	}
	must("", "accounts", "set", "Clinic", "--unmute")
	if out := must("", "status", "--account", "work"); strings.Contains(out, "Clinic") || !strings.Contains(out, "bob at Lab") {
		t.Error(out)
	}
	var s local.Status
	if err := json.Unmarshal([]byte(must("", "status", "--json", "--account", "bob")), &s); err != nil || s.Account.User != "bob" || len(s.Accounts) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	if out := must("", "__complete", "inbox", "--account", ""); !strings.Contains(out, "bob@") || !strings.Contains(out, "anna@") {
		t.Error(out)
	}
	must("", "accounts", "set", "Work", "--unmute", "--name", "", "--colour", "", "--toasts", "default")
	must("", "logout", "--account", "anna")
	if out := must("", "status"); strings.Contains(out, "Clinic") || !strings.Contains(out, "bob at Lab") {
		t.Error(out)
	}
	must(accountPassword, "login", "--add", "--server", clinic, "--user", "anna", "--password-stdin")
	if out := must("", "logout", "--all"); !strings.Contains(out, "2 accounts. Only server and user name") {
		t.Error(out)
	}
	if out := must("", "logout", "--all"); out != "Nobody is signed in.\n" {
		t.Error(out)
	}
	if out := must("", "accounts", "--json"); strings.TrimSpace(out) != "[]" {
		t.Error(out)
	}
}

func TestWhichAccountANameMeans(t *testing.T) {
	account := func(id, name, user, host, server string) local.AccountStatus {
		return local.AccountStatus{Name: name, Account: local.Account{ID: id, User: user, Server: "https://" + host, ServerName: server}}
	}
	accounts := []local.AccountStatus{
		account("1", "Work", "anna", "a.example", "Clinic"), account("2", "anna · Lab", "anna", "b.example:8443", "Lab"), account("3", "bob · Lab", "bob", "b.example:8443", "Lab"),
	}
	for name, want := range map[string]string{
		"1": "1", "work": "1", "Clinic": "1", "a.example": "1", "https://a.example": "1", "anna@a.example": "1", "anna@b.example:8443": "2", "bob": "3", "anna · lab": "2",
		"anna": "more than one", "Lab": "more than one", "b.example:8443": "more than one", "carl": "no account", "": "no account", "anna@": "no account",
	} {
		got, err := pickAccount(accounts, name)
		if err == nil && got.Account.ID != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", name, got.Account.ID, err, want)
		}
	}
}

func TestOnlyWhatIsAskedForChangesAnAccount(t *testing.T) {
	before := local.AccountSettings{Name: "Work", Colour: "red", Muted: true, ToastContent: local.ToastSender}
	for _, row := range []struct {
		name   string
		change accountChange
		asked  []string
		want   local.AccountSettings
	}{
		{"nothing", accountChange{}, nil, before},
		{"the name", accountChange{name: " Lab "}, []string{"name"}, local.AccountSettings{Name: "Lab", Colour: "red", Muted: true, ToastContent: local.ToastSender}},
		{"back to what is usual", accountChange{toasts: "default", unmute: true}, []string{"name", "colour", "toasts", "unmute"}, local.AccountSettings{}},
		{"muted twice", accountChange{mute: true}, []string{"mute"}, before},
	} {
		if got := changeAccount(before, row.change, func(flag string) bool { return slices.Contains(row.asked, flag) }); got != row.want {
			t.Errorf("%s: %+v", row.name, got)
		}
	}
}
