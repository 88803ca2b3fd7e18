//go:build linux

package faults

import (
	"time"
)

// desktops are notification daemons that fail.
func desktops() []fault {
	return []fault{
		{name: "notification daemon absent", runs: 30, short: 2, run: (*world).daemonGone},
		{name: "notification daemon hangs", runs: 10, short: 1, again: few, run: (*world).daemonHangs},
		{name: "notification daemon restarted", runs: 30, short: 2, run: (*world).daemonRestarts},
	}
}

// daemonGone takes the daemon away, and brings another.
func (w *world) daemonGone(int) {
	w.endDaemon()
	w.send(few)
	w.until("the person is told", func() bool { return w.says("toasts") })
	w.screen.start()
	w.settled(time.Now())
}

// endDaemon takes the daemon away once the listener has all its answers: what was not answered it rightly shows once more.
func (w *world) endDaemon() {
	w.Helper()
	w.rests()
	w.screen.stop()
}

// daemonHangs lets the daemon take toasts and answer late. What it took is asked for once more, in the same place.
func (w *world) daemonHangs(int) {
	w.screen.hang()
	w.send(few)
	w.until("the person is told", func() bool { return w.says("toasts") })
	w.screen.release()
	w.settled(time.Now())
}

// daemonRestarts takes away every toast that stands. None comes back, and the next are shown.
func (w *world) daemonRestarts(int) {
	w.send(1)
	w.settled(time.Now())
	w.endDaemon()
	w.screen.start()
	ended := time.Now()
	w.send(1)
	w.settled(ended)
}
