//go:build linux

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// processes keeps what every user of the machine could read of the processes on a desktop: arguments and environment.
type processes struct {
	dir  string // stands in the environment of all of them
	stop chan struct{}
	done sync.WaitGroup

	mu   sync.Mutex
	seen map[string]bool
}

// lookAtProcesses looks until the test ends, often enough to meet a child that lives for some milliseconds.
func (s *stack) lookAtProcesses() *processes {
	p := &processes{dir: s.dir, stop: make(chan struct{}), seen: map[string]bool{}}
	p.done.Go(func() {
		again := time.NewTicker(2 * time.Millisecond)
		defer again.Stop()
		for {
			p.look()
			select {
			case <-again.C:
			case <-p.stop:
				return
			}
		}
	})
	s.Cleanup(p.end)
	return p
}

// end stops looking. It may be called again.
func (p *processes) end() {
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.done.Wait()
}

// look reads what runs now. Whatever cannot be read has ended.
func (p *processes) look() {
	for _, text := range onDesktop(p.dir) {
		p.mu.Lock()
		p.seen[text] = true
		p.mu.Unlock()
	}
}

// onDesktop returns arguments and environment of the processes that have a folder in their environment.
func onDesktop(dir string) map[int]string {
	found := map[int]string{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err != nil || !bytes.Contains(environ, []byte(dir)) {
			continue
		}
		cmdline, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err == nil {
			found[pid] = strings.ReplaceAll(string(cmdline)+"\n"+string(environ), "\x00", " ")
		}
	}
	return found
}

// holds says in which form a text was seen, or "".
func (p *processes) holds(text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for seen := range p.seen {
		if form := find([]byte(seen), text); form != "" {
			return form
		}
	}
	return ""
}
