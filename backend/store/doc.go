// Package store keeps what the back end must not lose: accounts, sign-ins, sender keys, notifications, devices, what its
// notification hub knows, and the server's own secrets, in one SQLite file.
//
// Start with [Open]. A method that writes returns after its transaction is synced to disk, so its success may be
// promised to whoever asked. All writes of a process go through one goroutine that lets those that wait share a
// transaction; reads run beside it. Several processes may use the file at once: nothing that decides about access is
// cached. SQL stays in this package; package storetest says what another database would have to do.
package store
