//go:build !windows

package cli

import (
	"runtime"
	"syscall"
)

// detached starts a child in a session of its own: it lives on when the terminal or the window goes.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// hasDisplay says whether a window can be opened at all. Fyne ends the program with a stack trace where it cannot.
func hasDisplay(getenv func(string) string) bool {
	return runtime.GOOS == "darwin" || getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}
