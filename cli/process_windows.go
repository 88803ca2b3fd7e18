package cli

import "syscall"

// detached starts a child that lives on when the console or the window goes.
func detached() *syscall.SysProcAttr {
	const createNewProcessGroup, detachedProcess = 0x200, 0x8
	return &syscall.SysProcAttr{CreationFlags: createNewProcessGroup | detachedProcess}
}

func hasDisplay(func(string) string) bool { return true }
