package pushlistener

import "securepush/api"

// Event is something that happened. The exported ones are told by the agent; see [Listener.Tell].
type Event interface{ event() }

type (
	// SignedIn says that an account's sign-in works. What waits of the same account is shown; what waits of another is forgotten.
	SignedIn struct{ Account string }
	// SignedOut says that the person signed out: toasts go, the journal is cleared, nothing is listened for.
	// [Listener.SignOut] tells it and waits until that is so.
	SignedOut struct{ done func(error) }
	// SignInEnded says that the server refused the sign-in. What waits is kept.
	SignInEnded struct{}
	// KeyringUnlocked says that the sign-in was read from the keyring.
	KeyringUnlocked struct{}
	// Display says how much toasts may show from now on.
	Display struct {
		Locked  bool // the screen is locked, or it is not known: a generic toast now, the content at unlock
		Quiet   bool // leave me alone: nothing now, the content afterwards
		Urgent  bool // with Quiet: an urgent notification is shown all the same
		Sender  bool // the person wants no content in toasts but who sent it
		Generic bool // the person wants no content in toasts: a generic toast, the content in the inbox
	}
	// DaemonBack says that the notification daemon (re)started: toasts that stood are gone, others can be shown again.
	DaemonBack struct{}
	// DaemonAnswers says that the notification daemon answers again after it did not: its toasts still stand.
	DaemonAnswers struct{}
	// ToastClosed says that a toast does not stand any more: opened, dismissed or expired. That is not "read".
	ToastClosed struct{ Tag string }
	// MarkedRead says that the person read notifications on this device, and that the back end knows.
	MarkedRead struct {
		IDs []api.ID
		All bool
	}
	// MarkedUnread is the opposite.
	MarkedUnread struct{ IDs []api.ID }
	// Deleted says that the person removed notifications on this device, and that the back end knows.
	Deleted struct{ IDs []api.ID }
	// Woke says that the machine woke from sleep, or that the network came back.
	Woke struct{}
	// Refresh asks for a catch-up now.
	Refresh struct{}
)

func (SignedIn) event()        {}
func (SignedOut) event()       {}
func (SignInEnded) event()     {}
func (KeyringUnlocked) event() {}
func (Display) event()         {}
func (DaemonBack) event()      {}
func (DaemonAnswers) event()   {}
func (ToastClosed) event()     {}
func (MarkedRead) event()      {}
func (MarkedUnread) event()    {}
func (Deleted) event()         {}
func (Woke) event()            {}
func (Refresh) event()         {}
