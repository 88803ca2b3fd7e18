// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// TryButton says: Send me a test
func (w *Words) TryButton() string { return w.say("try.button") }

// TrySent says: A test notification is on its way.
func (w *Words) TrySent() string { return w.say("try.sent") }

// TryText says: See how a notification arrives on this computer.
func (w *Words) TryText() string { return w.say("try.text") }

// TryTitle says: Try it out
func (w *Words) TryTitle() string { return w.say("try.title") }
