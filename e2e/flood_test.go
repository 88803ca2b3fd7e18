//go:build linux

package e2e

import (
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"securepush/cli/desktop"
)

func TestAFloodOfConnectionsIsOutlivedAndADeviceKeepsItsOwn(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	data := filepath.Join(s.dir, "backend")
	few := exec.Command("sh", "-c", `ulimit -n 64; exec "$@"`, "sh", binary, "serve", "--data", data, "--listen", "127.0.0.1:0")
	c := clinic{data: data, backEnd: s.startAs(few)}
	c.url = s.listensAt(c.backEnd)
	c.key = s.accounts(c.data)
	s.listen()
	s.login(c.url)
	s.registered(c.url)
	s.curl(c.url, c.key, message(" vorher"))
	m.wait(title + " vorher")

	address := strings.TrimPrefix(c.url, "http://")
	var flood []net.Conn
	for range 300 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		flood = append(flood, conn)
		if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nX-A: "); err != nil {
			continue // hung up on already
		}
	}
	s.until("the server says that it can take no more", func() bool { return strings.Contains(c.backEnd.out.String(), "too many open files") })
	for _, conn := range flood { // those who hang are hung up on in their time; here they give up
		_ = conn.Close()
	}
	s.until("it answers again", func() bool {
		resp, err := http.Get(c.url + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	s.connected()
	s.curl(c.url, c.key, message(" nachher"))
	m.wait(title + " nachher")
	if n := len(m.with(title + " vorher")); n != 1 {
		t.Errorf("the first was shown %d times", n)
	}
}
