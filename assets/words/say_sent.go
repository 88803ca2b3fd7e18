// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// SentDelivered says: On {n} device, not shown yet · On {n} devices, not shown yet
func (w *Words) SentDelivered(n int) string { return w.count("sent.delivered", n) }

// SentDeviceDelivered says: Delivered {when}
func (w *Words) SentDeviceDelivered(when string) string {
	return w.fill("sent.device_delivered", "when", when)
}

// SentDeviceShown says: Shown {when}
func (w *Words) SentDeviceShown(when string) string { return w.fill("sent.device_shown", "when", when) }

// SentDevices says: {n} device · {n} devices
func (w *Words) SentDevices(n int) string { return w.count("sent.devices", n) }

// SentEachDevice says: Each device
func (w *Words) SentEachDevice() string { return w.say("sent.each_device") }

// SentFollow says: Who has it
func (w *Words) SentFollow() string { return w.say("sent.follow") }

// SentGone says: deleted or expired since
func (w *Words) SentGone() string { return w.say("sent.gone") }

// SentGoneTitle says: No longer there
func (w *Words) SentGoneTitle() string { return w.say("sent.gone_title") }

// SentMenu says: Sent notifications
func (w *Words) SentMenu() string { return w.say("sent.menu") }

// SentNoName says: Another device
func (w *Words) SentNoName() string { return w.say("sent.no_name") }

// SentNone says: Nothing sent yet.
func (w *Words) SentNone() string { return w.say("sent.none") }

// SentNoneText says: What you send appears here, with how far it has come.
func (w *Words) SentNoneText() string { return w.say("sent.none_text") }

// SentNotTold says: Not reported
func (w *Words) SentNotTold() string { return w.say("sent.not_told") }

// SentNotYet says: Not yet
func (w *Words) SentNotYet() string { return w.say("sent.not_yet") }

// SentNote says: Devices report what they show. One that is switched off or offline appears here once it i…
func (w *Words) SentNote() string { return w.say("sent.note") }

// SentOn says: on {device}
func (w *Words) SentOn(device string) string { return w.fill("sent.on", "device", device) }

// SentRead says: Read
func (w *Words) SentRead() string { return w.say("sent.read") }

// SentRefresh says: Look again
func (w *Words) SentRefresh() string { return w.say("sent.refresh") }

// SentShown says: Shown on {n} device · Shown on {n} devices
func (w *Words) SentShown(n int) string { return w.count("sent.shown", n) }

// SentShownOf says: Shown on {shown} of {n} device · Shown on {shown} of {n} devices
func (w *Words) SentShownOf(n int, shown string) string {
	return w.count("sent.shown_of", n, "shown", shown)
}

// SentSometime says: Time not known
func (w *Words) SentSometime() string { return w.say("sent.sometime") }

// SentStepDelivered says: Delivered
func (w *Words) SentStepDelivered() string { return w.say("sent.step_delivered") }

// SentStepRead says: Read
func (w *Words) SentStepRead() string { return w.say("sent.step_read") }

// SentStepShown says: Shown
func (w *Words) SentStepShown() string { return w.say("sent.step_shown") }

// SentTitle says: Sent
func (w *Words) SentTitle() string { return w.say("sent.title") }

// SentTo says: To {name}
func (w *Words) SentTo(name string) string { return w.fill("sent.to", "name", name) }

// SentWaiting says: Waiting: no device has fetched it yet
func (w *Words) SentWaiting() string { return w.say("sent.waiting") }
