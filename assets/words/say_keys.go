// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// KeysAll says: Select all
func (w *Words) KeysAll() string { return w.say("keys.all") }

// KeysBack says: Back, or close
func (w *Words) KeysBack() string { return w.say("keys.back") }

// KeysChoose says: Select this one too, or not
func (w *Words) KeysChoose() string { return w.say("keys.choose") }

// KeysCompose says: New notification
func (w *Words) KeysCompose() string { return w.say("keys.compose") }

// KeysCtrl says: Ctrl
func (w *Words) KeysCtrl() string { return w.say("keys.ctrl") }

// KeysDel says: Del
func (w *Words) KeysDel() string { return w.say("keys.del") }

// KeysEnter says: Enter
func (w *Words) KeysEnter() string { return w.say("keys.enter") }

// KeysEsc says: Esc
func (w *Words) KeysEsc() string { return w.say("keys.esc") }

// KeysHelp says: This list
func (w *Words) KeysHelp() string { return w.say("keys.help") }

// KeysLink says: Look at the link, and open it
func (w *Words) KeysLink() string { return w.say("keys.link") }

// KeysNext says: To the next field or button
func (w *Words) KeysNext() string { return w.say("keys.next") }

// KeysRead says: Mark read or unread
func (w *Words) KeysRead() string { return w.say("keys.read") }

// KeysSearch says: Search
func (w *Words) KeysSearch() string { return w.say("keys.search") }

// KeysSend says: Send what is written
func (w *Words) KeysSend() string { return w.say("keys.send") }

// KeysSeveral says: Select several
func (w *Words) KeysSeveral() string { return w.say("keys.several") }

// KeysShift says: Shift
func (w *Words) KeysShift() string { return w.say("keys.shift") }

// KeysStep says: The next or previous one
func (w *Words) KeysStep() string { return w.say("keys.step") }

// KeysTitle says: Keys
func (w *Words) KeysTitle() string { return w.say("keys.title") }

// KeysUnread says: Unread ones only, or all
func (w *Words) KeysUnread() string { return w.say("keys.unread") }
