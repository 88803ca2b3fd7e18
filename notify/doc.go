// Package notify shows native toasts: it makes text safe once, then shows, replaces and withdraws toasts and tells what
// the person did with them.
//
// [Open] gives a [Desktop]; it needs no notification daemon to be there and survives the loss of one. Content goes
// through our own senders only: D-Bus on Linux, our own escaped XML on Windows. Where neither can be used a [Prompt]
// is left: constant words without content, through beeep in a short-lived child of the same program.
package notify
