package agent

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// nobody is a user who is not the one of the test.
const nobody = 65534

// dialAs connects to a socket as another user, and returns what it is told until it is hung up on.
func dialAs(t *testing.T, user int, path string) (told string, err error) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: this thread alone is somebody else, and ends with the goroutine
		const same = ^uintptr(0)
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, same, uintptr(user), same); errno != 0 {
			err = errno
			return
		}
		fd, e := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if e != nil {
			err = e
			return
		}
		defer func() { _ = unix.Close(fd) }()
		if err = unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
			return
		}
		limit := unix.NsecToTimeval(time.Minute.Nanoseconds())
		if err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
			return
		}
		b := make([]byte, 64)
		n, e := unix.Read(fd, b)
		if e != nil && !errors.Is(e, unix.ECONNRESET) {
			err = e
			return
		}
		told = string(b[:n])
	}()
	<-done
	return told, err
}

func TestAnotherUserIsNotHeardEvenWhereTheFolderIsOpen(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	dir, err := os.MkdirTemp("", "spa") // a socket's path is at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for above := filepath.Dir(dir); above != "/" && above != "."; above = filepath.Dir(above) {
		if info, err := os.Stat(above); err != nil || info.Mode().Perm()&0o001 == 0 {
			t.Skipf("nobody else can come through %s", above)
		}
	}
	path := filepath.Join(dir, "agent.sock")
	l, err := listenSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "welcome")
			_ = c.Close()
		}
	}()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if told, err := dialAs(t, nobody, path); !errors.Is(err, unix.EACCES) {
		t.Errorf("through the closed folder: told %q, %v", told, err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if told, err := dialAs(t, nobody, path); !errors.Is(err, unix.EACCES) {
		t.Errorf("by the socket's own mode: told %q, %v", told, err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if told, err := dialAs(t, nobody, path); err != nil || told != "" {
		t.Errorf("another user: told %q, %v", told, err)
	}
	if told, err := dialAs(t, os.Getuid(), path); err != nil || told != "welcome" {
		t.Errorf("the same user: told %q, %v", told, err)
	}
}

func TestAPeerThatIsNoLocalSocketIsRefused(t *testing.T) {
	one, other := net.Pipe()
	defer func() { _, _ = one.Close(), other.Close() }()
	if err := checkPeer(one); err == nil {
		t.Error("it was taken for the same user")
	}
}
