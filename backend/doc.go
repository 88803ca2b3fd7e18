// Package backend is the companion back end: it keeps notifications and accounts, and tells devices that there is one.
//
// Start with [Open], which makes a [Server] on a data folder, or with [Serve], which also listens. [OpenAdmin] is what the
// administration commands use; it works on the same folder whether a server runs on it or not. The HTTP interface is
// described in api/openapi.yaml, and a test holds both together.
package backend
