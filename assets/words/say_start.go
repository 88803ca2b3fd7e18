// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// StartCheck says: Start SecurePush when I log in
func (w *Words) StartCheck() string { return w.say("start.check") }

// StartGoesOn says: Closing this window does not end SecurePush: notifications still arrive.
func (w *Words) StartGoesOn() string { return w.say("start.goes_on") }

// StartText says: Notifications then arrive from the moment you log in.
func (w *Words) StartText() string { return w.say("start.text") }

// StartTitle says: Start at login
func (w *Words) StartTitle() string { return w.say("start.title") }

// StartUnsupported says: On this system SecurePush cannot set this up. Have your session start: securepush listen.
func (w *Words) StartUnsupported() string { return w.say("start.unsupported") }
