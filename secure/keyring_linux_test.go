package secure_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/api"
	"securepush/secure"
	"securepush/secure/securetest"
)

const password = "throw-away"

func TestTheKeyringConforms(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	defer leaks(t)()
	k := b.keyring(secure.KeyringOptions{})
	securetest.RunVault(t, func(t *testing.T) secure.Vault {
		for _, key := range []string{alice, alice + ".journal", bob} {
			must(t, k.Delete(t.Context(), key))
		}
		return k
	})
}

func TestAnUnlockedKeyringIsReadyAndNamesItsCollection(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	r := b.keyring(secure.KeyringOptions{}).Probe(t.Context())
	if r.State != secure.VaultReady || r.Err != nil || r.Collection != "login" || r.Took <= 0 {
		t.Fatalf("%+v", r)
	}
}

func TestALockedKeyringIsToldWithoutAPromptAndAskedOnlyForAPerson(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	box := b.startPrompter(t)
	defer leaks(t)()
	k := b.keyring(secure.KeyringOptions{})
	must(t, k.Set(t.Context(), alice, api.NewSecret("value")))
	b.lock(t)

	if r := k.Probe(t.Context()); r.State != secure.VaultLocked {
		t.Fatalf("%+v", r)
	}
	_, err := k.Get(t.Context(), alice)
	wantVault(t, secure.VaultLocked, err)
	wantVault(t, secure.VaultLocked, k.Set(t.Context(), alice, api.NewSecret("other")))
	wantVault(t, secure.VaultLocked, k.Delete(t.Context(), alice))
	if n := box.asked.Load(); n != 0 {
		t.Fatalf("%d boxes were opened by calls in the background", n)
	}

	// A person who asks gets the box, so the count above means something.
	wantVault(t, secure.VaultLocked, askUntil(t, k, func() bool { return box.asked.Load() > 0 }))
	b.unlock(t, password)
	eventually(t, "the value after unlocking", func() bool {
		v, err := k.Get(t.Context(), alice)
		return err == nil && v.Reveal() == "value"
	})
}

func TestWhileAPersonIsAskedOthersAreToldThatItIsLocked(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	box := b.startPrompter(t)
	defer leaks(t)()
	k := b.keyring(secure.KeyringOptions{})
	b.lock(t)
	ctx, cancel := context.WithCancel(secure.Interactive(t.Context()))
	done := make(chan error, 1)
	go func() {
		_, err := k.Get(ctx, alice)
		done <- err
	}()
	eventually(t, "the box", func() bool { return box.asked.Load() > 0 })
	waits, over := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer over()
	_, err := k.Get(waits, alice)
	wantVault(t, secure.VaultLocked, err)
	cancel()
	wantVault(t, secure.VaultLocked, <-done)
}

func TestAHungKeyringCostsOneDeadlineAndLeavesNothingBehind(t *testing.T) {
	b := startBus(t, nil)
	daemon := b.startKeyring(t, password)
	defer leaks(t)()
	k := b.keyring(secure.KeyringOptions{Timeout: 500 * time.Millisecond, InteractiveTimeout: time.Hour})
	must(t, daemon.Process.Signal(syscall.SIGSTOP))
	for range 3 {
		_, err := k.Get(t.Context(), alice)
		wantVault(t, secure.VaultTimedOut, err)
	}
	must(t, daemon.Process.Signal(syscall.SIGCONT))
	eventually(t, "the keyring to answer again", func() bool { return k.Probe(t.Context()).State == secure.VaultReady })
}

func TestWithoutABusNothingIsStarted(t *testing.T) {
	defer leaks(t)()
	dir := t.TempDir()
	t.Setenv("PATH", dir) // dbus-launch, if it were called, would leave a mark
	mark := filepath.Join(dir, "launched")
	must(t, os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte("#!/bin/sh\n: > "+mark+"\n"), 0o700))
	for name, env := range map[string]string{
		"no address at all":           "",
		"an address that is launched": "autolaunch:",
		"a socket that is not there":  "unix:path=" + dir + "/nothing",
		"an address that is none":     "rubbish",
		"a program as an address":     "unixexec:path=" + dir + "/dbus-launch",
		"a bus of another machine":    "tcp:host=127.0.0.1,port=1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", env)
			t.Setenv("XDG_RUNTIME_DIR", dir)
			k := secure.NewKeyring(secure.KeyringOptions{})
			_, err := k.Get(secure.Interactive(t.Context()), alice)
			wantVault(t, secure.VaultUnavailable, err)
			if !errors.Is(err, secure.ErrNoService) {
				t.Fatalf("cause %v", err)
			}
		})
	}
	if _, err := os.Stat(mark); err == nil {
		t.Fatal("a bus was launched")
	}
}

func TestTheBusIsFoundInTheRuntimeFolder(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", b.dir)
	k := secure.NewKeyring(secure.KeyringOptions{Timeout: patience})
	must(t, k.Set(t.Context(), alice, api.NewSecret("x")))
}

func TestABusWithoutAKeyringServiceIsUnavailable(t *testing.T) {
	b := startBus(t, nil)
	defer leaks(t)()
	err := b.keyring(secure.KeyringOptions{}).Set(t.Context(), alice, api.NewSecret("x"))
	wantVault(t, secure.VaultUnavailable, err)
	if !errors.Is(err, secure.ErrNoService) {
		t.Fatalf("cause %v", err)
	}
}

func TestAKeyringServiceThatCouldBeStartedIsLeftAloneAndCountsAsLocked(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "started")
	program := filepath.Join(t.TempDir(), "service")
	must(t, os.WriteFile(program, []byte("#!/bin/sh\n: > "+mark+"\n"), 0o700))
	b := startBus(t, map[string]string{"org.freedesktop.secrets": program})
	k := b.keyring(secure.KeyringOptions{})
	_, err := k.Get(t.Context(), alice)
	wantVault(t, secure.VaultLocked, err)
	if _, err := os.Stat(mark); err == nil {
		t.Fatal("the service was started by a call in the background")
	}
	// A person who asks starts it, so the check above means something.
	wantVault(t, secure.VaultLocked, askUntil(t, k, func() bool { _, err := os.Stat(mark); return err == nil }))
}

// askUntil makes a call that a person asked for, and gives it up when something has happened.
func askUntil(t *testing.T, k *secure.Keyring, happened func() bool) error {
	t.Helper()
	ctx, cancel := context.WithCancel(secure.Interactive(t.Context()))
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := k.Get(ctx, alice)
		done <- err
	}()
	eventually(t, "what a person's call sets off", happened)
	cancel()
	return <-done
}

func TestADesktopWithoutAnyKeyringIsNotSetUp(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, "")
	box := b.startPrompter(t)
	defer leaks(t)()
	err := b.keyring(secure.KeyringOptions{}).Set(t.Context(), alice, api.NewSecret("x"))
	wantVault(t, secure.VaultUnavailable, err)
	if !errors.Is(err, secure.ErrNotSetUp) || box.asked.Load() != 0 {
		t.Fatalf("cause %v, %d boxes", err, box.asked.Load())
	}
}

func TestADeafBusCostsOneDeadline(t *testing.T) {
	defer leaks(t)()
	socket := filepath.Join(shortDir(t), "bus")
	l, err := net.Listen("unix", socket)
	must(t, err)
	defer func() { _ = l.Close() }()
	k := secure.NewKeyring(secure.KeyringOptions{
		BusAddress: "unix:path=" + socket, Timeout: 300 * time.Millisecond, InteractiveTimeout: time.Hour,
	})
	_, err = k.Get(secure.Interactive(t.Context()), alice)
	wantVault(t, secure.VaultTimedOut, err)
}

func TestItemsThatAnotherProgramPlantedAreRemovedToo(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	k := b.keyring(secure.KeyringOptions{})
	must(t, k.Set(t.Context(), alice, api.NewSecret("ours")))
	for i, value := range []string{"planted", "planted too", strings.Repeat("x", 1<<14)} {
		b.plant(t, map[string]string{"service": secure.Service, "username": alice, "n": string(rune('a' + i))}, value)
	}
	must(t, k.Delete(t.Context(), alice))
	_, err := k.Get(t.Context(), alice)
	wantVault(t, secure.VaultAbsent, err)
}

func TestAPlantedValueThatCannotBeOursCountsAsAbsent(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	k := b.keyring(secure.KeyringOptions{})
	b.plant(t, map[string]string{"service": secure.Service, "username": alice}, "not\nours "+strings.Repeat("x", 1<<16))
	_, err := k.Get(t.Context(), alice)
	wantVault(t, secure.VaultAbsent, err)
}

// plant stores an item as another program of the session can.
func (b *bus) plant(t *testing.T, attributes map[string]string, value string) {
	t.Helper()
	var item, prompt dbus.ObjectPath
	must(t, b.conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login").
		Call("org.freedesktop.Secret.Collection.CreateItem", 0, map[string]dbus.Variant{
			"org.freedesktop.Secret.Item.Label":      dbus.MakeVariant("planted"),
			"org.freedesktop.Secret.Item.Attributes": dbus.MakeVariant(attributes),
		}, b.secret(t, value), false).Store(&item, &prompt))
}

func TestWatchTellsOfLockingUnlockingAndOfADaemonThatComesAndGoes(t *testing.T) {
	b := startBus(t, nil)
	daemon := b.startKeyring(t, password)
	defer leaks(t)()
	k := b.keyring(secure.KeyringOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	states := make(chan secure.VaultState, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Watch(ctx, func() { states <- k.Probe(ctx).State })
	}()
	want := func(s secure.VaultState) {
		t.Helper()
		select {
		case got := <-states:
			if got != s {
				t.Fatalf("told of %v, want %v", got, s)
			}
		case <-time.After(patience):
			t.Fatalf("not told of %v", s)
		}
	}
	want(secure.VaultReady)
	b.lock(t)
	want(secure.VaultLocked)
	b.unlock(t, password)
	want(secure.VaultReady)
	end(daemon)
	want(secure.VaultUnavailable)
	b.startKeyring(t, password)
	want(secure.VaultReady)
	must(t, k.Set(t.Context(), alice, api.NewSecret("x"))) // our own writes change nothing that is worth a call
	b.lock(t)
	want(secure.VaultLocked)
	cancel()
	<-done
	if len(states) != 0 {
		t.Fatalf("told once more: %v", <-states)
	}
}

func TestAChildThatCannotRunOrSaysNothingIsNoKeyring(t *testing.T) {
	b := startBus(t, nil)
	b.startKeyring(t, password)
	err := b.keyring(secure.KeyringOptions{Executable: "/bin/false"}).Set(t.Context(), alice, api.NewSecret("x"))
	wantVault(t, secure.VaultUnavailable, err)
	if !errors.Is(err, secure.ErrBadProvider) {
		t.Fatalf("cause %v", err)
	}
	err = b.keyring(secure.KeyringOptions{Executable: "/nonexistent"}).Set(t.Context(), alice, api.NewSecret("x"))
	wantVault(t, secure.VaultUnavailable, err)
}

func TestWhatAKilledChildHasStartedDiesWithIt(t *testing.T) {
	b := startBus(t, nil)
	b.startService(t, script{})
	dir := t.TempDir()
	program, pidFile := filepath.Join(dir, "program"), filepath.Join(dir, "pid")
	must(t, os.WriteFile(program, []byte("#!/bin/sh\nsleep 600 &\necho $! > "+pidFile+".new\nmv "+pidFile+".new "+pidFile+"\nwait\n"), 0o700))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.keyring(secure.KeyringOptions{Executable: program}).Get(ctx, alice)
		done <- err
	}()
	var pid int
	eventually(t, "the child to start a program", func() bool {
		text, _ := os.ReadFile(pidFile)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 0
	})
	cancel()
	wantVault(t, secure.VaultTimedOut, <-done)
	eventually(t, "that program to end", func() bool {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err != nil || strings.Contains(string(text), ") Z ")
	})
}

func wantVault(t *testing.T, want secure.VaultState, err error) {
	t.Helper()
	v, ok := errors.AsType[*secure.VaultError](err)
	if !ok || v.State != want || v.Words == "" {
		t.Fatalf("got %v, want state %v with words", err, want)
	}
}
