package pushlistener

import (
	"fmt"
	"os"
	"time"
)

// takeLock takes the one-agent lock. It is a file of its own, because a damaged journal is renamed while the lock must
// hold. The system lets go of it when the process dies in whatever way.
func takeLock(root *os.Root, name string, timeout time.Duration) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pushlistener: journal lock: %w", err)
	}
	deadline := time.Now().Add(timeout)
	for {
		ok, err := tryLock(f)
		if err == nil && ok {
			return f, nil
		}
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("pushlistener: journal lock: %w", err)
		}
		if !time.Now().Before(deadline) {
			_ = f.Close()
			return nil, ErrAgentRunning
		}
		<-time.After(10 * time.Millisecond)
	}
}
