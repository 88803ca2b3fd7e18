//go:build !unix

package notify

import "os/exec"

// ownGroup leaves the default: the context kills the child. On Windows the child works through COM; what beeep may
// start beside it is a script that ends by itself.
func ownGroup(*exec.Cmd) {}
