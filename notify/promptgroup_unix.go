//go:build unix

package notify

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the child lead a process group, so that the tools that it starts end with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
