// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// AccountIsMuted says: This account is muted
func (w *Words) AccountIsMuted() string { return w.say("account.is_muted") }

// AccountMuted says: Muted
func (w *Words) AccountMuted() string { return w.say("account.muted") }

// AccountMutedText says: Its notifications stand in the inbox and are not shown as toasts.
func (w *Words) AccountMutedText() string { return w.say("account.muted_text") }
