//go:build linux

package faults

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// anonymous is the memory that is the process's own, in bytes.
func (p *process) anonymous(t testing.TB) int64 {
	t.Helper()
	b, err := os.ReadFile(p.proc("status"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	kilobytes, err := strconv.ParseInt(strings.Fields(rest + " x")[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

// descriptors counts what the process has open.
func (p *process) descriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir(p.proc("fd"))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func (p *process) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(p.pid()), name)
}

// limitFiles lets the process write no file beyond so many bytes from now on, as on a full disk; -1 ends that.
func (p *process) limitFiles(t testing.TB, bytes int64) {
	t.Helper()
	var now unix.Rlimit
	if err := unix.Prlimit(p.pid(), unix.RLIMIT_FSIZE, nil, &now); err != nil {
		t.Fatal(err)
	}
	now.Cur = now.Max
	if bytes >= 0 {
		now.Cur = uint64(bytes)
	}
	if err := unix.Prlimit(p.pid(), unix.RLIMIT_FSIZE, &now, nil); err != nil {
		t.Fatal(err)
	}
}
