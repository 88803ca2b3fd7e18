//go:build linux || freebsd || netbsd || openbsd

package tray

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

var (
	errNoBus   = errors.New("tray: no session bus")
	errBusLost = errors.New("tray: the bus closed the connection")
)

// busConn is our own connection to the session bus, never the shared one.
type busConn struct {
	*dbus.Conn
	raw net.Conn
}

// shut closes the connection at once, even while something is being written.
func (b *busConn) shut() {
	_ = b.raw.Close()
	_ = b.Close()
}

// dial connects to the session bus within the timeout. It never starts a bus.
func (t *Tray) dial(ctx context.Context, options ...dbus.ConnOption) (*busConn, error) {
	ctx, cancel := context.WithTimeout(ctx, t.o.Timeout)
	defer cancel()
	err := errNoBus
	for _, socket := range sockets(t.o.BusAddress) {
		var b *busConn
		if b, err = dialSocket(ctx, socket, t.o.Timeout, options); err == nil {
			return b, nil
		}
	}
	return nil, err
}

func dialSocket(ctx context.Context, socket string, timeout time.Duration, options []dbus.ConnOption) (*busConn, error) {
	raw, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	_ = raw.SetReadDeadline(deadline) // godbus has none while it introduces itself
	c, err := dbus.NewConn(&boundedConn{raw, bufio.NewReader(raw), timeout}, options...)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	b := &busConn{c, raw}
	if err := c.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(os.Geteuid()))}); err != nil {
		b.shut()
		return nil, fmt.Errorf("authenticate at the bus: %w", err)
	}
	if err := c.Hello(); err != nil {
		b.shut()
		return nil, fmt.Errorf("greet the bus: %w", err)
	}
	_ = raw.SetReadDeadline(time.Time{})
	return b, nil
}

// boundedConn is a connection whose writes end in time: godbus writes without a deadline, and a bus that stopped reading
// would hold its caller for ever. After a write that failed nothing can follow, so the connection ends with it.
type boundedConn struct {
	net.Conn
	in      *bufio.Reader
	timeout time.Duration
}

// Read reads.
func (c *boundedConn) Read(p []byte) (int, error) { return c.in.Read(p) }

// Write writes all of p or closes the connection.
func (c *boundedConn) Write(p []byte) (int, error) {
	_ = c.SetWriteDeadline(time.Now().Add(c.timeout))
	n, err := c.Conn.Write(p)
	if err != nil {
		_ = c.Close()
	}
	return n, err
}

// sockets are those of a bus address; "" means DBUS_SESSION_BUS_ADDRESS, then the runtime folder's bus. Only Unix sockets
// count: other transports start programs or leave the machine.
func sockets(address string) (out []string) {
	if address == "" {
		address = os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); address == "" && filepath.IsAbs(dir) {
		return []string{filepath.Join(dir, "bus")}
	}
	for part := range strings.SplitSeq(address, ";") {
		keys, _ := strings.CutPrefix(part, "unix:")
		for key := range strings.SplitSeq(keys, ",") {
			name, value, _ := strings.Cut(key, "=")
			value, err := dbus.UnescapeBusAddressValue(value)
			switch {
			case err != nil || value == "" || keys == part:
			case name == "path":
				out = append(out, value)
			case name == "abstract":
				out = append(out, "@"+value)
			}
		}
	}
	return out
}
