// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// StateConnected says: Connected
func (w *Words) StateConnected() string { return w.say("state.connected") }

// StateConnecting says: Connecting…
func (w *Words) StateConnecting() string { return w.say("state.connecting") }

// StateLocked says: Keyring locked
func (w *Words) StateLocked() string { return w.say("state.locked") }

// StateLockedShort says: Locked
func (w *Words) StateLockedShort() string { return w.say("state.locked_short") }

// StateNoAgent says: Agent not running
func (w *Words) StateNoAgent() string { return w.say("state.no_agent") }

// StateNoAgentShort says: No agent
func (w *Words) StateNoAgentShort() string { return w.say("state.no_agent_short") }

// StateNoKeyring says: Keyring not available
func (w *Words) StateNoKeyring() string { return w.say("state.no_keyring") }

// StateNoKeyringShort says: No keyring
func (w *Words) StateNoKeyringShort() string { return w.say("state.no_keyring_short") }

// StateOffline says: Offline
func (w *Words) StateOffline() string { return w.say("state.offline") }

// StateOfflineSince says: Offline since {when}
func (w *Words) StateOfflineSince(when string) string {
	return w.fill("state.offline_since", "when", when)
}

// StateSignInNeeded says: Sign-in needed
func (w *Words) StateSignInNeeded() string { return w.say("state.sign_in_needed") }

// StateSignInNeededShort says: Sign in
func (w *Words) StateSignInNeededShort() string { return w.say("state.sign_in_needed_short") }

// StateSignedOut says: Not signed in
func (w *Words) StateSignedOut() string { return w.say("state.signed_out") }

// StateSignedOutShort says: Signed out
func (w *Words) StateSignedOutShort() string { return w.say("state.signed_out_short") }

// StateSigningOut says: Signing out…
func (w *Words) StateSigningOut() string { return w.say("state.signing_out") }
