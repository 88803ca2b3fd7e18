// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// KeyringPrompt says: Your desktop asks for the keyring's password.
func (w *Words) KeyringPrompt() string { return w.say("keyring.prompt") }

// KeyringText says: It holds your sign-in. Unlock it to read your notifications.
func (w *Words) KeyringText() string { return w.say("keyring.text") }

// KeyringTitle says: Your keyring is locked
func (w *Words) KeyringTitle() string { return w.say("keyring.title") }

// KeyringUnlock says: Unlock
func (w *Words) KeyringUnlock() string { return w.say("keyring.unlock") }

// KeyringUnlocking says: Unlocking…
func (w *Words) KeyringUnlocking() string { return w.say("keyring.unlocking") }
