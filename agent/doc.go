// Package agent is the process that lives: it owns the sign-in, the push connection, the journal and the toasts of one person,
// and serves the window and the commands over a local socket.
package agent
