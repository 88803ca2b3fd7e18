// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// ConnectionAccount says: Account
func (w *Words) ConnectionAccount() string { return w.say("connection.account") }

// ConnectionConnectedSince says: Connected since {when}
func (w *Words) ConnectionConnectedSince(when string) string {
	return w.fill("connection.connected_since", "when", when)
}

// ConnectionCopied says: Copied to the clipboard.
func (w *Words) ConnectionCopied() string { return w.say("connection.copied") }

// ConnectionCopy says: Copy diagnostics
func (w *Words) ConnectionCopy() string { return w.say("connection.copy") }

// ConnectionDevices says: Devices
func (w *Words) ConnectionDevices() string { return w.say("connection.devices") }

// ConnectionDevicesText says: Where you are signed in.
func (w *Words) ConnectionDevicesText() string { return w.say("connection.devices_text") }

// ConnectionHeard says: Last heard of {when}
func (w *Words) ConnectionHeard(when string) string { return w.fill("connection.heard", "when", when) }

// ConnectionHistory says: What came
func (w *Words) ConnectionHistory() string { return w.say("connection.history") }

// ConnectionHistoryAfter says: after {time}
func (w *Words) ConnectionHistoryAfter(time string) string {
	return w.fill("connection.history_after", "time", time)
}

// ConnectionHistoryAll says: Show {n} · Show all {n}
func (w *Words) ConnectionHistoryAll(n int) string { return w.count("connection.history_all", n) }

// ConnectionHistoryFound says: found when catching up
func (w *Words) ConnectionHistoryFound() string { return w.say("connection.history_found") }

// ConnectionHistoryNone says: No push has come since the agent started.
func (w *Words) ConnectionHistoryNone() string { return w.say("connection.history_none") }

// ConnectionHistoryText says: The last pushes since the agent started, without their content.
func (w *Words) ConnectionHistoryText() string { return w.say("connection.history_text") }

// ConnectionLastPush says: Last push
func (w *Words) ConnectionLastPush() string { return w.say("connection.last_push") }

// ConnectionMilliseconds says: {n} ms
func (w *Words) ConnectionMilliseconds(n string) string {
	return w.fill("connection.milliseconds", "n", n)
}

// ConnectionNoOther says: You are signed in on no other device.
func (w *Words) ConnectionNoOther() string { return w.say("connection.no_other") }

// ConnectionNoPush says: None yet
func (w *Words) ConnectionNoPush() string { return w.say("connection.no_push") }

// ConnectionOutAsk says: Sign out {device}?
func (w *Words) ConnectionOutAsk(device string) string {
	return w.fill("connection.out_ask", "device", device)
}

// ConnectionOutDone says: {device} is signed out.
func (w *Words) ConnectionOutDone(device string) string {
	return w.fill("connection.out_done", "device", device)
}

// ConnectionOutText says: It gets no more notifications until somebody signs in there again. What it keeps stays on…
func (w *Words) ConnectionOutText() string { return w.say("connection.out_text") }

// ConnectionPush says: Push service
func (w *Words) ConnectionPush() string { return w.say("connection.push") }

// ConnectionReport says: Report
func (w *Words) ConnectionReport() string { return w.say("connection.report") }

// ConnectionReportText says: For whoever helps you: about the program and its surroundings, without content, names and…
func (w *Words) ConnectionReportText() string { return w.say("connection.report_text") }

// ConnectionSeconds says: {n} s
func (w *Words) ConnectionSeconds(n string) string { return w.fill("connection.seconds", "n", n) }

// ConnectionServer says: Server
func (w *Words) ConnectionServer() string { return w.say("connection.server") }

// ConnectionServerWords says: {name} · {address}
func (w *Words) ConnectionServerWords(name string, address string) string {
	return w.fill("connection.server_words", "name", name, "address", address)
}

// ConnectionSpeed says: From push to toast
func (w *Words) ConnectionSpeed() string { return w.say("connection.speed") }

// ConnectionSpeedNone says: No notification has been shown at once since the agent started.
func (w *Words) ConnectionSpeedNone() string { return w.say("connection.speed_none") }

// ConnectionSpeedText says: The last ones that were shown at once, the newest last.
func (w *Words) ConnectionSpeedText() string { return w.say("connection.speed_text") }

// ConnectionSpeedWords says: Usually {usual}, at most {most}.
func (w *Words) ConnectionSpeedWords(usual string, most string) string {
	return w.fill("connection.speed_words", "usual", usual, "most", most)
}

// ConnectionStepFailed says: Failed after {time}
func (w *Words) ConnectionStepFailed(time string) string {
	return w.fill("connection.step_failed", "time", time)
}

// ConnectionStepHeld says: Held back
func (w *Words) ConnectionStepHeld() string { return w.say("connection.step_held") }

// ConnectionStepWaits says: Waiting…
func (w *Words) ConnectionStepWaits() string { return w.say("connection.step_waits") }

// ConnectionTest says: Test notification
func (w *Words) ConnectionTest() string { return w.say("connection.test") }

// ConnectionTestAgain says: Test again
func (w *Words) ConnectionTestAgain() string { return w.say("connection.test_again") }

// ConnectionTestButton says: Send a test
func (w *Words) ConnectionTestButton() string { return w.say("connection.test_button") }

// ConnectionTestFailed says: The test did not come through.
func (w *Words) ConnectionTestFailed() string { return w.say("connection.test_failed") }

// ConnectionTestHeld says: It works, and the toast waits.
func (w *Words) ConnectionTestHeld() string { return w.say("connection.test_held") }

// ConnectionTestShown says: It works. The toast was shown after {time}.
func (w *Words) ConnectionTestShown(time string) string {
	return w.fill("connection.test_shown", "time", time)
}

// ConnectionTestText says: Sends a notification to this device and follows it step by step.
func (w *Words) ConnectionTestText() string { return w.say("connection.test_text") }

// ConnectionTesting says: Testing…
func (w *Words) ConnectionTesting() string { return w.say("connection.testing") }

// ConnectionThis says: This device
func (w *Words) ConnectionThis() string { return w.say("connection.this") }

// ConnectionTitle says: Connection
func (w *Words) ConnectionTitle() string { return w.say("connection.title") }

// ConnectionUnheard says: Not heard of yet
func (w *Words) ConnectionUnheard() string { return w.say("connection.unheard") }
