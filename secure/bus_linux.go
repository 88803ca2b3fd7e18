package secure

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

var errNoBus = errors.New("secure: no session bus")

// dialBus opens a connection of our own to the session bus, which ends with ctx. It never starts a bus. address may be
// empty: then the environment's is taken, or the socket in the user's runtime folder. It returns the address that answered.
func dialBus(ctx context.Context, address string, opts ...dbus.ConnOption) (*dbus.Conn, string, error) {
	if address == "" {
		address = os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	}
	if address == "" || strings.HasPrefix(address, "autolaunch:") {
		dir := os.Getenv("XDG_RUNTIME_DIR")
		if dir == "" {
			dir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
		}
		socket := filepath.Join(dir, "bus")
		if _, err := os.Stat(socket); err != nil { //nolint:gosec // the user's own environment
			return nil, "", errNoBus
		}
		address = "unix:path=" + (&url.URL{Path: socket}).EscapedPath()
	}
	err := errNoBus
	for one := range strings.SplitSeq(address, ";") {
		socket, ok := socketOf(one)
		if !ok {
			continue // launches a program, or is not of this machine
		}
		var conn *dbus.Conn
		if conn, err = dialSocket(ctx, socket, opts...); err == nil {
			return conn, one, nil
		}
	}
	return nil, "", err
}

// socketOf reads a unix address of the D-Bus specification, such as "unix:path=/run/user/1000/bus,guid=…".
func socketOf(address string) (string, bool) {
	params, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		return "", false
	}
	for param := range strings.SplitSeq(params, ",") {
		name, value, _ := strings.Cut(param, "=")
		value, err := url.PathUnescape(value)
		if err != nil || value == "" {
			continue
		}
		switch name {
		case "path":
			return value, true
		case "abstract":
			return "@" + value, true
		}
	}
	return "", false
}

func dialSocket(ctx context.Context, socket string, opts ...dbus.ConnOption) (*dbus.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	conn, err := dbus.NewConn(raw, append(opts, dbus.WithContext(ctx))...)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	if err := conn.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(os.Geteuid()))}); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("secure: session bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("secure: session bus: %w", err)
	}
	return conn, nil
}
