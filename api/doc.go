// Package api is the contract between a device and the back end: identifiers, wire types, error codes and a typed client.
//
// Start with [Client]. The HTTP reference is openapi.yaml in this folder; a test of the back end holds both together.
// The package imports nothing of this module, so either side can be built without the other.
package api
