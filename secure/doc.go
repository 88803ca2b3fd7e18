// Package secure holds what a device must keep to itself: the sign-in in the system's keyring, its renewal, the key that
// seals stored content, and whom to trust over TLS.
//
// Start with [OpenSession], which owns the tokens and is the api.TokenSource of every client. Below it lies a [Vault]:
// [NewKeyring] in production, [NewMemory] where there is no keyring. [NewSealer] seals content for the disk and
// [Transport] is the one way to the network.
package secure
