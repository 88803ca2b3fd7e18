//go:build linux || freebsd || netbsd || openbsd

package notify

import (
	"slices"

	"github.com/godbus/dbus/v5"
)

// inhibited is the daemon's property by which Plasma says that it shows no notifications: its do not disturb is on, which it
// also is while the screen is shared or mirrored, as the person chose there. Other daemons do not know it.
const inhibited = "Inhibited"

// follow asks each new daemon whether it is inhibited, until the connection ends. The question has no deadline: a daemon that
// hangs does not hold anything up with it.
func (f *freedesktop) follow(bus *busConn) {
	var answer chan *dbus.Call
	for {
		select {
		case <-bus.Context().Done():
			return
		case <-f.ctx.Done():
			return
		case <-f.ask:
			f.mu.Lock()
			owner := f.daemon.owner
			f.mu.Unlock()
			if answer = nil; owner != "" {
				answer = make(chan *dbus.Call, 1)
				bus.Object(owner, daemonPath).GoWithContext(f.ctx, properties+".Get", dbus.FlagNoAutoStart, answer, daemonName, inhibited)
			}
		case call := <-answer:
			answer = nil
			f.inhibitedAnswer(call)
		}
	}
}

// inhibitedAnswer takes the answer. An error says that the daemon does not know the property.
func (f *freedesktop) inhibitedAnswer(call *dbus.Call) {
	var value dbus.Variant
	if call.Store(&value) != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	on, ok := value.Value().(bool)
	if ok && call.Destination == f.daemon.owner && call.ResponseSequence > f.daemon.told {
		f.setInhibited(on)
	}
}

// propertiesChanged takes the daemon's word. The caller holds mu.
func (f *freedesktop) propertiesChanged(s *dbus.Signal) {
	if s.Body[0] != daemonName {
		return
	}
	changed, _ := s.Body[1].(map[string]dbus.Variant)
	if on, ok := changed[inhibited].Value().(bool); ok {
		f.daemon.told = s.Sequence
		f.setInhibited(on)
		return
	}
	if without, _ := s.Body[2].([]string); slices.Contains(without, inhibited) { // it changed, and the value is to be asked for
		f.askInhibited()
	}
}

// askInhibited lets follow ask. The caller holds mu.
func (f *freedesktop) askInhibited() {
	select {
	case f.ask <- struct{}{}:
	default: // it has yet to
	}
}

// setInhibited tells when it changed. The caller holds mu.
func (f *freedesktop) setInhibited(on bool) {
	if f.daemon.inhibited == on {
		return
	}
	f.daemon.inhibited = on
	if on {
		f.emit(Event{Kind: Inhibited})
	} else {
		f.emit(Event{Kind: Uninhibited})
	}
}
