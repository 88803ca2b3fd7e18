package tray

import (
	"time"

	"securepush/api"
)

// Mode is how the agent is: of several things to say, the worst.
type Mode uint8

// The modes.
const (
	Connecting    Mode = iota // also while nothing is known yet
	Connected                 //
	Paused                    // it is quiet, because that is wanted: State.Quiet
	Offline                   //
	Trouble                   // notifications do not arrive as they should: State.Trouble
	KeyringLocked             //
	KeyringSilent             // the keyring cannot be asked
	SignInEnded               //
	SignedOut                 // nobody has signed in
)

// Problem is what is wrong, as the agent's conditions have it.
type Problem struct {
	Code  string
	Title string // where the person's language has no words for the code
}

// Item is an unread notification, by a line that may be shown now.
type Item struct {
	ID      api.ID
	Account string // whose it is; two may have the same ID
	Text    string
	At      time.Time // when it was sent
}

// QuietReason says why nothing is shown for now.
type QuietReason uint8

// The reasons.
const (
	NotQuiet     QuietReason = iota
	QuietPause               // the person paused
	QuietHours               // of the settings
	QuietDesktop             // the desktop wants no notifications; only it can end that
	QuietMuted               // the account is muted; the window ends that
)

// Quiet is a time in which nothing is shown.
type Quiet struct {
	Reason QuietReason
	Until  time.Time // zero: nobody knows
}

// State is what there is to show.
type State struct {
	Mode    Mode
	Since   time.Time // with Offline
	Trouble Problem   // with Trouble
	Quiet   Quiet
	Now     time.Time // times are told as seen from it
	Unread  int
	// Items are the newest unread ones, newest first. They are empty where a toast would not show them.
	Items []Item
}

// ActionKind is what the person asks for.
type ActionKind uint8

// The kinds of action.
const (
	ActNothing ActionKind = iota
	ActOpen               // the window, at Action.ID if there is one
	ActMarkAllRead
	ActPauseHalfHour
	ActPauseHour
	ActPauseTomorrow
	ActResume
	ActQuit
)

// Action is what the person asked for in the tray.
type Action struct {
	Kind    ActionKind
	ID      api.ID
	Account string // with ID: whose it is
	Token   string // with ActOpen: an activation token for the window, if the desktop gave one
}

// toggle is what the middle button does.
func toggle(s State) ActionKind {
	switch {
	case s.Mode == SignedOut:
		return ActNothing
	case resumable(s.Quiet):
		return ActResume
	}
	return ActPauseHalfHour
}

// resumable says whether the person can end a quiet time.
func resumable(q Quiet) bool { return q.Reason == QuietPause || q.Reason == QuietHours }
