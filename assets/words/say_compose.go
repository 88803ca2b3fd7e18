// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// ComposeAgain says: Send again
func (w *Words) ComposeAgain() string { return w.say("compose.again") }

// ComposeAnd says: and
func (w *Words) ComposeAnd() string { return w.say("compose.and") }

// ComposeBadDay says: Write the day as 2026-12-24 or 24.12.2026.
func (w *Words) ComposeBadDay() string { return w.say("compose.bad_day") }

// ComposeBadLink says: A link begins with https://.
func (w *Words) ComposeBadLink() string { return w.say("compose.bad_link") }

// ComposeBytes says: {n} bytes
func (w *Words) ComposeBytes(n string) string { return w.fill("compose.bytes", "n", n) }

// ComposeControl says: This holds a character that cannot be seen and cannot be sent. Remove it, or type the lin…
func (w *Words) ComposeControl() string { return w.say("compose.control") }

// ComposeDecimal says: .
func (w *Words) ComposeDecimal() string { return w.say("compose.decimal") }

// ComposeDevices says: On its way to {n} device. · On its way to {n} devices.
func (w *Words) ComposeDevices(n int) string { return w.count("compose.devices", n) }

// ComposeDiscard says: Discard
func (w *Words) ComposeDiscard() string { return w.say("compose.discard") }

// ComposeDiscardAsk says: Discard what you have typed?
func (w *Words) ComposeDiscardAsk() string { return w.say("compose.discard_ask") }

// ComposeDiscardText says: It has not been sent.
func (w *Words) ComposeDiscardText() string { return w.say("compose.discard_text") }

// ComposeExpiry says: Kept
func (w *Words) ComposeExpiry() string { return w.say("compose.expiry") }

// ComposeExpiryDay says: Until…
func (w *Words) ComposeExpiryDay() string { return w.say("compose.expiry_day") }

// ComposeExpiryHint says: Day, such as 2026-12-24
func (w *Words) ComposeExpiryHint() string { return w.say("compose.expiry_hint") }

// ComposeExpiryMeans says: It disappears after {when}.
func (w *Words) ComposeExpiryMeans(when string) string {
	return w.fill("compose.expiry_means", "when", when)
}

// ComposeExpiryNever says: Always
func (w *Words) ComposeExpiryNever() string { return w.say("compose.expiry_never") }

// ComposeExpiryToday says: Today
func (w *Words) ComposeExpiryToday() string { return w.say("compose.expiry_today") }

// ComposeExpiryWeek says: A week
func (w *Words) ComposeExpiryWeek() string { return w.say("compose.expiry_week") }

// ComposeFailed says: Not sent. {why}
func (w *Words) ComposeFailed(why string) string { return w.fill("compose.failed", "why", why) }

// ComposeFailedAbove says: Not sent. See above.
func (w *Words) ComposeFailedAbove() string { return w.say("compose.failed_above") }

// ComposeFarDay says: At the most ten years from now.
func (w *Words) ComposeFarDay() string { return w.say("compose.far_day") }

// ComposeKeep says: Keep writing
func (w *Words) ComposeKeep() string { return w.say("compose.keep") }

// ComposeKilobytes says: {n} KB
func (w *Words) ComposeKilobytes(n string) string { return w.fill("compose.kilobytes", "n", n) }

// ComposeLink says: Link (may be empty)
func (w *Words) ComposeLink() string { return w.say("compose.link") }

// ComposeLinkUser says: An address with a user name in it is not sent.
func (w *Words) ComposeLinkUser() string { return w.say("compose.link_user") }

// ComposeMeansMany says: To {n} person. · To {n} people.
func (w *Words) ComposeMeansMany(n int) string { return w.count("compose.means_many", n) }

// ComposeMeansNames says: To {names}.
func (w *Words) ComposeMeansNames(names string) string {
	return w.fill("compose.means_names", "names", names)
}

// ComposeMeansTags says: To everybody whose tags fit: {tags}.
func (w *Words) ComposeMeansTags(tags string) string {
	return w.fill("compose.means_tags", "tags", tags)
}

// ComposeNoAddress says: This is not an address. It looks like https://www.example.org/page.
func (w *Words) ComposeNoAddress() string { return w.say("compose.no_address") }

// ComposeNoDevice says: No device is listening right now; it waits in the inbox.
func (w *Words) ComposeNoDevice() string { return w.say("compose.no_device") }

// ComposeNoText says: Write what you want to say.
func (w *Words) ComposeNoText() string { return w.say("compose.no_text") }

// ComposeNot says: not
func (w *Words) ComposeNot() string { return w.say("compose.not") }

// ComposeNotConnected says: Sending works once this device is connected.
func (w *Words) ComposeNotConnected() string { return w.say("compose.not_connected") }

// ComposeNotWrapped says: Paragraphs as long as these are not wrapped here. They are sent as they are.
func (w *Words) ComposeNotWrapped() string { return w.say("compose.not_wrapped") }

// ComposeOr says: or
func (w *Words) ComposeOr() string { return w.say("compose.or") }

// ComposePastDay says: This day is over.
func (w *Words) ComposePastDay() string { return w.say("compose.past_day") }

// ComposePasteTooLong says: What you pasted is too long ({size}) and was left out.
func (w *Words) ComposePasteTooLong(size string) string {
	return w.fill("compose.paste_too_long", "size", size)
}

// ComposePreview says: Preview
func (w *Words) ComposePreview() string { return w.say("compose.preview") }

// ComposePreviewEmpty says: Your title and text appear here as people will see them.
func (w *Words) ComposePreviewEmpty() string { return w.say("compose.preview_empty") }

// ComposePriority says: Priority
func (w *Words) ComposePriority() string { return w.say("compose.priority") }

// ComposeSelf says: To your own devices.
func (w *Words) ComposeSelf() string { return w.say("compose.self") }

// ComposeSend says: Send push
func (w *Words) ComposeSend() string { return w.say("compose.send") }

// ComposeSending says: Sending…
func (w *Words) ComposeSending() string { return w.say("compose.sending") }

// ComposeSentNames says: Sent to {names}.
func (w *Words) ComposeSentNames(names string) string {
	return w.fill("compose.sent_names", "names", names)
}

// ComposeSentSelf says: Sent to your own devices.
func (w *Words) ComposeSentSelf() string { return w.say("compose.sent_self") }

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

// ComposeToHelp says: User names with commas between them, or tags such as ward:7 && role:nurse. Empty: your ow…
func (w *Words) ComposeToHelp() string { return w.say("compose.to_help") }

// ComposeToHint says: Yourself, or user names, or a tag expression
func (w *Words) ComposeToHint() string { return w.say("compose.to_hint") }

// ComposeTooLong says: Too long: {size}. There is room for {most}.
func (w *Words) ComposeTooLong(size string, most string) string {
	return w.fill("compose.too_long", "size", size, "most", most)
}

// ComposeTooMany says: At the most {n} person. · At the most {n} people.
func (w *Words) ComposeTooMany(n int) string { return w.count("compose.too_many", n) }

// ComposeUnclear says: It is not known whether it was sent: {why} Sending it again sends it once.
func (w *Words) ComposeUnclear(why string) string { return w.fill("compose.unclear", "why", why) }

// ComposeUsed says: {size} of {most} used.
func (w *Words) ComposeUsed(size string, most string) string {
	return w.fill("compose.used", "size", size, "most", most)
}
