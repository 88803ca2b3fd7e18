package screen

import (
	"context"
	"strings"

	"github.com/godbus/dbus/v5"
)

// savers are the screen savers of the session bus. The desktops have each its own name for the same thing.
type savers struct{}

// saverPath is the object of a service: its name as a path.
func saverPath(name string) dbus.ObjectPath {
	return dbus.ObjectPath("/" + strings.ReplaceAll(name, ".", "/"))
}

func (savers) names() []string {
	return []string{
		"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver", "org.xfce.ScreenSaver",
	}
}

func (s savers) rules(*dbus.Conn) [][]dbus.MatchOption {
	var rules [][]dbus.MatchOption
	for _, name := range s.names() {
		rules = append(rules, []dbus.MatchOption{
			dbus.WithMatchSender(name), dbus.WithMatchInterface(name), dbus.WithMatchMember("ActiveChanged"),
		})
	}
	return rules
}

func (savers) ask(ctx context.Context, c *dbus.Conn, w *watch, name string) {
	var active bool
	err := c.Object(name, saverPath(name)).CallWithContext(ctx, name+".GetActive", dbus.FlagNoAutoStart).Store(&active)
	w.answer(name, active, err)
}

func (savers) signal(_ *watch, name string, s *dbus.Signal) bool {
	return s.Name == name+".ActiveChanged"
}

// logind is the session manager of the system bus, with the keeper of the time zone beside it.
type logind struct{}

const (
	logindName    = "org.freedesktop.login1"
	logindManager = "org.freedesktop.login1.Manager"
	logindSession = "org.freedesktop.login1.Session"
	timedate      = "org.freedesktop.timedate1"
	// ownSession is an object path that stands for the caller's own session (org.freedesktop.login1(5)).
	ownSession = dbus.ObjectPath("/org/freedesktop/login1/session/auto")
)

func (logind) names() []string { return []string{logindName, timedate} }

func (logind) rules(*dbus.Conn) [][]dbus.MatchOption {
	from := dbus.WithMatchSender(logindName)
	return [][]dbus.MatchOption{
		{from, dbus.WithMatchInterface(logindManager), dbus.WithMatchMember("PrepareForSleep")},
		{from, dbus.WithMatchInterface(logindSession), dbus.WithMatchMember("Lock")},
		{from, dbus.WithMatchInterface(logindSession), dbus.WithMatchMember("Unlock")},
		{
			from, dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged"),
			dbus.WithMatchPathNamespace("/org/freedesktop/login1/session"), dbus.WithMatchOption("arg0", logindSession),
		},
		{
			dbus.WithMatchSender(timedate), dbus.WithMatchInterface("org.freedesktop.DBus.Properties"),
			dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchOption("arg0", timedate),
		},
	}
}

func (logind) ask(ctx context.Context, c *dbus.Conn, w *watch, name string) {
	if name == timedate {
		return // it runs only while somebody sets something
	}
	var hint dbus.Variant
	err := c.Object(logindName, ownSession).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart,
		logindSession, "LockedHint").Store(&hint)
	locked, _ := hint.Value().(bool)
	w.answer(name, locked, err)
}

// signal asks again at a change of any session: the signal names the session by a path of its own, and other people's
// sessions change too. That a session is idle says nothing: whoever reads does not move the mouse.
func (logind) signal(w *watch, name string, s *dbus.Signal) bool {
	if name == timedate {
		w.clockSet()
		return false
	}
	switch s.Name {
	case logindManager + ".PrepareForSleep":
		if len(s.Body) != 1 {
			return false
		}
		if before, ok := s.Body[0].(bool); ok && before {
			w.set(asleep, true, false)
		} else if ok {
			w.woke()
		}
	case logindSession + ".Lock":
		w.lockIsAsked()
	case logindSession + ".Unlock":
		w.set(lockAsked, false, false)
		return true
	case "org.freedesktop.DBus.Properties.PropertiesChanged":
		return true
	}
	return false
}
