//go:build linux

package e2e

import (
	"bytes"
	bytesorder "encoding/binary"
	"sync"

	"github.com/godbus/dbus/v5"
)

// wire keeps what crosses the session bus, but for two things that belong there: the calls that show a toast, and what is said to and by
// the keyring (SECURITY.md says why that can be read).
type wire struct {
	mu      sync.Mutex
	keyring map[string]bool // its names on the bus
	bytes   bytes.Buffer
	kept    int
}

// wire begins to record. It ends with the test.
func (s *stack) wire() *wire {
	s.Helper()
	var owner string
	if err := s.bus().BusObject().CallWithContext(s.Context(), "org.freedesktop.DBus.GetNameOwner", 0, keyringService).Store(&owner); err != nil {
		s.Fatal(err)
	}
	w := &wire{keyring: map[string]bool{keyringService: true, owner: true}}
	conn, err := dbus.Connect(s.desk.BusAddress)
	if err != nil {
		s.Fatal(err)
	}
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, []string{}, uint32(0)).Err; err != nil {
		s.Fatal(err)
	}
	messages := make(chan *dbus.Message, 1<<14) // what finds no room is lost
	conn.Eavesdrop(messages)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for msg := range messages {
			w.record(msg)
		}
	}()
	s.Cleanup(func() {
		_ = conn.Close() // closes messages
		<-done
	})
	return w
}

func (w *wire) record(msg *dbus.Message) {
	field := func(f dbus.HeaderField) string {
		text, _ := msg.Headers[f].Value().(string)
		return text
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if field(dbus.FieldMember) == "NameOwnerChanged" && len(msg.Body) == 3 && msg.Body[0] == keyringService {
		owner, _ := msg.Body[2].(string)
		w.keyring[owner] = true
	}
	toast := field(dbus.FieldInterface) == toastService && field(dbus.FieldMember) == "Notify"
	if toast || w.keyring[field(dbus.FieldSender)] || w.keyring[field(dbus.FieldDestination)] {
		return
	}
	w.kept++
	if err := msg.EncodeTo(&w.bytes, bytesorder.LittleEndian); err != nil {
		w.bytes.WriteString(msg.String()) // a message with files
	}
}

// all is what crossed the bus so far, and in how many messages.
func (w *wire) all() ([]byte, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.bytes.Bytes()), w.kept
}
