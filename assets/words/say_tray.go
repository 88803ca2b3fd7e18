// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// TrayDesktopQuiet says: Your desktop asks not to disturb
func (w *Words) TrayDesktopQuiet() string { return w.say("tray.desktop_quiet") }

// TrayOpen says: Open SecurePush
func (w *Words) TrayOpen() string { return w.say("tray.open") }

// TrayPauseHalfHour says: Pause for 30 minutes
func (w *Words) TrayPauseHalfHour() string { return w.say("tray.pause_half_hour") }

// TrayPauseHour says: Pause for 1 hour
func (w *Words) TrayPauseHour() string { return w.say("tray.pause_hour") }

// TrayPauseTomorrow says: Pause until tomorrow
func (w *Words) TrayPauseTomorrow() string { return w.say("tray.pause_tomorrow") }

// TrayPausedUntil says: Paused until {when}
func (w *Words) TrayPausedUntil(when string) string { return w.fill("tray.paused_until", "when", when) }

// TrayQuietHours says: Quiet hours
func (w *Words) TrayQuietHours() string { return w.say("tray.quiet_hours") }

// TrayQuietHoursUntil says: Quiet hours until {when}
func (w *Words) TrayQuietHoursUntil(when string) string {
	return w.fill("tray.quiet_hours_until", "when", when)
}

// TrayQuit says: Quit
func (w *Words) TrayQuit() string { return w.say("tray.quit") }

// TrayResume says: Resume now
func (w *Words) TrayResume() string { return w.say("tray.resume") }

// TrayUnread says: {n} unread notification · {n} unread notifications
func (w *Words) TrayUnread(n int) string { return w.count("tray.unread", n) }

// TrayUnreadShort says: {n} unread · {n} unread
func (w *Words) TrayUnreadShort(n int) string { return w.count("tray.unread_short", n) }
