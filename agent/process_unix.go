//go:build !windows

package agent

import "syscall"

// ownSession keeps a terminal's signals away from the window.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
