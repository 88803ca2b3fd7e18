// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// QuietAdd says: Add
func (w *Words) QuietAdd() string { return w.say("quiet.add") }

// QuietBadTime says: A time looks like 22:00.
func (w *Words) QuietBadTime() string { return w.say("quiet.bad_time") }

// QuietEntry says: Quiet hours {n}
func (w *Words) QuietEntry(n string) string { return w.fill("quiet.entry", "n", n) }

// QuietFrom says: From
func (w *Words) QuietFrom() string { return w.say("quiet.from") }

// QuietHalfHour says: 30 minutes
func (w *Words) QuietHalfHour() string { return w.say("quiet.half_hour") }

// QuietHour says: 1 hour
func (w *Words) QuietHour() string { return w.say("quiet.hour") }

// QuietHours says: Quiet hours
func (w *Words) QuietHours() string { return w.say("quiet.hours") }

// QuietLater says: What comes meanwhile is shown afterwards.
func (w *Words) QuietLater() string { return w.say("quiet.later") }

// QuietNoDay says: Choose a day at least.
func (w *Words) QuietNoDay() string { return w.say("quiet.no_day") }

// QuietNoHours says: None.
func (w *Words) QuietNoHours() string { return w.say("quiet.no_hours") }

// QuietNow says: Pause now
func (w *Words) QuietNow() string { return w.say("quiet.now") }

// QuietOverNight says: Over night, until {time} of the next day.
func (w *Words) QuietOverNight(time string) string { return w.fill("quiet.over_night", "time", time) }

// QuietPaused says: Paused
func (w *Words) QuietPaused() string { return w.say("quiet.paused") }

// QuietRemove says: Remove
func (w *Words) QuietRemove() string { return w.say("quiet.remove") }

// QuietResume says: Resume
func (w *Words) QuietResume() string { return w.say("quiet.resume") }

// QuietText says: What comes meanwhile waits in the inbox, and is shown afterwards.
func (w *Words) QuietText() string { return w.say("quiet.text") }

// QuietTitle says: Do not disturb
func (w *Words) QuietTitle() string { return w.say("quiet.title") }

// QuietTo says: To
func (w *Words) QuietTo() string { return w.say("quiet.to") }

// QuietTomorrow says: Until tomorrow
func (w *Words) QuietTomorrow() string { return w.say("quiet.tomorrow") }

// QuietUrgent says: Urgent notifications may break through
func (w *Words) QuietUrgent() string { return w.say("quiet.urgent") }

// QuietUrgentAtOnce says: Urgent ones are shown at once.
func (w *Words) QuietUrgentAtOnce() string { return w.say("quiet.urgent_at_once") }

// QuietWholeDay says: The whole day, until the same time of the next.
func (w *Words) QuietWholeDay() string { return w.say("quiet.whole_day") }
