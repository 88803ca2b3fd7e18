package notify

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"
)

func TestWriteThatNobodyReadsEndsTheConnectionInTime(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	c := &boundedConn{Conn: near, in: bufio.NewReader(near), timeout: time.Hour}
	c.until.Store(time.Now().Add(100 * time.Millisecond).UnixNano())
	if _, err := c.Write([]byte("x")); err == nil {
		t.Fatal("a write that nobody read succeeded")
	}
	if _, err := io.ReadAll(far); err != nil { // what was cut off must not be followed by anything
		t.Errorf("the other side is not closed: %v", err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}
