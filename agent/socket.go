package agent

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"
)

// listenSocket opens the local socket with mode 0600. The caller holds the journal's lock, so a socket file that is
// there belongs to an agent that has died.
func listenSocket(ctx context.Context, path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("protect socket: %w", err)
	}
	return &ownUserListener{Listener: l}, nil
}

// ownUserListener hands out connections of this user's processes only. The folder's mode keeps others out already;
// the check holds even if somebody opens the folder.
type ownUserListener struct{ net.Listener }

// Accept waits for the next connection of this user.
func (l *ownUserListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if err := checkPeer(c); err == nil {
			return c, nil
		}
		_ = c.SetDeadline(time.Now())
		_ = c.Close()
	}
}
