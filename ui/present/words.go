package present

// The words of the window. They say what is, then what to do: plain, short, without blame.
const (
	WordUntitled    = "No title"
	WordLinkRefused = "This link cannot be opened: only http and https addresses are."

	WordEmptyTitle  = "Nothing waiting."
	WordEmptyText   = "New notifications appear here and as toasts."
	WordNoUnread    = "Nothing unread."
	WordNoneFound   = "Nothing found."
	WordClearSearch = "Clear search"
	WordChoose      = "Choose a notification to read it."
	WordGone        = "This notification is no longer there."

	WordDeleted = "Deleted."
	WordUndo    = "Undo"

	WordNoAgentTitle = "The agent is not running"
	WordNoAgentText  = "It listens for notifications in the background. Without it none arrive."
	WordStartAgent   = "Start"

	WordLockedTitle = "Your keyring is locked"
	WordLockedText  = "It holds your sign-in. Unlock it to read your notifications."
	WordUnlock      = "Unlock"

	WordSignInTitle   = "Sign in"
	WordSignInText    = "Your notifications come straight from your server."
	WordEnded         = "Your sign-in has ended. Sign in again to read your notifications."
	WordKeyringAway   = "Your keyring cannot be asked for the sign-in. Sign in again; it then lasts until you log out of this computer."
	WordWrongPassword = "That user name and password do not match."

	WordNotConnected = "Sending works once this device is connected."
	WordSignInFirst  = "Sign in first."
)
