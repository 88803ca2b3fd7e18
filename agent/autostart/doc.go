// Package autostart makes the listener start at login: as a unit of the session where there is a systemd user manager, and as an
// entry that the desktop starts elsewhere.
//
// [At] says where; [Place.Status] asks nobody but the disk.
package autostart
