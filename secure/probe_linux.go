package secure

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	secretsName       = "org.freedesktop.secrets"
	secretsPath       = dbus.ObjectPath("/org/freedesktop/secrets")
	loginCollection   = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	serviceInterface  = "org.freedesktop.Secret.Service"
	collectionIface   = "org.freedesktop.Secret.Collection"
	propertiesIface   = "org.freedesktop.DBus.Properties"
	busIface          = "org.freedesktop.DBus"
	nameOwnerChanged  = "NameOwnerChanged"
	propertiesChanged = "PropertiesChanged"
)

// probe looks in four steps for the collection that the library will use, and whether it is unlocked. No step can
// start a program or show a box.
func probe(ctx context.Context, address string) Report {
	conn, address, err := dialBus(ctx, address)
	if err != nil {
		return Report{Err: probeError(ctx, err)}
	}
	defer func() { _ = conn.Close() }()
	r := probeOn(ctx, conn)
	r.bus = address
	return r
}

func probeOn(ctx context.Context, conn *dbus.Conn) Report {
	var r Report
	bus := conn.BusObject()
	if err := bus.CallWithContext(ctx, busIface+".NameHasOwner", 0, secretsName).Store(&r.running); err != nil {
		return Report{Err: probeError(ctx, err)}
	}
	if !r.running {
		var names []string
		if err := bus.CallWithContext(ctx, busIface+".ListActivatableNames", 0).Store(&names); err != nil {
			return Report{Err: probeError(ctx, err)}
		}
		if slices.Contains(names, secretsName) { // starting it may show a box: only a person may do that
			return Report{Err: vaultError(VaultLocked, errors.New("secure: the keyring service is not running"))}
		}
		return Report{Err: vaultError(VaultUnavailable, ErrNoService)}
	}
	collection, err := findCollection(ctx, conn)
	if err != nil {
		r.Err = probeError(ctx, err)
		return r
	}
	r.Collection = path.Base(string(collection))
	locked, err := property[bool](ctx, conn, collection, collectionIface, "Locked")
	switch {
	case err != nil:
		r.Err = probeError(ctx, err)
	case locked:
		r.Err = vaultError(VaultLocked, nil)
	}
	return r
}

// findCollection goes the library's way: "login" if it is listed, else what the alias "default" stands for.
func findCollection(ctx context.Context, conn *dbus.Conn) (dbus.ObjectPath, error) {
	all, err := property[[]dbus.ObjectPath](ctx, conn, secretsPath, serviceInterface, "Collections")
	if err != nil {
		return "", err
	}
	if slices.Contains(all, loginCollection) {
		return loginCollection, nil
	}
	var p dbus.ObjectPath
	call := conn.Object(secretsName, secretsPath).
		CallWithContext(ctx, serviceInterface+".ReadAlias", dbus.FlagNoAutoStart, "default")
	if call.Err != nil {
		return "", call.Err
	}
	if err := call.Store(&p); err != nil {
		return "", because(ErrBadProvider, err)
	}
	if p == "/" {
		return "", ErrNotSetUp
	}
	return p, nil
}

func property[T any](ctx context.Context, conn *dbus.Conn, at dbus.ObjectPath, iface, name string) (T, error) {
	var v dbus.Variant
	var zero T
	call := conn.Object(secretsName, at).CallWithContext(ctx, propertiesIface+".Get", dbus.FlagNoAutoStart, iface, name)
	if call.Err != nil {
		return zero, call.Err
	}
	if err := call.Store(&v); err != nil {
		return zero, because(ErrBadProvider, err)
	}
	got, ok := v.Value().(T)
	if !ok {
		return zero, because(ErrBadProvider, fmt.Errorf("secure: %s is a %s", name, v.Signature()))
	}
	return got, nil
}

func probeError(ctx context.Context, err error) *VaultError {
	if ctx.Err() != nil {
		return vaultError(VaultTimedOut, because(ctx.Err(), err))
	}
	for _, kind := range []error{ErrBadProvider, ErrNotSetUp} {
		if errors.Is(err, kind) {
			return vaultError(VaultUnavailable, err)
		}
	}
	if f := classifyBus(err); f != "" && f != failNoService {
		return vaultError(VaultUnavailable, because(ErrBadProvider, err))
	}
	return vaultError(VaultUnavailable, because(ErrNoService, err))
}

// classifyBus tells D-Bus errors apart; "" for an error that is none.
func classifyBus(err error) failure {
	if _, ok := errors.AsType[dbus.FormatError](err); ok {
		return failDefect
	}
	if _, ok := errors.AsType[*net.OpError](err); ok || strings.Contains(err.Error(), "invalid bus address") {
		return failNoService
	}
	e, ok := errors.AsType[dbus.Error](err)
	if !ok {
		p, isPointer := errors.AsType[*dbus.Error](err)
		if !isPointer {
			return ""
		}
		e = *p
	}
	text := e.Error()
	switch {
	case strings.HasSuffix(e.Name, ".ServiceUnknown"), strings.HasSuffix(e.Name, ".NameHasNoOwner"),
		strings.Contains(e.Name, ".Spawn."), errors.Is(err, exec.ErrNotFound):
		return failNoService
	case strings.HasSuffix(e.Name, ".IsLocked"):
		return failLocked
	case strings.Contains(strings.ToLower(text), "error occurred on the device"):
		return failFull
	case strings.Contains(text, "Alias default does not exist"):
		return failNotSetUp
	}
	return failOther
}
