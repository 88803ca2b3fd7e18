//go:build linux || freebsd || netbsd || openbsd

package notify

import "github.com/godbus/dbus/v5"

// closedByPerson is the reason of a NotificationClosed.
const closedByPerson = 2

// listener receives the signals of one connection, in the order of arrival, on godbus's reader. Any program of the session
// can send us a signal of any shape, so nothing is believed: sender, path, arguments and id are checked each time.
type listener struct{ f *freedesktop }

// DeliverSignal implements dbus.SignalHandler.
func (l *listener) DeliverSignal(_, _ string, s *dbus.Signal) {
	f := l.f
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() {
		if recover() != nil {
			f.log.Error("signal handler panicked", "signal", s.Name)
		}
	}()
	if f.listener != l {
		return
	}
	if p := f.pending; p != nil {
		f.settleAnswered(p) // it came before this signal, if it came; the one who waits for it may not have run yet
	}
	if s.Name == busName+".NameOwnerChanged" {
		f.nameOwnerChanged(s)
		return
	}
	switch {
	case s.Sender != f.daemon.owner || s.Path != daemonPath:
	case s.Name == properties+".PropertiesChanged" && len(s.Body) == 3:
		f.propertiesChanged(s)
	case len(s.Body) == 2:
		f.daemonSignal(s)
	}
}

// nameOwnerChanged follows the daemon. The caller holds mu.
func (f *freedesktop) nameOwnerChanged(s *dbus.Signal) {
	if s.Sender != busName || len(s.Body) != 3 || s.Body[0] != daemonName {
		return
	}
	if owner, ok := s.Body[2].(string); ok {
		f.changed = s.Sequence
		f.ownerChanged(owner)
	}
}

// daemonSignal handles what the daemon says about one of our toasts. The caller holds mu.
func (f *freedesktop) daemonSignal(s *dbus.Signal) {
	id, _ := s.Body[0].(uint32)
	toast, ok := f.daemon.toasts[id]
	if !ok {
		return // every daemon tells all programs about all toasts
	}
	switch s.Name {
	case daemonName + ".ActivationToken":
		if token, ok := s.Body[1].(string); ok && printable(token) {
			toast.token = token
		}
	case daemonName + ".ActionInvoked":
		key, _ := s.Body[1].(string)
		for _, a := range toast.actions {
			if a.key == key {
				f.emit(Event{Kind: a.kind, Tag: toast.tag, ActivationToken: toast.token})
				f.forget(id)
				f.closeUnasked(id) // most daemons do it themselves; dunst does not when the action came from its menu
				return
			}
		}
	case daemonName + ".NotificationClosed":
		reason, ok := s.Body[1].(uint32)
		if !ok {
			return
		}
		f.forget(id)
		if reason == closedByPerson {
			f.emit(Event{Kind: Dismissed, Tag: toast.tag})
		}
	}
}

// printable says whether a token may become the value of an environment variable.
func printable(token string) bool {
	for i := range len(token) {
		if token[i] < ' ' || token[i] > '~' {
			return false
		}
	}
	return len(token) <= maxForeign
}
