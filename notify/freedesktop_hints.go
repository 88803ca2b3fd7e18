//go:build linux || freebsd || netbsd || openbsd

package notify

import (
	"net/url"

	"github.com/godbus/dbus/v5"

	"securepush/api"
)

// How long toasts stand, in milliseconds; 0 is until touched.
const (
	expireLow   int32 = 5_000
	expire      int32 = 10_000
	expireNever int32 = 0
)

// Urgencies of the specification.
const (
	urgencyLow      byte = 0
	urgencyNormal   byte = 1
	urgencyCritical byte = 2 // passes most do-not-disturb modes, so only what the sender calls urgent
)

// hints tells the daemon what kind of toast this is. The stack tag lets a toast be replaced that was shown before a crash,
// when its id is lost.
func hints(m message) map[string]dbus.Variant {
	urgency := urgencyNormal
	switch m.priority {
	case api.PriorityLow:
		urgency = urgencyLow
	case api.PriorityUrgent:
		urgency = urgencyCritical
	}
	h := map[string]dbus.Variant{
		"urgency":                         dbus.MakeVariant(urgency),
		"category":                        dbus.MakeVariant("im.received"),
		"desktop-entry":                   dbus.MakeVariant(appEntry),
		"transient":                       dbus.MakeVariant(false),
		"x-canonical-private-synchronous": dbus.MakeVariant(appEntry + ":" + url.QueryEscape(m.tag)),
	}
	if m.silent {
		h["suppress-sound"] = dbus.MakeVariant(true)
	} else {
		h["sound-name"] = dbus.MakeVariant(soundName)
	}
	return h
}

func expiry(m message) int32 {
	switch {
	case m.sticky, m.priority == api.PriorityUrgent:
		return expireNever
	case m.priority == api.PriorityLow:
		return expireLow
	default:
		return expire
	}
}
