package secure

import (
	"os"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

// killGroup kills the process alone: on Windows the keyring is a call into the system, which starts nothing.
func killGroup(p *os.Process) error { return p.Kill() }

// DisableCoreDumps does nothing: a Go program leaves no dump on Windows unless the machine is set up for it.
func DisableCoreDumps() {}
