//go:build linux || freebsd || netbsd || openbsd

package notify

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
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"
)

// errNoBus says that nothing tells where the session bus is.
var errNoBus = errors.New("no session bus")

// busConn is our own connection to the session bus. It is never the shared one: what other libraries do with that, or
// wait for on it, must not touch us.
type busConn struct {
	*dbus.Conn
	raw     *boundedConn
	address string // the one part of the bus address that answered
}

// shut closes the connection at once, even while something is being written.
func (b *busConn) shut() {
	_ = b.raw.Close()
	_ = b.Close()
}

// dialBus connects to the bus at address, or the environment's, within ctx. It never starts a bus.
func dialBus(ctx context.Context, address string, timeout time.Duration, h dbus.SignalHandler) (*busConn, error) {
	places, err := busPlaces(address)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		var b *busConn
		if b, err = dialPlace(ctx, p, timeout, h); err == nil {
			return b, nil
		}
	}
	return nil, err
}

func dialPlace(ctx context.Context, p busPlace, timeout time.Duration, h dbus.SignalHandler) (*busConn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", p.socket)
	if err != nil {
		return nil, err
	}
	raw := &boundedConn{Conn: conn, in: bufio.NewReader(conn), timeout: timeout}
	deadline, _ := ctx.Deadline()
	_ = raw.SetReadDeadline(deadline) // godbus has none while it introduces itself
	c, err := dbus.NewConn(raw, dbus.WithSignalHandler(h))
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	b := &busConn{Conn: c, raw: raw, address: p.address}
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
	until   atomic.Int64 // Unix nanoseconds: an earlier end for the writes of the call at hand; past or 0: none
}

// Read reads.
func (c *boundedConn) Read(p []byte) (int, error) { return c.in.Read(p) }

// Write writes all of p or closes the connection.
func (c *boundedConn) Write(p []byte) (int, error) {
	now := time.Now()
	end := now.Add(c.timeout)
	if until := time.Unix(0, c.until.Load()); until.After(now) && until.Before(end) {
		end = until
	}
	_ = c.SetWriteDeadline(end)
	n, err := c.Conn.Write(p)
	if err != nil {
		_ = c.Close()
	}
	return n, err
}

// busPlace is one socket a bus address names.
type busPlace struct {
	socket  string // for net.Dial; abstract ones begin with @
	address string // the same as a bus address
}

// busPlaces lists the sockets of address; "" means DBUS_SESSION_BUS_ADDRESS, then the runtime folder's bus. Only Unix
// sockets count: other transports start programs or leave the machine.
func busPlaces(address string) ([]busPlace, error) {
	if address == "" {
		address = os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	}
	if address == "" {
		dir := os.Getenv("XDG_RUNTIME_DIR")
		if dir == "" {
			dir = "/run/user/" + strconv.Itoa(os.Getuid())
		}
		socket := filepath.Join(dir, "bus")
		if info, err := os.Stat(socket); err != nil || info.Mode().Type() != os.ModeSocket { //nolint:gosec // the person's own environment
			return nil, errNoBus
		}
		address = "unix:path=" + dbus.EscapeBusAddressValue(socket)
	}
	var places []busPlace
	for part := range strings.SplitSeq(address, ";") {
		keys, ok := strings.CutPrefix(part, "unix:")
		if !ok {
			continue
		}
		for key := range strings.SplitSeq(keys, ",") {
			name, value, _ := strings.Cut(key, "=")
			value, err := dbus.UnescapeBusAddressValue(value)
			switch {
			case err != nil || value == "":
			case name == "path":
				places = append(places, busPlace{value, part})
			case name == "abstract":
				places = append(places, busPlace{"@" + value, part})
			}
		}
	}
	if len(places) == 0 {
		return nil, errNoBus
	}
	return places, nil
}
