// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// MenuAbout says: About SecurePush
func (w *Words) MenuAbout() string { return w.say("menu.about") }

// MenuAccount says: {user} · {server}
func (w *Words) MenuAccount(user string, server string) string {
	return w.fill("menu.account", "user", user, "server", server)
}

// MenuCopyText says: Copy text
func (w *Words) MenuCopyText() string { return w.say("menu.copy_text") }

// MenuMarkRead says: Mark read
func (w *Words) MenuMarkRead() string { return w.say("menu.mark_read") }

// MenuMarkUnread says: Mark unread
func (w *Words) MenuMarkUnread() string { return w.say("menu.mark_unread") }

// MenuSelect says: Select
func (w *Words) MenuSelect() string { return w.say("menu.select") }
