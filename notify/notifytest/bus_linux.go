package notifytest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// Bus is a session bus of our own, on which nothing is ever started by itself.
type Bus struct {
	Address string
	socket  string
	cmd     *exec.Cmd
}

const busConfig = `<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`

// StartBus starts a bus and ends it with the test; without dbus-daemon the test is skipped.
func StartBus(t testing.TB) *Bus {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus") // a socket's path has 107 bytes at most, t.TempDir may be longer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return StartBusAt(t, filepath.Join(dir, "bus"))
}

// StartBusAt is [StartBus] with the socket's path.
func StartBusAt(t testing.TB, socket string) *Bus {
	t.Helper()
	program := Need(t, "dbus-daemon")
	config := filepath.Join(t.TempDir(), "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, socket), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--nofork", "--nosyslog", "--print-address=1", "--config-file="+config) //nolint:gosec,noctx // ended by Stop
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &Bus{socket: socket, cmd: cmd}
	t.Cleanup(b.Stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon told no address: %v", err)
	}
	b.Address = strings.TrimSpace(line)
	return b
}

// Stop ends the bus. It may be called again.
func (b *Bus) Stop() {
	if b.cmd != nil {
		_ = b.cmd.Process.Kill()
		_ = b.cmd.Wait()
		b.cmd = nil
	}
}

// PID is the bus daemon's process.
func (b *Bus) PID() int { return b.cmd.Process.Pid }

// Dial makes a private connection that ends with the test.
func (b *Bus) Dial(t testing.TB) *dbus.Conn {
	t.Helper()
	c, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Need finds a program, or skips the test.
func Need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	return path
}
