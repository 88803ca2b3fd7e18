package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent"
	"securepush/agent/local"
	"securepush/api"
	"securepush/cli/desktop"
)

// demoUser is who the demo signs in; the account lives as long as the throw-away folder.
const demoUser = "anna"

func (p *program) demo() *cobra.Command {
	d := &demo{program: p}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show everything on this machine, in a throw-away folder",
		Long: "Start a back end, a listener and a window on this machine, sign a user in and send a real notification.\n" +
			"Without a display it brings a small desktop of its own and leaves a screenshot.",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd.Context()) },
	}
	c.Flags().StringVar(&d.picture, "screenshot", "", "where to leave the screenshot (default: securepush-demo.png in the temporary folder)")
	c.Flags().BoolVar(&d.private, "private", false, "use a desktop of its own even if there is a display")
	return c
}

// demo is one run of the demo. Everything it starts is in stop, newest last.
type demo struct {
	*program
	picture string
	private bool

	dir string
	env []string
	own *desktop.Desktop // nil on the person's own display
	url string
	// password is drawn anew: the back end listens on loopback, where other users of the machine are
	password api.Secret
	key      string
	agent    *local.Client
	stop     []func()
	step     int
}

const demoSteps = 8

// demoScreen leaves room for the window in the middle and toasts beside it.
const demoScreen = "1920x1080"

func (d *demo) run(ctx context.Context) (err error) {
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt)
	defer cancel()
	if d.dir, err = os.MkdirTemp("", "securepush-demo-"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer d.cleanUp()
	d.password = api.NewSecret(string(api.NewID()))
	began := time.Now()
	for _, s := range []struct {
		words string
		do    func(context.Context) error
	}{
		{"Bring up a desktop", d.bringDesktop},
		{"Start the back end", d.startBackEnd},
		{"Make the user " + demoUser + " and a sender's key", d.makeAccounts},
		{"Start the listener", d.startListener},
		{"Sign in", d.signIn},
		{"Open the window", d.openWindow},
		{"Send a notification with one HTTP request", d.sendOne},
		{"See the toast", d.seeToast},
	} {
		if err := d.do(ctx, s.words, s.do); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(d.Stdout, "\nThe whole way worked, in %s.\n", time.Since(began).Round(100*time.Millisecond))
	if d.own != nil {
		_, _ = fmt.Fprintf(d.Stdout, "Screenshot with window and toast: %s\n", d.picture)
		return nil
	}
	_, _ = fmt.Fprintf(d.Stdout, "Send more:  echo Hello | curl -sS -H %q --data-binary '{\"to\":%q,\"payload\":\"Hello\"}' -H 'Content-Type: application/json' %s/api/notifications\n",
		"Authorization: Bearer "+d.key, demoUser, d.url)
	_, _ = fmt.Fprintln(d.Stdout, "Ctrl-C ends the demo and removes everything.")
	<-ctx.Done()
	return nil
}

// do runs a step and says how it went.
func (d *demo) do(ctx context.Context, words string, f func(context.Context) error) error {
	d.step++
	_, _ = fmt.Fprintf(d.Stdout, "[%d/%d] %s …", d.step, demoSteps, words)
	start := time.Now()
	if err := f(ctx); err != nil {
		_, _ = fmt.Fprintln(d.Stdout, " failed")
		return fmt.Errorf("%s: %w", strings.ToLower(words[:1])+words[1:], err)
	}
	_, _ = fmt.Fprintf(d.Stdout, " done (%s)\n", time.Since(start).Round(10*time.Millisecond))
	return nil
}

func (d *demo) cleanUp() {
	for i := len(d.stop) - 1; i >= 0; i-- {
		d.stop[i]()
	}
	// Services that the bus has started end with it, but nobody can wait for them: one may still write a file.
	for range 40 {
		if os.RemoveAll(d.dir) == nil {
			if _, err := os.Stat(d.dir); err != nil {
				return
			}
		}
		<-time.After(50 * time.Millisecond)
	}
}

func (d *demo) bringDesktop(ctx context.Context) error {
	if !d.private && hasDisplay(d.Getenv) && d.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		d.env = d.personsEnv()
		return nil
	}
	if missing := desktop.Missing(); len(missing) > 0 {
		return fmt.Errorf("install first: apt-get install %s", strings.Join(missing, " "))
	}
	if d.picture == "" {
		d.picture = filepath.Join(os.TempDir(), "securepush-demo.png")
	}
	own, err := desktop.Start(ctx, desktop.Options{Dir: filepath.Join(d.dir, "desktop"), Screen: demoScreen})
	if err != nil {
		return err
	}
	d.own, d.env = own, own.Env()
	d.stop = append(d.stop, own.Stop)
	return nil
}

// personsEnv keeps the person's display and session bus and moves everything of SecurePush into the throw-away folder.
func (d *demo) personsEnv() []string {
	env := os.Environ()
	if w := d.Getenv("WAYLAND_DISPLAY"); w != "" && !filepath.IsAbs(w) {
		env = append(env, "WAYLAND_DISPLAY="+filepath.Join(d.Getenv("XDG_RUNTIME_DIR"), w))
	}
	for _, v := range []struct{ name, dir string }{{"XDG_CONFIG_HOME", "config"}, {"XDG_STATE_HOME", "state"}, {"XDG_RUNTIME_DIR", "run"}} {
		dir := filepath.Join(d.dir, v.dir)
		_ = os.MkdirAll(dir, 0o700)
		env = append(env, v.name+"="+dir)
	}
	return env
}

func (d *demo) getenv(name string) string {
	value := ""
	for _, kv := range d.env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// child prepares a part of this program in the demo's environment.
func (d *demo) child(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, d.Executable, args...) //nolint:gosec // our own program
	c.Env = d.env
	return c
}

// background starts a part that runs until the demo ends.
func (d *demo) background(name string, args ...string) (string, error) {
	log := filepath.Join(d.dir, name+".log")
	f, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // in our own folder
	if err != nil {
		return "", fmt.Errorf("make a log: %w", err)
	}
	defer func() { _ = f.Close() }()
	c := exec.Command(d.Executable, args...) //nolint:gosec,noctx // our own program; stop ends it
	c.Env = d.env
	c.Stdout, c.Stderr = f, f
	if err := c.Start(); err != nil {
		return "", fmt.Errorf("start %s: %w", name, err)
	}
	exited := make(chan struct{})
	go func() { // ends with the child; stop waits for it
		_ = c.Wait()
		close(exited)
	}()
	d.stop = append(d.stop, func() {
		_ = c.Process.Signal(os.Interrupt)
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
			_ = c.Process.Kill()
			<-exited
		}
	})
	return log, nil
}

func (d *demo) startBackEnd(ctx context.Context) error {
	log, err := d.background("serve", "serve", "--data", filepath.Join(d.dir, "backend"), "--listen", "127.0.0.1:0", "--name", "Demo clinic")
	if err != nil {
		return err
	}
	return d.until(ctx, log, func() (bool, error) {
		b, err := os.ReadFile(log) //nolint:gosec // in our own folder
		if err != nil {
			return false, err
		}
		_, after, found := strings.Cut(string(b), readyPrefix)
		url, _, whole := strings.Cut(after, "\n")
		d.url = strings.TrimSpace(url)
		return found && whole, nil
	})
}

func (d *demo) makeAccounts(ctx context.Context) error {
	data := filepath.Join(d.dir, "backend")
	c := d.child(ctx, "user", "add", demoUser, "--data", data, "--password-stdin", "--claims", "send")
	c.Stdin = strings.NewReader(d.password.Reveal() + "\n")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	key, err := d.child(ctx, "key", "add", "laboratory", "--data", data, "--claims", "send").Output()
	d.key = strings.TrimSpace(string(key))
	return err
}

func (d *demo) startListener(ctx context.Context) error {
	log, err := d.background("listen", "listen")
	if err != nil {
		return err
	}
	paths, err := agent.DefaultPaths(d.getenv)
	if err != nil {
		return err
	}
	d.agent = local.Dial(paths.Socket())
	d.stop = append(d.stop, d.agent.Close)
	return d.until(ctx, log, func() (bool, error) {
		s, err := d.agent.Status(ctx)
		return err == nil && s.Listening, nil
	})
}

func (d *demo) signIn(ctx context.Context) error {
	if _, err := d.agent.SignIn(ctx, d.url, demoUser, d.password); err != nil {
		return err
	}
	if d.own == nil { // the person's own keyring: leave nothing in it
		d.stop = append(d.stop, func() { _ = d.agent.SignOut(context.WithoutCancel(ctx)) })
	}
	return d.until(ctx, filepath.Join(d.dir, "listen.log"), func() (bool, error) {
		s, err := d.agent.Status(ctx)
		return err == nil && s.Link == local.LinkConnected, err
	})
}

func (d *demo) openWindow(ctx context.Context) error {
	if d.Window == nil {
		_, _ = fmt.Fprint(d.Stdout, " (this build has none)")
		return nil
	}
	var open api.ID
	for _, old := range demoInbox { // so that the window has something to show
		id, err := d.post(ctx, old)
		if err != nil {
			return err
		}
		open = id
	}
	if err := d.shown(ctx, len(demoInbox)); err != nil {
		return err
	}
	if _, err := d.background("window"); err != nil || d.own == nil {
		return err
	}
	if err := d.windowDrawn(ctx, 6); err != nil {
		return err
	}
	if err := d.agent.Open(ctx, local.OpenRequest{ID: open}); err != nil { // as a click on its toast does
		return err
	}
	return d.until(ctx, filepath.Join(d.dir, "window.log"), func() (bool, error) {
		n, err := d.agent.Notification(ctx, open)
		return err == nil && n.Read, err // the window marks what it has shown
	})
}

func (d *demo) sendOne(ctx context.Context) error {
	_, err := d.post(ctx, `{"to":"`+demoUser+`","title":"Potassium result","sender":"Lab · Station 4","priority":"high",`+
		`"payload":"K 4.1 mmol/l, within range. Sample of 14:05, bed 12. No action needed."}`)
	return err
}

// demoInbox are notifications that came before.
var demoInbox = []string{
	`{"to":"` + demoUser + `","title":"Fridge 3 is back at 4 °C","sender":"Building","priority":"low","payload":"The alarm of this morning is settled."}`,
	`{"to":"` + demoUser + `","title":"Approve transfer","sender":"Payments","url":"https://payments.example/20-4471",` +
		`"payload":"Transfer 20-4471 over 18,400.00 waits for a second signature.\n\nRequested by B. Okafor, cost centre 112. It expires tomorrow at noon."}`,
}

// post sends as a program would: one request with a key.
func (d *demo) post(ctx context.Context, body string) (api.ID, error) {
	return postJSON(ctx, d.url+"/api/notifications", api.NewSecret(d.key), body)
}

func (d *demo) seeToast(ctx context.Context) error {
	want := 1
	if d.Window != nil {
		want += len(demoInbox)
	}
	if err := d.shown(ctx, want); err != nil {
		return err
	}
	if d.own == nil {
		return nil
	}
	if d.Window != nil { // it has the new one, too
		if err := d.windowDrawn(ctx, 4); err != nil {
			return err
		}
	}
	return d.own.Screenshot(ctx, d.picture)
}

func (d *demo) shown(ctx context.Context, n int) error {
	return d.until(ctx, filepath.Join(d.dir, "listen.log"), func() (bool, error) {
		s, err := d.agent.Status(ctx)
		return err == nil && s.Counters.Shown >= int64(n), err
	})
}

// windowDrawn waits until the middle of the screen shows a window and looks the same several times in a row: Fyne says
// nowhere that a frame is drawn.
func (d *demo) windowDrawn(ctx context.Context, times int) error {
	last, same := "", 0
	return d.until(ctx, filepath.Join(d.dir, "window.log"), func() (bool, error) {
		now, err := d.own.Run(ctx, "import", "-window", "root", "-crop", "1000x680+460+200", "-resize", "20x20!", "txt:-")
		if now != last {
			same = 0
		}
		last, same = now, same+1
		return same >= times && strings.Count(now, desktop.Background) < 100, err
	})
}

// until asks again and again, with the end of a log in the error when it takes too long.
func (d *demo) until(ctx context.Context, log string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		ok, err := done()
		if ok {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			b, _ := os.ReadFile(log) //nolint:gosec // in our own folder
			return fmt.Errorf("%w\n%s", errors.Join(err, ctx.Err()), b)
		}
	}
}
