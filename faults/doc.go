// Package faults drives the built program through faults and accounts for every notification that a sender got a 201 for.
//
// The processes are real: a site (securepush serve), a device (securepush listen) with its session bus and keyring, and
// between them a proxy of the package's own that does to connections what networks do. The notification daemon is the
// package's own too: it notes each toast, and is a place at which a process can be killed.
//
// In go test each fault runs a few times; make faults runs all of them hundreds of times and writes docs/reliability.md.
package faults
