//go:build race

package secure_test

// slow says that the race detector watches, also every child: the long tests then do less.
const slow = true
