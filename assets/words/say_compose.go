// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// ComposeBadLink says: A link begins with https:// or http://.
func (w *Words) ComposeBadLink() string { return w.say("compose.bad_link") }

// ComposeDevices says: On its way to {n} device. · On its way to {n} devices.
func (w *Words) ComposeDevices(n int) string { return w.count("compose.devices", n) }

// ComposeFailed says: Not sent. {why}
func (w *Words) ComposeFailed(why string) string { return w.fill("compose.failed", "why", why) }

// ComposeFailedAbove says: Not sent. See above.
func (w *Words) ComposeFailedAbove() string { return w.say("compose.failed_above") }

// ComposeLink says: Link (may be empty)
func (w *Words) ComposeLink() string { return w.say("compose.link") }

// ComposeNoDevice says: No device is listening right now; it waits in the inbox.
func (w *Words) ComposeNoDevice() string { return w.say("compose.no_device") }

// ComposeNoText says: Write what you want to say.
func (w *Words) ComposeNoText() string { return w.say("compose.no_text") }

// ComposeNotConnected says: Sending works once this device is connected.
func (w *Words) ComposeNotConnected() string { return w.say("compose.not_connected") }

// ComposePriority says: Priority
func (w *Words) ComposePriority() string { return w.say("compose.priority") }

// ComposeSelf says: To your own devices.
func (w *Words) ComposeSelf() string { return w.say("compose.self") }

// ComposeSend says: Send push
func (w *Words) ComposeSend() string { return w.say("compose.send") }

// ComposeSending says: Sending…
func (w *Words) ComposeSending() string { return w.say("compose.sending") }

// ComposeSent says: Sent.
func (w *Words) ComposeSent() string { return w.say("compose.sent") }

// ComposeSentTo says: Sent to {n} person. · Sent to {n} people.
func (w *Words) ComposeSentTo(n int) string { return w.count("compose.sent_to", n) }

// ComposeSignInFirst says: Sign in first.
func (w *Words) ComposeSignInFirst() string { return w.say("compose.sign_in_first") }

// ComposeSubject says: Title
func (w *Words) ComposeSubject() string { return w.say("compose.subject") }

// ComposeText says: Text
func (w *Words) ComposeText() string { return w.say("compose.text") }

// ComposeTitle says: New notification
func (w *Words) ComposeTitle() string { return w.say("compose.title") }

// ComposeTo says: To
func (w *Words) ComposeTo() string { return w.say("compose.to") }

// ComposeToHint says: Yourself, or user names, or a tag expression
func (w *Words) ComposeToHint() string { return w.say("compose.to_hint") }
