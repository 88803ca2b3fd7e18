// Package local is the contract between the agent and its clients on the same machine: the window and the commands.
//
// [Client] speaks HTTP over the agent's Unix socket; the agent implements the other side. Every path begins with /v1.
package local
