// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// AccountAdd says: Add account…
func (w *Words) AccountAdd() string { return w.say("account.add") }

// AccountAddText says: The accounts that are here stay as they are.
func (w *Words) AccountAddText() string { return w.say("account.add_text") }

// AccountAddTitle says: Add an account
func (w *Words) AccountAddTitle() string { return w.say("account.add_title") }

// AccountBlue says: Blue
func (w *Words) AccountBlue() string { return w.say("account.blue") }

// AccountColour says: Colour
func (w *Words) AccountColour() string { return w.say("account.colour") }

// AccountColourAutomatic says: {colour}, chosen for you
func (w *Words) AccountColourAutomatic(colour string) string {
	return w.fill("account.colour_automatic", "colour", colour)
}

// AccountGoneOn says: The others stay signed in.
func (w *Words) AccountGoneOn() string { return w.say("account.gone_on") }

// AccountGreen says: Green
func (w *Words) AccountGreen() string { return w.say("account.green") }

// AccountGrey says: Grey
func (w *Words) AccountGrey() string { return w.say("account.grey") }

// AccountIsMuted says: This account is muted
func (w *Words) AccountIsMuted() string { return w.say("account.is_muted") }

// AccountKeys says: Show an account
func (w *Words) AccountKeys() string { return w.say("account.keys") }

// AccountMost says: {n} account at the most. · {n} accounts at the most.
func (w *Words) AccountMost(n int) string { return w.count("account.most", n) }

// AccountMute says: Mute: no toasts from this account
func (w *Words) AccountMute() string { return w.say("account.mute") }

// AccountMuted says: Muted
func (w *Words) AccountMuted() string { return w.say("account.muted") }

// AccountMutedText says: Its notifications stand in the inbox and are not shown as toasts.
func (w *Words) AccountMutedText() string { return w.say("account.muted_text") }

// AccountName says: Name
func (w *Words) AccountName() string { return w.say("account.name") }

// AccountOrange says: Orange
func (w *Words) AccountOrange() string { return w.say("account.orange") }

// AccountPink says: Pink
func (w *Words) AccountPink() string { return w.say("account.pink") }

// AccountPurple says: Purple
func (w *Words) AccountPurple() string { return w.say("account.purple") }

// AccountRed says: Red
func (w *Words) AccountRed() string { return w.say("account.red") }

// AccountSignOut says: Sign out {name}?
func (w *Words) AccountSignOut(name string) string { return w.fill("account.sign_out", "name", name) }

// AccountTeal says: Teal
func (w *Words) AccountTeal() string { return w.say("account.teal") }

// AccountTitle says: Accounts
func (w *Words) AccountTitle() string { return w.say("account.title") }

// AccountToasts says: What its toasts show
func (w *Words) AccountToasts() string { return w.say("account.toasts") }

// AccountToastsUsual says: As for all: {level}
func (w *Words) AccountToastsUsual(level string) string {
	return w.fill("account.toasts_usual", "level", level)
}

// AccountUnmute says: Unmute
func (w *Words) AccountUnmute() string { return w.say("account.unmute") }
