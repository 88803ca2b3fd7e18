// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// CommonApp says: SecurePush
func (w *Words) CommonApp() string { return w.say("common.app") }

// CommonBack says: Back
func (w *Words) CommonBack() string { return w.say("common.back") }

// CommonCancel says: Cancel
func (w *Words) CommonCancel() string { return w.say("common.cancel") }

// CommonClose says: Close
func (w *Words) CommonClose() string { return w.say("common.close") }

// CommonDelete says: Delete
func (w *Words) CommonDelete() string { return w.say("common.delete") }

// CommonLoading says: Loading…
func (w *Words) CommonLoading() string { return w.say("common.loading") }

// CommonOpen says: Open
func (w *Words) CommonOpen() string { return w.say("common.open") }

// CommonSettings says: Settings
func (w *Words) CommonSettings() string { return w.say("common.settings") }

// CommonSignIn says: Sign in
func (w *Words) CommonSignIn() string { return w.say("common.sign_in") }

// CommonSignOut says: Sign out…
func (w *Words) CommonSignOut() string { return w.say("common.sign_out") }
