// Package screen tells when the desktop is locked or unlocked, and when the machine woke from sleep.
package screen
