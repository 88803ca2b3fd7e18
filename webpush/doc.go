// Package webpush encrypts, decrypts and signs Web Push messages: RFC 8291 both ways and RFC 8292 both ways.
//
// A device makes [GenerateKeys] and opens what arrives with [Keys.Open]. A back end calls [Seal] with the device's
// public values and asks a [Signer] for the Authorization header. A push service checks that header with a [Verifier],
// or with [VerifyVAPID] when it has no use for remembering. Every sealed message with a text
// as short as an ID has [MessageSize] bytes, whatever it says, and a longer one the next of a few sizes. Nothing here writes into a slice that the caller passed in.
package webpush
