// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// ItemAsText says: As text
func (w *Words) ItemAsText() string { return w.say("item.as_text") }

// ItemBack says: Inbox
func (w *Words) ItemBack() string { return w.say("item.back") }

// ItemChoose says: Choose a notification to read it.
func (w *Words) ItemChoose() string { return w.say("item.choose") }

// ItemFormatted says: Formatted
func (w *Words) ItemFormatted() string { return w.say("item.formatted") }

// ItemGone says: This notification is no longer there.
func (w *Words) ItemGone() string { return w.say("item.gone") }

// ItemKept says: kept until {when}
func (w *Words) ItemKept(when string) string { return w.fill("item.kept", "when", when) }

// ItemPriority says: {priority} priority
func (w *Words) ItemPriority(priority string) string {
	return w.fill("item.priority", "priority", priority)
}

// ItemSent says: Sent {when}
func (w *Words) ItemSent(when string) string { return w.fill("item.sent", "when", when) }

// ItemUntitled says: No title
func (w *Words) ItemUntitled() string { return w.say("item.untitled") }
