//go:build linux

package bench

import (
	"bufio"
	bytewise "encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
)

// xscreen asks an X server without access control what is on its screen and in whose title, over one connection and in well
// under a millisecond: a program such as xdotool would cost more than what is measured (X Window System Protocol, version 11).
type xscreen struct {
	conn net.Conn
	r    *bufio.Reader
	root uint32
	name uint32 // the atom _NET_WM_NAME
}

// openScreen connects to a local display such as ":99".
func openScreen(display string) (*xscreen, error) {
	conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+strings.TrimPrefix(display, ":"))
	if err != nil {
		return nil, err
	}
	x := &xscreen{conn: conn, r: bufio.NewReader(conn)}
	if err := x.setUp(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return x, nil
}

func (x *xscreen) close() { _ = x.conn.Close() }

// setUp greets the server, learns the root window of the first screen, and the atom of titles.
func (x *xscreen) setUp() error {
	if _, err := x.conn.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(x.r, head); err != nil {
		return err
	}
	body := make([]byte, 4*int(bytewise.LittleEndian.Uint16(head[6:])))
	if _, err := io.ReadFull(x.r, body); err != nil {
		return err
	}
	if head[0] != 1 || len(body) < 32 {
		return fmt.Errorf("the X server refuses: %q", body)
	}
	vendor, formats := int(bytewise.LittleEndian.Uint16(body[16:])), int(body[21])
	at := 32 + (vendor+3)/4*4 + 8*formats
	if len(body) < at+4 {
		return io.ErrUnexpectedEOF
	}
	x.root = bytewise.LittleEndian.Uint32(body[at:])
	const title = "_NET_WM_NAME"
	reply, err := x.ask(16, 0, append(words(len(title)), title...)) // InternAtom
	if err == nil {
		x.name = bytewise.LittleEndian.Uint32(reply[8:])
	}
	return err
}

// words are numbers of four bytes as the protocol has them.
func words(numbers ...int) (b []byte) {
	for _, n := range numbers {
		b = bytewise.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// ask sends a request of four-byte units and returns its whole reply. Events are never asked for.
func (x *xscreen) ask(opcode, data byte, body []byte) ([]byte, error) {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	size := uint16(1 + len(body)/4)
	if _, err := x.conn.Write(append(append([]byte{opcode, data}, byte(size), byte(size>>8)), body...)); err != nil {
		return nil, err
	}
	for {
		reply := make([]byte, 32)
		if _, err := io.ReadFull(x.r, reply); err != nil {
			return nil, err
		}
		switch reply[0] {
		case 0:
			return nil, fmt.Errorf("the X server answers with error %d", reply[1])
		case 1:
			rest := make([]byte, 4*int(bytewise.LittleEndian.Uint32(reply[4:])))
			if _, err := io.ReadFull(x.r, rest); err != nil {
				return nil, err
			}
			return append(reply, rest...), nil
		}
	}
}

// pixel is the colour of a point of the screen, 0xRRGGBB (GetImage, ZPixmap).
func (x *xscreen) pixel(px, py int) (uint32, error) {
	body := words(int(x.root), px|py<<16, 1|1<<16, 0xFFFFFFFF)
	reply, err := x.ask(73, 2, body)
	if err != nil {
		return 0, err
	}
	return bytewise.LittleEndian.Uint32(reply[32:]) & 0xFFFFFF, nil
}

// title is that of the window that has the keyboard, or "" (GetInputFocus, GetProperty).
func (x *xscreen) title() (string, error) {
	reply, err := x.ask(43, 0, nil)
	if err != nil {
		return "", err
	}
	focus := bytewise.LittleEndian.Uint32(reply[8:])
	if focus <= 1 || focus == x.root { // nobody, or whoever is pointed at
		return "", nil
	}
	reply, err = x.ask(20, 0, words(int(focus), int(x.name), 0, 0, 256))
	if err != nil {
		return "", nil //nolint:nilerr // the window has gone
	}
	n := min(int(bytewise.LittleEndian.Uint32(reply[16:])), len(reply)-32)
	return string(reply[32 : 32+n]), nil
}
