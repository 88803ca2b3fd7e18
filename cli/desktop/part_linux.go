package desktop

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Part is a program that belongs to the desktop.
type Part struct {
	name   string
	cmd    *exec.Cmd
	exited chan struct{}
	output tail
}

// start starts a program; extra becomes its descriptor 3.
func (d *Desktop) start(name string, stdin io.Reader, extra *os.File, args ...string) (*Part, error) {
	p := &Part{name: name, cmd: exec.Command(name, args...), exited: make(chan struct{})} //nolint:gosec,noctx // our own names; Stop ends it
	p.cmd.Env = d.Env()
	p.cmd.Stdin = stdin
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if extra != nil {
		p.cmd.ExtraFiles = []*os.File{extra}
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() { // ends with the program; Stop waits for it
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	d.parts = append(d.parts, p)
	return p, nil
}

// PID is the process.
func (p *Part) PID() int { return p.cmd.Process.Pid }

// Stop ends the program and waits for it.
func (p *Part) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
		return
	case <-time.After(3 * time.Second):
	}
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// tail keeps the last bytes that a program printed, for error messages.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailBytes = 4 << 10

// Write appends.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if extra := len(t.b) - tailBytes; extra > 0 {
		t.b = append(t.b[:0], t.b[extra:]...)
	}
	return len(b), nil
}

// String is what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
