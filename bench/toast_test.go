//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/agent/local"
	"securepush/agent/tray/traytest"
	"securepush/api"
	"securepush/backend"
	"securepush/backend/pushservice"
	"securepush/cli/desktop"
)

const (
	password = "throw-away-1234"
	patience = time.Minute
)

// rig is a site and a desktop, with the clock on both sides of what is measured.
type rig struct {
	*testing.B
	desk  *desktop.Desktop
	dir   string
	env   []string
	base  *url.URL
	wk    api.WellKnown
	key   api.Secret
	agent *local.Client

	accepted chan time.Time // when a push reached the push service
	sockets  chan time.Time // when a device connected to it
	toasts   chan toast
}

type toast struct {
	summary string
	at      time.Time
}

func newRig(b *testing.B) *rig {
	b.Helper()
	if missing := desktop.Missing(); len(missing) > 0 {
		b.Skipf("needs the packages %s", strings.Join(missing, " "))
	}
	dir, err := os.MkdirTemp("", "spb")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	desk, err := desktop.Start(b.Context(), desktop.Options{Dir: filepath.Join(dir, "d"), Mute: true, Bare: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(desk.Stop)
	r := &rig{
		B: b, desk: desk, dir: dir, env: desk.Env(), accepted: make(chan time.Time, 64), sockets: make(chan time.Time, 64),
		toasts: make(chan toast, 64),
	}
	r.agent = local.Dial(filepath.Join(dir, "d", "run", "securepush", "agent.sock"))
	b.Cleanup(r.agent.Close)
	r.notifications()
	r.site()
	config := filepath.Join(dir, "d", "config", "securepush")
	if err := os.MkdirAll(config, 0o700); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "config.toml"), []byte("toasts_per_minute = -1\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	return r
}

// site runs a push service and a back end in this process, so that both ends of the measured way share a clock.
func (r *rig) site() {
	r.Helper()
	mux := http.NewServeMux()
	push := httptest.NewServer(mux)
	r.Cleanup(push.Close)
	service, err := pushservice.New(pushservice.Options{Origin: push.URL, Secret: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		r.Fatal(err)
	}
	handler, socket := service.Handler(), service.WebSocket()
	mux.HandleFunc("/wpush/", func(w http.ResponseWriter, q *http.Request) {
		r.accepted <- time.Now()
		handler.ServeHTTP(w, q)
	})
	mux.HandleFunc("/push", func(w http.ResponseWriter, q *http.Request) {
		r.sockets <- time.Now()
		socket.ServeHTTP(w, q)
	})
	data := filepath.Join(r.dir, "backend")
	front := httptest.NewUnstartedServer(nil)
	if r.base, err = url.Parse("http://" + front.Listener.Addr().String()); err != nil {
		r.Fatal(err)
	}
	pushURL, err := url.Parse(push.URL + "/push")
	if err != nil {
		r.Fatal(err)
	}
	limits := api.Limits{
		BodyBytes: 64 << 10, TitleBytes: 256, PayloadBytes: 16 << 10, SenderBytes: 128, URLBytes: 2048, KeyBytes: 64, Recipients: 1000,
		PageItems: 200, RequestsPerSecond: 100_000, RequestBurst: 100_000, SignInsPerMinute: 100,
	}
	server, err := backend.Open(r.Context(), backend.Config{PublicURL: r.base, DataDir: data, PushService: pushURL, Limits: limits})
	if err != nil {
		r.Fatal(err)
	}
	front.Config.Handler = server.Handler()
	front.Start()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { _ = server.Run(ctx) })
	all.Go(func() { _ = service.Run(ctx) })
	r.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
		push.CloseClientConnections()
		cancel()
		all.Wait()
		_ = server.Close()
	})
	admin, err := backend.OpenAdmin(r.Context(), data, "")
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	for _, user := range []string{"agent", "floor"} {
		if _, err := admin.AddUser(r.Context(), user, api.NewSecret(password), nil); err != nil {
			r.Fatal(err)
		}
	}
	if _, r.key, err = admin.AddKey(r.Context(), "bench", []string{api.ClaimSend}); err != nil {
		r.Fatal(err)
	}
	if r.wk, err = (&api.Client{Base: r.base}).WellKnown(r.Context()); err != nil {
		r.Fatal(err)
	}
}

// daemon is a notification daemon that notes when it was called and answers at once: a real one draws, and that would be
// most of what is measured.
type daemon struct {
	toasts chan<- toast
	last   atomic.Uint32
}

func (d *daemon) Notify(_ string, _ uint32, _, summary, _ string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.toasts <- toast{summary, time.Now()}
	return d.last.Add(1), nil
}

func (d *daemon) CloseNotification(uint32) *dbus.Error { return nil }

func (d *daemon) GetCapabilities() ([]string, *dbus.Error) { return []string{"actions", "body"}, nil }

func (d *daemon) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	return "bench", "securepush", "1", "1.2", nil
}

// notifications offers the daemon on the session bus.
func (r *rig) notifications() {
	r.Helper()
	conn, err := dbus.Connect(r.desk.BusAddress)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = conn.Close() })
	const name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
	if err := conn.Export(&daemon{toasts: r.toasts}, path, name); err != nil {
		r.Fatal(err)
	}
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		r.Fatal("another notification daemon is there: ", err)
	}
}

// program starts a program on the desktop; it ends with the benchmark.
func (r *rig) program(stdin string, name string, args ...string) (*exec.Cmd, *bufio.Reader) {
	r.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = r.env
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	return cmd, bufio.NewReader(out)
}

// startAgent starts the listener of the built program.
func (r *rig) startAgent() *exec.Cmd {
	r.Helper()
	r.env = append(r.env, "SECUREPUSH_LOG=error")
	cmd, _ := r.program("", binary(r.B), "listen")
	r.until(func() bool { s, err := r.agent.Status(r.Context()); return err == nil && s.Listening })
	return cmd
}

func (r *rig) signIn() {
	r.Helper()
	if _, err := r.agent.SignIn(r.Context(), r.base.String(), "agent", api.NewSecret(password)); err != nil {
		r.Fatal(err)
	}
	tokens, err := (&api.Client{Base: r.base}).PasswordGrant(r.Context(), "agent", api.NewSecret(password))
	if err != nil {
		r.Fatal(err)
	}
	own := &api.Client{Base: r.base, Tokens: fixed(tokens.AccessToken)}
	r.until(func() bool { // registered, so that a push is sent
		in, err := own.Installations(r.Context())
		return err == nil && len(in) == 1
	})
}

// startFloor starts the floor program and registers it as a device of its user.
func (r *rig) startFloor() *exec.Cmd {
	r.Helper()
	tokens, err := (&api.Client{Base: r.base}).PasswordGrant(r.Context(), "floor", api.NewSecret(password))
	if err != nil {
		r.Fatal(err)
	}
	order, err := json.Marshal(map[string]string{
		"pushUrl": r.wk.PushURL, "vapidKey": r.wk.VAPIDPublicKey, "baseUrl": r.base.String(), "token": tokens.AccessToken, "bus": r.desk.BusAddress,
	})
	if err != nil {
		r.Fatal(err)
	}
	cmd, out := r.program(string(order), r.build("securepush/bench/floor"))
	line, err := out.ReadBytes('\n')
	if err != nil {
		r.Fatal(err)
	}
	var channel api.PushChannel
	if err := json.Unmarshal(line, &channel); err != nil {
		r.Fatal(err)
	}
	c := &api.Client{Base: r.base, Tokens: fixed(tokens.AccessToken)}
	_, err = c.PutInstallation(r.Context(), api.Installation{InstallationID: "floor", Platform: "browser", PushChannel: channel})
	if err != nil {
		r.Fatal(err)
	}
	return cmd
}

// fixed is a token that does not change.
type fixed string

func (f fixed) Token(context.Context) (api.Secret, error) { return api.NewSecret(string(f)), nil }
func (f fixed) Renew(context.Context, api.Secret) (api.Secret, error) {
	return api.NewSecret(string(f)), nil
}

func (r *rig) until(ok func() bool) {
	r.Helper()
	end := time.Now().Add(patience)
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !ok() {
		if time.Now().After(end) {
			r.Fatal("it takes too long")
		}
		<-again.C
	}
}

// build builds a program of this module.
func (r *rig) build(pkg string) string {
	r.Helper()
	out := filepath.Join(r.dir, filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", out, pkg)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		r.Fatal(err)
	}
	return out
}

// binary is the built program: SECUREPUSH_BINARY, or where make build leaves it.
func binary(b *testing.B) string {
	b.Helper()
	path := os.Getenv("SECUREPUSH_BINARY")
	if path == "" {
		path = "../build/securepush"
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(abs); err != nil {
		b.Skip("build the program first: make build")
	}
	return abs
}

// send sends one notification and returns the time from its push's arrival at the push service to its toast.
func (r *rig) send(user, title string) time.Duration {
	r.Helper()
	c := &api.Client{Base: r.base, Tokens: fixed(r.key.Reveal())}
	if _, err := c.Send(r.Context(), api.SendRequest{To: api.Recipients{user}, Title: title, Payload: "Bench"}, ""); err != nil {
		r.Fatal(err)
	}
	at := <-r.accepted
	for {
		select {
		case t := <-r.toasts:
			if t.summary == title {
				return t.at.Sub(at)
			}
		case <-time.After(patience):
			r.Fatal("no toast")
		}
	}
}

// BenchmarkPushToToast measures from the arrival of a push at the push service to the call of Notify, the agent and the
// floor in turn. Run it with -benchtime 300x.
func BenchmarkPushToToast(b *testing.B) {
	r := newRig(b)
	r.startAgent()
	r.signIn()
	r.startFloor()
	for i := range 20 { // connections, caches
		r.send("agent", "warm-up "+strconv.Itoa(i))
		r.send("floor", "warm-up "+strconv.Itoa(i))
	}
	var agent, floor []time.Duration
	for i := 0; b.Loop(); i++ {
		agent = append(agent, r.send("agent", "a"+strconv.Itoa(i)))
		floor = append(floor, r.send("floor", "f"+strconv.Itoa(i)))
	}
	for name, p := range map[string]float64{"p50": 0.50, "p99": 0.99} {
		a, f := quantile(agent, p), quantile(floor, p)
		b.ReportMetric(ms(a), "agent-"+name+"-ms")
		b.ReportMetric(ms(f), "floor-"+name+"-ms")
		b.ReportMetric(float64(a)/float64(f), "ratio-"+name)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func quantile(d []time.Duration, p float64) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[min(len(d)-1, int(p*float64(len(d))))]
}

// BenchmarkAgentAtRest reports the private memory of a signed-in, connected agent after a while without work, beside the
// floor program's, and how long the agent takes from its start to the push connection.
func BenchmarkAgentAtRest(b *testing.B) { newRig(b).atRest(func(int) {}) }

// BenchmarkAgentAtRestInATray is the same on a desktop that has a tray, which asks as often as Xfce's panel does.
func BenchmarkAgentAtRestInATray(b *testing.B) {
	r := newRig(b)
	host := traytest.StartHost(b, r.desk.BusAddress, true)
	r.atRest(func(pid int) {
		item := host.Item()
		for item.Name() != "org.kde.StatusNotifierItem-"+strconv.Itoa(pid)+"-1" { // of one that has been ended
			item = host.Item()
		}
		item.Until(func(labels []string) bool {
			for range 3 {
				item.Properties()
			}
			return labels[0] == "Connected"
		})
	})
}

// atRest measures; settled waits for what else the agent of that process does after its start.
func (r *rig) atRest(settled func(pid int)) {
	b := r.B
	cmd := r.startAgent()
	r.signIn()
	r.send("agent", "one")
	floor := r.startFloor()
	var starts []time.Duration
	for b.Loop() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		for len(r.sockets) > 0 {
			<-r.sockets
		}
		at := time.Now()
		cmd, _ = r.program("", binary(b), "listen")
		starts = append(starts, (<-r.sockets).Sub(at))
		r.until(func() bool { s, err := r.agent.Status(r.Context()); return err == nil && s.Link == local.LinkConnected })
	}
	settled(cmd.Process.Pid)
	rest := time.NewTimer(20 * time.Second) // until the collector has returned what the start needed
	<-rest.C
	b.ReportMetric(ms(quantile(starts, 0.5)), "start-to-connect-ms")
	b.ReportMetric(anonymous(b, cmd.Process.Pid), "agent-anonymous-MB")
	b.ReportMetric(anonymous(b, floor.Process.Pid), "floor-anonymous-MB")
}

// anonymous is the anonymous memory of a process in MB (proc_pid_smaps_rollup(5)).
func anonymous(b *testing.B, pid int) float64 {
	b.Helper()
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(rollup)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "Anonymous:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	b.Fatal("no figure")
	return 0
}
