// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// NoticeCatchingUp says: Catching up by itself.
func (w *Words) NoticeCatchingUp() string { return w.say("notice.catching_up") }

// NoticeListFrom says: The list is from {when}.
func (w *Words) NoticeListFrom(when string) string { return w.fill("notice.list_from", "when", when) }

// NoticeNoAgent says: No notifications arrive until it runs again.
func (w *Words) NoticeNoAgent() string { return w.say("notice.no_agent") }

// NoticeNotReached says: The server was not reached.
func (w *Words) NoticeNotReached() string { return w.say("notice.not_reached") }

// NoticeOfflineSince says: Offline since {when}.
func (w *Words) NoticeOfflineSince(when string) string {
	return w.fill("notice.offline_since", "when", when)
}
