// Package desktop brings up a small Linux desktop of its own: X server, session bus, keyring and notification daemon.
//
// The demo uses it on a machine without a display, and the tests that drive the built program use it everywhere.
// Nothing of it touches the desktop of the person who runs it.
package desktop
