package agent

import "syscall"

// ownSession keeps a console's signals away from the window.
func ownSession() *syscall.SysProcAttr {
	const createNewProcessGroup = 0x200
	return &syscall.SysProcAttr{CreationFlags: createNewProcessGroup}
}
