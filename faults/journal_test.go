//go:build linux

package faults

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// journals are disks that do not take what is to be kept, and listeners that want the same journal.
func journals() []fault {
	return []fault{
		{name: "listener may write to no file", runs: 4, short: 1, repeats: 1, run: (*world).agentCannotWrite},
		{name: "disk of the listener full", runs: 4, repeats: 1, options: options{disk: true}, run: (*world).diskFull},
		{name: "folder of the listener read-only", runs: 4, short: 1, options: options{disk: true}, run: (*world).readOnly},
		{name: "back end may write to no file", runs: 20, short: 1, run: (*world).siteCannotWrite},
		{name: "two and more listeners at once", runs: 30, short: 2, repeats: 1, run: (*world).twoListeners},
	}
}

// agentCannotWrite has toasts shown that cannot be noted. They are noted later, so a kill then repeats none.
func (w *world) agentCannotWrite(int) {
	w.listener().limitFiles(w, 0)
	w.send(few)
	w.settled(time.Now())
	w.until("the person is told", func() bool { return w.says("journal") })
	w.listener().limitFiles(w, -1)
	w.written()
}

// written waits until the journal is written again, and kills the listener then: what was shown while it could not be written is
// not repeated. A toast goes up only when the one before it is noted, so the second of two says that all before it is on disk.
func (w *world) written() {
	w.Helper()
	w.until("the journal is written", func() bool { return !w.says("journal") })
	for range 2 {
		w.send(1)
		w.settled(time.Now())
	}
	w.killAgent()
	w.listen()
	w.send(1)
	w.settled(time.Now())
}

// diskFull fills the file system of the journal.
func (w *world) diskFull(int) {
	ballast := filepath.Join(filepath.Dir(w.state), "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := io.Copy(f, endless{}); !errors.Is(err, unix.ENOSPC) {
		w.Fatal("the disk cannot be filled: ", err)
	}
	if err := f.Close(); err != nil {
		w.Fatal(err)
	}
	w.send(few)
	w.settled(time.Now())
	if err := os.Remove(ballast); err != nil {
		w.Fatal(err)
	}
	w.written()
}

// endless is a file without an end.
type endless struct{}

// Read reads zeros.
func (endless) Read(b []byte) (int, error) { return len(b), nil }

// readOnly makes the folder one that cannot be written to. A listener that starts on it says so and leaves.
func (w *world) readOnly(int) {
	w.listener().stop()
	w.remount(true)
	p := start(w.TB, w.env, "listen")
	p.end()
	w.until("the listener leaves", p.gone)
	if text := p.log.String(); p.cmd.ProcessState.Success() || !strings.Contains(text, "read-only") {
		w.Errorf("it left with %v and the words %q", p.cmd.ProcessState, text)
	}
	w.send(few)
	w.remount(false)
	w.launch()
	w.settled(time.Now())
}

func (w *world) remount(readOnly bool) {
	w.Helper()
	flags := uintptr(unix.MS_REMOUNT)
	if readOnly {
		flags |= unix.MS_RDONLY
	}
	if err := unix.Mount("none", filepath.Dir(w.state), "tmpfs", flags, diskSize); err != nil {
		w.Fatal(err)
	}
}

const diskSize = "size=2m"

// ownDisk mounts a small file system for the journal, where that is allowed, and says whether it was.
func ownDisk(dir string) (unmount func(), ok bool) {
	if os.MkdirAll(dir, 0o700) != nil || unix.Mount("none", dir, "tmpfs", 0, diskSize) != nil {
		return nil, false
	}
	return func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }, true
}

// siteCannotWrite refuses what it cannot keep: nothing has its 201, and it has it when the disk takes it again.
func (w *world) siteCannotWrite(int) {
	w.site.running().limitFiles(w, 0)
	before, _, _, _ := w.ledger.totals()
	posted := w.sending(few)
	w.pause(300 * time.Millisecond)
	if now, _, _, _ := w.ledger.totals(); now != before {
		w.Errorf("%d notifications had their 201 and could not be kept", now-before)
	}
	w.site.running().limitFiles(w, -1)
	ended := time.Now()
	posted()
	w.settled(ended)
}

// twoListeners starts one beside the one that runs, and several when it is killed: always one listens.
func (w *world) twoListeners(int) {
	second := start(w.TB, w.env, "listen")
	w.send(1)
	w.until("the second leaves", second.gone)
	w.killAgent()
	rivals := []*process{start(w.TB, w.env, "listen"), start(w.TB, w.env, "listen"), start(w.TB, w.env, "listen")}
	ended := time.Now()
	w.send(1)
	w.settled(ended)
	w.until("one is left, and listens", func() bool {
		left := slices.DeleteFunc(slices.Clone(rivals), (*process).gone)
		if len(left) != 1 || w.status().PID != left[0].pid() {
			return false
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.agent = left[0]
		return true
	})
}

// tear leaves noise behind the end of the site's log, as of a write that was not finished. What has its 201 was synced before.
func (s *site) tear(bytes int) {
	s.t.Helper()
	logs, err := filepath.Glob(filepath.Join(s.data, "*-wal"))
	if err != nil || len(logs) != 1 {
		s.t.Fatalf("the site's logs are %q, %v", logs, err)
	}
	f, err := os.OpenFile(logs[0], os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	noise := make([]byte, bytes)
	_, _ = rand.Read(noise)
	_, err = f.Write(noise)
	if err := errors.Join(err, f.Close()); err != nil {
		s.t.Fatal(err)
	}
}

const page = 4096 // bytes of the journal's pages

// tear damages the journal as a machine does that loses its power, and worse.
func (w *world) tear(i int) {
	w.Helper()
	path := filepath.Join(w.state, "journal.db")
	b, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	pages := len(b) / page
	at := w.seldom(pages) * page
	switch i % 6 {
	case 0: // cut off within a page
		b = b[:at+w.seldom(page)]
	case 1: // a page of noise
		for j := range page {
			b[at+j] = byte(w.seldom(256))
		}
	case 2: // a page of zeros
		clear(b[at : at+page])
	case 3: // nothing is left
		b = nil
	case 4: // one bit
		j := w.seldom(len(b))
		b[j] ^= 1 << w.seldom(8)
	case 5: // noise after the end, of a write that was not finished
		b = append(b, make([]byte, page+w.seldom(page))...)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		w.Fatal(err)
	}
}
