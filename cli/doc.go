// Package cli holds the commands of securepush: flags, output, exit codes.
//
// [Run] is the whole program below main. Each command stands in a file of its own.
package cli
