package secure_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/secure"
)

// bus is a session bus of the test's own, with nothing on it that the test did not put there.
type bus struct {
	address string
	dir     string
	conn    *dbus.Conn
	daemon  *exec.Cmd
}

// shortDir is a folder for sockets, whose paths have 107 bytes at most: t.TempDir may be longer.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sps")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// startBus starts a bus; activatable maps bus names to the programs that a call would start.
func startBus(t testing.TB, activatable map[string]string) *bus {
	t.Helper()
	need(t, "dbus-daemon")
	b := &bus{dir: shortDir(t)}
	services := filepath.Join(b.dir, "services")
	for _, dir := range []string{services, filepath.Join(b.dir, "home"), filepath.Join(b.dir, "run")} {
		must(t, os.Mkdir(dir, 0o700))
	}
	for name, program := range activatable {
		text := "[D-BUS Service]\nName=" + name + "\nExec=" + program + "\n"
		must(t, os.WriteFile(filepath.Join(services, name+".service"), []byte(text), 0o600))
	}
	conf := filepath.Join(b.dir, "bus.conf")
	must(t, os.WriteFile(conf, fmt.Appendf(nil, `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth><servicedir>%s</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`, b.dir, services), 0o600))
	b.address = "unix:path=" + b.dir + "/bus"
	r, w, err := os.Pipe()
	must(t, err)
	b.daemon = exec.Command("dbus-daemon", "--config-file="+conf, "--nofork", "--nopidfile", "--print-address=3")
	b.daemon.ExtraFiles = []*os.File{w}
	must(t, b.daemon.Start())
	t.Cleanup(func() { end(b.daemon) })
	must(t, w.Close())
	must(t, r.SetReadDeadline(time.Now().Add(patience)))
	if _, err := r.Read(make([]byte, 256)); err != nil {
		t.Fatalf("dbus-daemon does not start: %v", err)
	}
	must(t, r.Close())
	b.conn = b.connect(t)
	return b
}

func (b *bus) connect(t testing.TB) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(b.address)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// startKeyring starts gnome-keyring with an unlocked login collection, or, with an empty password, without any collection.
func (b *bus) startKeyring(t testing.TB, password string) *exec.Cmd {
	t.Helper()
	need(t, "gnome-keyring-daemon")
	cmd := b.command("gnome-keyring-daemon", "--components=secrets", "--foreground")
	if password != "" {
		cmd.Args = append(cmd.Args, "--unlock")
		cmd.Stdin = strings.NewReader(password)
	}
	must(t, cmd.Start())
	t.Cleanup(func() { end(cmd) })
	b.waitOwner(t, true)
	return cmd
}

func (b *bus) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = []string{
		"HOME=" + b.dir + "/home", "XDG_RUNTIME_DIR=" + b.dir + "/run", "PATH=" + os.Getenv("PATH"),
		"DBUS_SESSION_BUS_ADDRESS=" + b.address, "LC_ALL=C.UTF-8", "GORACE=" + os.Getenv("GORACE"),
	}
	return cmd
}

// waitOwner waits until the keyring's name has an owner, or has none.
func (b *bus) waitOwner(t testing.TB, want bool) {
	t.Helper()
	eventually(t, "the owner of the keyring's name", func() bool {
		var has bool
		err := b.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&has)
		return err == nil && has == want
	})
}

func (b *bus) lock(t *testing.T) {
	t.Helper()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	must(t, b.conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}).
		Store(&locked, &prompt))
	if len(locked) != 1 {
		t.Fatalf("the keyring did not lock: %v", locked)
	}
}

// unlock gives the password as a log-in does.
func (b *bus) unlock(t *testing.T, password string) {
	t.Helper()
	must(t, b.conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0,
			dbus.ObjectPath("/org/freedesktop/secrets/collection/login"), b.secret(t, password)).Err)
}

// secret wraps a value for the Secret Service.
func (b *bus) secret(t *testing.T, value string) secretValue {
	t.Helper()
	var out dbus.Variant
	var session dbus.ObjectPath
	must(t, b.conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&out, &session))
	return secretValue{session, []byte{}, []byte(value), "text/plain"}
}

// prompter stands in for the desktop's password box and counts how often it was asked to open one. It never answers, as a
// person who is away.
type prompter struct{ asked atomic.Int32 }

// BeginPrompting is what gnome-keyring calls to open a box.
func (p *prompter) BeginPrompting(dbus.ObjectPath) *dbus.Error {
	p.asked.Add(1)
	return nil
}

func (b *bus) startPrompter(t *testing.T) *prompter {
	t.Helper()
	p := &prompter{}
	conn := b.connect(t)
	must(t, conn.Export(p, "/org/gnome/keyring/Prompter", "org.gnome.keyring.internal.Prompter"))
	reply, err := conn.RequestName("org.gnome.keyring.SystemPrompter", dbus.NameFlagDoNotQueue)
	must(t, err)
	if reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the prompter's name is taken: %v", reply)
	}
	return p
}

func (b *bus) keyring(o secure.KeyringOptions) *secure.Keyring {
	o.BusAddress = b.address
	if o.Timeout == 0 {
		o.Timeout = patience // a busy machine is no failure; tests of the deadline set their own
	}
	return secure.NewKeyring(o)
}

// end kills a program that the test started and waits for it.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(syscall.SIGCONT)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func need(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("SECUREPUSH_REQUIRE_DESKTOP") != "" {
			t.Fatalf("needs %s", program)
		}
		t.Skipf("needs %s", program)
	}
}

// children are the processes that this process has started and that are not gone yet, zombies apart.
func children(t *testing.T) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	var out []int
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(os.Getpid()) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			out = append(out, pid)
		}
	}
	return out
}

// leaks is called deferred twice, as in defer leaks(t)(): it fails the test when goroutines or children are left behind.
func leaks(t *testing.T) func() {
	t.Helper()
	routines, kids := runtime.NumGoroutine(), len(children(t))
	return func() {
		t.Helper()
		eventually(t, "goroutines and children to end", func() bool {
			return runtime.NumGoroutine() <= routines && len(children(t)) <= kids
		})
	}
}
