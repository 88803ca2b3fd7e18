// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// InboxAll says: All
func (w *Words) InboxAll() string { return w.say("inbox.all") }

// InboxAllRead says: All marked as read.
func (w *Words) InboxAllRead() string { return w.say("inbox.all_read") }

// InboxArrived says: {n} new · {n} new
func (w *Words) InboxArrived(n int) string { return w.count("inbox.arrived", n) }

// InboxAskAllRead says: Mark {n} notification as read? · Mark all {n} unread notifications as read?
func (w *Words) InboxAskAllRead(n int) string { return w.count("inbox.ask_all_read", n) }

// InboxAskAllReadText says: Not all of them are on the list yet. This cannot be undone.
func (w *Words) InboxAskAllReadText() string { return w.say("inbox.ask_all_read_text") }

// InboxChosen says: {n} selected · {n} selected
func (w *Words) InboxChosen(n int) string { return w.count("inbox.chosen", n) }

// InboxClearSearch says: Clear search
func (w *Words) InboxClearSearch() string { return w.say("inbox.clear_search") }

// InboxDeletedCount says: Deleted. · {n} deleted.
func (w *Words) InboxDeletedCount(n int) string { return w.count("inbox.deleted_count", n) }

// InboxEmptyText says: New notifications appear here and as toasts.
func (w *Words) InboxEmptyText() string { return w.say("inbox.empty_text") }

// InboxEmptyTitle says: Nothing waiting.
func (w *Words) InboxEmptyTitle() string { return w.say("inbox.empty_title") }

// InboxEveryPriority says: Every priority
func (w *Words) InboxEveryPriority() string { return w.say("inbox.every_priority") }

// InboxEverySender says: Every sender
func (w *Words) InboxEverySender() string { return w.say("inbox.every_sender") }

// InboxFilter says: Filter
func (w *Words) InboxFilter() string { return w.say("inbox.filter") }

// InboxLookFurther says: Look further
func (w *Words) InboxLookFurther() string { return w.say("inbox.look_further") }

// InboxMarkAllRead says: Mark all read
func (w *Words) InboxMarkAllRead() string { return w.say("inbox.mark_all_read") }

// InboxNoUnread says: Nothing unread.
func (w *Words) InboxNoUnread() string { return w.say("inbox.no_unread") }

// InboxNoneFits says: Nothing fits the filter.
func (w *Words) InboxNoneFits() string { return w.say("inbox.none_fits") }

// InboxNoneFitsYet says: Nothing among the newest {n}.
func (w *Words) InboxNoneFitsYet(n string) string { return w.fill("inbox.none_fits_yet", "n", n) }

// InboxNoneFound says: Nothing found.
func (w *Words) InboxNoneFound() string { return w.say("inbox.none_found") }

// InboxNoneFoundText says: Nothing contains “{text}”.
func (w *Words) InboxNoneFoundText(text string) string {
	return w.fill("inbox.none_found_text", "text", text)
}

// InboxOlder says: Loading older ones…
func (w *Words) InboxOlder() string { return w.say("inbox.older") }

// InboxOnly says: Only {what}
func (w *Words) InboxOnly(what string) string { return w.fill("inbox.only", "what", what) }

// InboxPageTitle says: {page} – SecurePush
func (w *Words) InboxPageTitle(page string) string { return w.fill("inbox.page_title", "page", page) }

// InboxShowAll says: Show all
func (w *Words) InboxShowAll() string { return w.say("inbox.show_all") }

// InboxTrouble says: The inbox cannot be shown.
func (w *Words) InboxTrouble() string { return w.say("inbox.trouble") }

// InboxTryAgain says: Try again
func (w *Words) InboxTryAgain() string { return w.say("inbox.try_again") }

// InboxUndo says: Undo
func (w *Words) InboxUndo() string { return w.say("inbox.undo") }

// InboxUnread says: Unread
func (w *Words) InboxUnread() string { return w.say("inbox.unread") }

// InboxUnreadCount says: Unread {n} · Unread {n}
func (w *Words) InboxUnreadCount(n int) string { return w.count("inbox.unread_count", n) }

// InboxWindowTitle says: ({count}) {page} – SecurePush
func (w *Words) InboxWindowTitle(count string, page string) string {
	return w.fill("inbox.window_title", "count", count, "page", page)
}
