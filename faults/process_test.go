//go:build linux

package faults

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one running part of the program.
type process struct {
	cmd    *exec.Cmd
	out    *tail
	log    *tail
	exited chan struct{}
	meant  sync.Once
	ended  chan struct{} // closed when the test ends it
}

// start starts the program. The test ends it.
func start(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, args...), out: &tail{}, log: &tail{}, exited: make(chan struct{}), ended: make(chan struct{})}
	p.cmd.Env = env
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process
		_ = p.cmd.Wait()
		select {
		case <-p.ended:
		default:
			if !p.cmd.ProcessState.Success() {
				t.Errorf("securepush %s ended by itself: %v\n%s", strings.Join(args, " "), p.cmd.ProcessState, p.log)
			}
		}
		close(p.exited)
	}()
	t.Cleanup(p.kill)
	return p
}

// signal sends a signal; the process may have ended.
func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// end says that whatever ends the process from now on is the test.
func (p *process) end() { p.meant.Do(func() { close(p.ended) }) }

// kill ends it without a warning and waits for it.
func (p *process) kill() {
	p.end()
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// gone says whether it has ended.
func (p *process) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// stop asks it to end and waits for it.
func (p *process) stop() {
	p.end()
	p.signal(syscall.SIGCONT)
	p.signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.kill()
	}
}

// pid is the process's number.
func (p *process) pid() int { return p.cmd.Process.Pid }

// tail keeps the last that a process printed.
type tail struct {
	mu  sync.Mutex
	b   []byte
	all bool
}

const tailBytes = 64 << 10

// Write appends.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if extra := len(t.b) - tailBytes; extra > 0 && !t.all {
		t.b = append(t.b[:0], t.b[extra:]...)
	}
	return len(b), nil
}

// keepAll forgets what was printed and keeps what comes.
func (t *tail) keepAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b, t.all = nil, true
}

// String is what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
