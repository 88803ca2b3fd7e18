//go:build linux

package faults

import (
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
)

const secretsName = "org.freedesktop.secrets"

// keyrings are keyrings that do not open.
func keyrings() []fault {
	return []fault{
		{name: "keyring locked when the listener starts", runs: 10, short: 1, prompts: 1, run: (*world).keyringLocked},
		{name: "keyring killed and started again", runs: 10, short: 1, prompts: 1, run: (*world).keyringDies},
		{name: "keyring hangs when the listener starts", runs: 3, short: 1, prompts: 1, run: (*world).keyringHangs},
	}
}

func (w *world) keyringLocked(int) {
	w.listener().stop()
	if err := w.desk.LockKeyring(w.Context()); err != nil {
		w.Fatal(err)
	}
	w.listen()
	w.prompted(func() { w.send(few) })
	if err := w.desk.UnlockKeyring(w.Context()); err != nil {
		w.Fatal(err)
	}
	w.settled(time.Now())
}

// prompted does something and waits for the prompt that comes of it.
func (w *world) prompted(do func()) {
	w.Helper()
	before := w.screen.shownPrompts()
	do()
	w.until("the person is prompted", func() bool { return w.screen.shownPrompts() > before })
}

// keyringDies takes the keyring from a listener that runs, which goes on, and from one that starts, which waits for it.
func (w *world) keyringDies(int) {
	w.send(1) // it has its sign-in when it shows this
	w.settled(time.Now())
	w.signalKeyring(syscall.SIGKILL)
	w.send(1)
	w.settled(time.Now())
	w.listener().stop()
	w.listen()
	w.prompted(func() { w.send(few) })
	if err := w.desk.StartKeyring(w.Context(), true); err != nil {
		w.Fatal(err)
	}
	w.settled(time.Now())
}

func (w *world) keyringHangs(int) {
	w.listener().stop()
	w.signalKeyring(syscall.SIGSTOP)
	w.listen()
	w.prompted(func() { w.send(few) })
	w.signalKeyring(syscall.SIGCONT)
	w.settledWithin(time.Now(), 3*patience)
}

// signalKeyring signals the process that owns the keyring's name.
func (w *world) signalKeyring(s syscall.Signal) {
	w.Helper()
	conn, err := dbus.Connect(w.desk.BusAddress)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var pid uint32
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, secretsName).Store(&pid); err != nil {
		w.Fatal(err)
	}
	if err := syscall.Kill(int(pid), s); err != nil {
		w.Fatal(err)
	}
	if s != syscall.SIGKILL {
		return
	}
	w.until("the keyring is gone", func() bool {
		var there bool
		return conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, secretsName).Store(&there) == nil && !there
	})
}
