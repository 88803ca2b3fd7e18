// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// SettingsAbout says: About
func (w *Words) SettingsAbout() string { return w.say("settings.about") }

// SettingsAboutAgent says: SecurePush {version} · agent {agent}
func (w *Words) SettingsAboutAgent(version string, agent string) string {
	return w.fill("settings.about_agent", "version", version, "agent", agent)
}

// SettingsAboutNoAgent says: SecurePush {version} · no agent is running
func (w *Words) SettingsAboutNoAgent(version string) string {
	return w.fill("settings.about_no_agent", "version", version)
}

// SettingsAboutText says: Only an opaque ID passes through the push service. What is in a notification comes from y…
func (w *Words) SettingsAboutText() string { return w.say("settings.about_text") }

// SettingsAboutVersion says: SecurePush {version}
func (w *Words) SettingsAboutVersion(version string) string {
	return w.fill("settings.about_version", "version", version)
}

// SettingsAccount says: Account
func (w *Words) SettingsAccount() string { return w.say("settings.account") }

// SettingsAccountDevice says: {user} at {server}, on this computer, {device}.
func (w *Words) SettingsAccountDevice(user string, server string, device string) string {
	return w.fill("settings.account_device", "user", user, "server", server, "device", device)
}

// SettingsAccountWords says: {user} at {server}.
func (w *Words) SettingsAccountWords(user string, server string) string {
	return w.fill("settings.account_words", "user", user, "server", server)
}

// SettingsAppearance says: Appearance
func (w *Words) SettingsAppearance() string { return w.say("settings.appearance") }

// SettingsBad says: The settings can be changed when the agent runs.
func (w *Words) SettingsBad() string { return w.say("settings.bad") }

// SettingsCa says: File with the authority's certificate (PEM)
func (w *Words) SettingsCa() string { return w.say("settings.ca") }

// SettingsCaHint says: /path/to/authority.pem
func (w *Words) SettingsCaHint() string { return w.say("settings.ca_hint") }

// SettingsChoose says: Choose…
func (w *Words) SettingsChoose() string { return w.say("settings.choose") }

// SettingsConnection says: Connection
func (w *Words) SettingsConnection() string { return w.say("settings.connection") }

// SettingsConnectionText says: For a server whose certificate comes from an authority of your organisation's own.
func (w *Words) SettingsConnectionText() string { return w.say("settings.connection_text") }

// SettingsDays says: {n} day · {n} days
func (w *Words) SettingsDays(n int) string { return w.count("settings.days", n) }

// SettingsKeep says: Keep on this device
func (w *Words) SettingsKeep() string { return w.say("settings.keep") }

// SettingsKeepText says: Content is kept sealed, to be read without the server, and is removed from this computer…
func (w *Words) SettingsKeepText() string { return w.say("settings.keep_text") }

// SettingsLanguage says: Language
func (w *Words) SettingsLanguage() string { return w.say("settings.language") }

// SettingsLanguageSystem says: As the system: {language}
func (w *Words) SettingsLanguageSystem(language string) string {
	return w.fill("settings.language_system", "language", language)
}

// SettingsNoFile says: The file cannot be opened.
func (w *Words) SettingsNoFile() string { return w.say("settings.no_file") }

// SettingsNotifications says: Notifications
func (w *Words) SettingsNotifications() string { return w.say("settings.notifications") }

// SettingsPercent says: {n} %
func (w *Words) SettingsPercent(n string) string { return w.fill("settings.percent", "n", n) }

// SettingsPrivacy says: Privacy
func (w *Words) SettingsPrivacy() string { return w.say("settings.privacy") }

// SettingsSignedOut says: Not signed in.
func (w *Words) SettingsSignedOut() string { return w.say("settings.signed_out") }

// SettingsSounds says: Sounds
func (w *Words) SettingsSounds() string { return w.say("settings.sounds") }

// SettingsSoundsOff says: Off
func (w *Words) SettingsSoundsOff() string { return w.say("settings.sounds_off") }

// SettingsSoundsOn says: On
func (w *Words) SettingsSoundsOn() string { return w.say("settings.sounds_on") }

// SettingsSoundsUrgent says: Urgent only
func (w *Words) SettingsSoundsUrgent() string { return w.say("settings.sounds_urgent") }

// SettingsTextSize says: Text size
func (w *Words) SettingsTextSize() string { return w.say("settings.text_size") }

// SettingsTheme says: Colours
func (w *Words) SettingsTheme() string { return w.say("settings.theme") }

// SettingsThemeDark says: Dark
func (w *Words) SettingsThemeDark() string { return w.say("settings.theme_dark") }

// SettingsThemeLight says: Light
func (w *Words) SettingsThemeLight() string { return w.say("settings.theme_light") }

// SettingsThemeSystem says: System
func (w *Words) SettingsThemeSystem() string { return w.say("settings.theme_system") }

// SettingsToastEverything says: Everything
func (w *Words) SettingsToastEverything() string { return w.say("settings.toast_everything") }

// SettingsToastNothing says: Nothing
func (w *Words) SettingsToastNothing() string { return w.say("settings.toast_nothing") }

// SettingsToastSender says: Sender only
func (w *Words) SettingsToastSender() string { return w.say("settings.toast_sender") }

// SettingsToastText says: What a toast shows. With Sender only or Nothing, the content stands in the window only.
func (w *Words) SettingsToastText() string { return w.say("settings.toast_text") }
