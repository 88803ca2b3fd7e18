//go:build !(linux || freebsd || netbsd || openbsd)

package tray

import "context"

// Run waits until ctx ends. There is no tray here: the notification area of Windows needs a window with a message loop and
// the menu bar of macOS the main thread of a Cocoa application, and the agent has neither. The window says how things are.
func (t *Tray) Run(ctx context.Context) {
	<-ctx.Done()
	t.end()
}
