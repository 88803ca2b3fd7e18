// Package present decides what the window shows and does, without knowing a toolkit.
//
// Every presenter belongs to one goroutine, the one that draws: its methods are called there, and what it does in the
// background comes back there through [Work]. Views read a presenter's fields, draw them, and call its methods.
package present
