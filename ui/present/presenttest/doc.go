// Package presenttest holds what tests of the window share: an agent made of memory, and a queue in the place of the
// toolkit's own.
package presenttest
