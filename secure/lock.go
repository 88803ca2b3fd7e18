package secure

import (
	"context"
	"errors"
	"os"
	"time"
)

const (
	lockFirst = 5 * time.Millisecond
	lockMost  = 100 * time.Millisecond
)

// errLocked says that another holder has the lock now.
var errLocked = errors.New("secure: the lock file is locked")

// lock takes the lock file, which the kernel frees when its holder dies. A file that cannot be opened, as on a broken
// disk, is no reason to let the sign-in expire: then nothing is locked, and the log says so.
func (s *Session) lock(ctx context.Context) (unlock func(), err error) {
	if s.opt.LockFile == "" {
		return func() {}, nil
	}
	f, err := os.OpenFile(s.opt.LockFile, os.O_CREATE|os.O_RDWR|noFollow, 0o600)
	if err != nil {
		s.log.Warn("the sign-in is renewed without its lock file", "error", err)
		return func() {}, nil
	}
	for wait := lockFirst; ; wait = min(wait*2, lockMost) {
		err := tryLock(f)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, errLocked) {
			_ = f.Close()
			s.log.Warn("the sign-in is renewed without its lock", "error", err)
			return func() {}, nil
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, tooLong(ctx.Err())
		case <-time.After(wait):
		}
	}
}
