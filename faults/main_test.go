//go:build linux

package faults

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The switches of make faults and make soak.
var (
	full     = flag.Bool("full", false, "every fault as often as docs/reliability.md says")
	document = flag.String("document", "", "file whose table is replaced by this run's")
	soakTime = flag.Duration("soak", 2*time.Minute, "how long mixed faults go on")
	seed     = flag.Uint64("seed", 0, "repeats the mixed faults of an earlier run; 0: others each time")
)

// binary is the program under test, built without the window.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "securepush-faults-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		binary = filepath.Join(dir, "securepush")
		build := exec.Command("go", "build", "-tags", "headless", "-o", binary, "securepush")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build the program:", err)
			return 1
		}
		return m.Run()
	}())
}
