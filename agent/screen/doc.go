// Package screen tells when the desktop is locked or unlocked, and when the machine woke from sleep or
// its clock was set.
package screen
