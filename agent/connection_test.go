package agent

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/secure"
)

func TestAnotherDeviceIsSignedOut(t *testing.T) {
	w := newWorld(t)
	a, c, _ := w.run(secure.NewMemory())
	ctx := t.Context()
	if _, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { s, err := c.Status(ctx); return err == nil && s.Link == local.LinkConnected })
	mine, err := a.first().client()
	if err != nil {
		t.Fatal(err)
	}
	var here api.Installation
	w.until(func() bool {
		here, err = mine.Installation(ctx, a.first().readProfile().Installation)
		return err == nil
	})

	base, _ := url.Parse(w.url)
	tokens, err := (&api.Client{Base: base}).PasswordGrant(ctx, "anna", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	lost := &api.Client{Base: base, Tokens: keyToken(tokens.AccessToken)}
	here.InstallationID, here.Name = "lost", "Laptop"
	here.PushChannel.Endpoint += "x"
	if _, err := lost.PutInstallation(ctx, here); err != nil {
		t.Fatal(err)
	}
	devices, err := c.Devices(ctx)
	if err != nil || len(devices) != 2 || !devices[0].This || devices[1].ID != "lost" || devices[1].Name != "Laptop" || devices[1].LastUpdate == nil {
		t.Fatalf("%+v, %v", devices, err)
	}
	if err := c.SignOutDevice(ctx, devices[0].ID); api.CodeOf(err) != api.CodeBadRequest || !strings.Contains(api.Words(err), "Sign out instead") {
		t.Errorf("this device: %v", err)
	}
	for range 2 { // one that is gone is no error
		if err := c.SignOutDevice(ctx, "lost"); err != nil {
			t.Fatal(err)
		}
	}
	if devices, err = c.Devices(ctx); err != nil || len(devices) != 1 {
		t.Errorf("%+v, %v", devices, err)
	}
	if _, err := lost.Me(ctx); api.CodeOf(err) != api.CodeUnauthorized {
		t.Errorf("it is still signed in: %v", err)
	}
}

func TestATestRunNamesTheStepThatFails(t *testing.T) {
	w := newWorld(t) // there is no bus, and so no toast
	_, c, stop := w.run(secure.NewMemory())
	ctx := t.Context()
	var got []local.TestStep
	run := func(c *local.Client) error {
		got = nil
		return c.TestRun(ctx, func(s local.TestStep) { got = append(got, s) })
	}
	if err := run(c); api.CodeOf(err) != api.CodeSignInNeeded || len(got) != 0 {
		t.Errorf("of nobody: %v", err)
	}
	if _, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { s, err := c.Status(ctx); return err == nil && s.Link == local.LinkConnected })
	w.until(func() bool { d, err := c.Devices(ctx); return err == nil && len(d) == 1 })
	var err error
	w.until(func() bool { // when it catches up after having connected, that may be faster than the push
		err = run(c)
		return err != nil || len(got) != 3
	})
	if err != nil || strings.Join(ran(got), ", ") != "server ok, accepted ok, arrived ok, fetched ok, shown failed" {
		t.Errorf("%q, %v", ran(got), err)
	}
	if h, err := c.History(ctx); err != nil || len(h.Pushes) == 0 || h.Pushes[0].Outcome != local.OutcomeWaitingDesktop {
		t.Errorf("%+v, %v", h, err)
	}
	w.away.Store(true)
	if err := run(c); err != nil || strings.Join(ran(got), ", ") != "server failed" || got[0].Words == "" || got[0].Advice == "" {
		t.Errorf("%+v, %v", got, err)
	}
	stop()
}

func TestATestRunWithoutAListenerSaysSo(t *testing.T) {
	w := newWorld(t)
	vault := secure.NewMemory()
	_, c, stop := w.run(vault)
	ctx := t.Context()
	if _, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { d, err := c.Devices(ctx); return err == nil && len(d) == 1 })
	stop()
	a := w.open(vault)
	defer func() { _ = a.Close() }()
	var got []local.TestStep
	err := (&local.Client{Transport: a.Transport()}).TestRun(ctx, func(s local.TestStep) { got = append(got, s) })
	if err != nil || strings.Join(ran(got), ", ") != "server ok, accepted ok, arrived failed" || !strings.Contains(got[2].Advice, "securepush listen") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestDiagnosticsHoldNothingThatIsNobodysBusiness(t *testing.T) {
	w := newWorld(t)
	home := filepath.Join(w.dir, "home-of-frieda")
	t.Setenv("HOME", home)
	t.Setenv("USER", "frieda")
	t.Setenv("HTTPS_PROXY", "http://proxyuser:proxypass@proxy.example:3128")
	t.Setenv("NO_PROXY", "127.0.0.1")
	a, c, _ := w.run(secure.NewMemory())
	ctx := t.Context()
	if _, err := c.SignIn(ctx, w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { d, err := c.Devices(ctx); return err == nil && len(d) == 1 })
	id := w.send("anna", "zweiundvierzig")
	w.until(func() bool { h, err := c.History(ctx); return err == nil && len(h.Pushes) > 0 })
	s, err := c.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.QuietUntil = time.Now().Add(time.Hour).Unix()
	if err := c.SaveSettings(ctx, s); err != nil {
		t.Fatal(err)
	}
	token, err := a.first().session.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Diagnostics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	p := a.first().readProfile()
	for _, secret := range []string{
		"anna", "frieda", "zweiundvierzig", string(id), token.Reveal(), password, "proxyuser", "proxypass", home, host, p.Installation, p.Account.ID, p.VAPIDKey,
	} {
		if strings.Contains(strings.ToLower(d.Text), strings.ToLower(secret)) {
			t.Errorf("it holds %q", secret)
		}
	}
	for _, needed := range []string{"SecurePush test", w.url, "HTTPS_PROXY http://proxy.example:3128", "keyring", "Last 1 pushes", "Counters", "quiet_until", "NOT OK"} {
		if !strings.Contains(d.Text, needed) {
			t.Errorf("it lacks %q", needed)
		}
	}
	if t.Failed() {
		t.Log(d.Text)
	}
}

func TestWhatIsScrubbed(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"names, in whatever case", "Anna and ANNA, anna anna", "‹name› and ‹name›, ‹name› ‹name›"},
		{"but not inside of words", "Susannah, annas", "Susannah, annas"},
		{"a folder and the name in it", "/home/anna/ca.pem", "‹name›/ca.pem"},
		{"users of addresses", "http://joe:secret@proxy", "http://‹name›@proxy"},
		{"tokens", "Bearer spa_AbCdEfGhIjKlMnOpQrStUv", "Bearer ‹secret›"},
		{"IDs of devices", "9d1e4c1c-0b7e-4d3a-8f00-000000000000", "‹secret›"},
		{"not what daemons can do", "x-canonical-private-synchronous, body-markup", "x-canonical-private-synchronous, body-markup"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := scrub(row.text, []string{"anna", "/home/anna", "x", ""}); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestTheAgentSetsUpThatItStartsAtLogin(t *testing.T) {
	w := newWorld(t)
	a := w.open(secure.NewMemory())
	defer func() { _ = a.Close() }()
	c := &local.Client{Transport: a.Transport()}
	for _, on := range []bool{true, false, false} {
		got, err := c.SetAutostart(t.Context(), on)
		if err != nil || got != (local.Autostart{Supported: true, Enabled: on, Way: "desktop"}) {
			t.Errorf("%+v, %v", got, err)
		}
		if read, err := c.Autostart(t.Context()); err != nil || read != got {
			t.Errorf("%+v, %v", read, err)
		}
		if _, err := os.Stat(filepath.Join(w.dir, "autostart", "securepush.desktop")); (err == nil) != on {
			t.Error(err)
		}
	}
}

func TestWhatCannotBeSetUpIsSaid(t *testing.T) {
	w := newWorld(t)
	a := w.open(secure.NewMemory())
	defer func() { _ = a.Close() }()
	if err := os.WriteFile(filepath.Join(w.dir, "autostart"), nil, 0o600); err != nil { // where the folder should be
		t.Fatal(err)
	}
	_, err := (&local.Client{Transport: a.Transport()}).SetAutostart(t.Context(), true)
	if api.CodeOf(err) != api.CodeInternal || !strings.Contains(api.Words(err), "securepush service install") {
		t.Errorf("%v", err)
	}
}
