//go:build !linux

package agent

import "net"

// checkPeer relies on the permissions of the socket's folder, which only this user can enter.
func checkPeer(net.Conn) error { return nil }
