package notify

import (
	"errors"
	"fmt"

	"securepush/api"
)

// What became of a toast that was not shown. Every error of a [Desktop] wraps one of these, a context's error, or
// nothing a caller needs to tell apart. None of them carries the toast's text, so all may be logged.
var (
	// ErrNoDaemon says that nobody is there to show it: no session bus, or no notification daemon on it. An [Event]
	// of kind [DaemonRestarted] follows when one appears.
	ErrNoDaemon = errors.New("notify: no notification daemon")
	// ErrRefused says that the daemon answered with an error.
	ErrRefused = errors.New("notify: the notification daemon refused")
	// ErrTimeout says that the daemon did not answer in time. It may still show the toast when it wakes; showing the
	// same tag again is harmless, as it replaces. An [Event] of kind [DaemonAnswers] follows when it answers again.
	ErrTimeout = errors.New("notify: the notification daemon does not answer")
	// ErrContentUnsupported says that this system has no safe way for content: only a [Prompt] can be shown, and the
	// content stays in the inbox.
	ErrContentUnsupported = fmt.Errorf("notify: toasts with content: %w", errors.ErrUnsupported)
	// ErrClosed says that the Desktop was closed.
	ErrClosed = errors.New("notify: closed")
)

// Toast is one notification as its sender wrote it; [Compose] makes it safe.
type Toast struct {
	Tag      string       // names the toast: showing the same tag again replaces it. Never shown to anyone; required
	Replaces string       // tag of a toast whose place this one takes, if it stands; "" for none
	Title    string       // at most 64 runes are shown; empty: Sender stands in
	Body     string       // at most 240 runes are shown, in one paragraph
	Sender   string       // second line
	Hidden   bool         // only Sender is shown, and that there is something: Title and Body are not
	Lines    []string     // lines below the body, for a digest; at most 4 are shown, 64 runes each
	Priority api.Priority // how much it may interrupt
	Actions  bool         // offer Open and Mark read, where the daemon can
	Sticky   bool         // stays until touched, whatever the priority
}

// EventKind says what happened to a toast.
type EventKind int

// The kinds of event.
const (
	Opened          EventKind = 1 // the person clicked the toast or its Open
	MarkedRead      EventKind = 2 // the person chose Mark read
	Dismissed       EventKind = 3 // the person closed the toast, which does not mean that it was read
	DaemonRestarted EventKind = 4 // a notification daemon is there that knows none of our toasts; Tag is empty
	DaemonAnswers   EventKind = 5 // the daemon answers again after an ErrTimeout, and knows our toasts; Tag is empty
	// Inhibited says that the desktop wants no notifications now: do not disturb is on or, where the desktop does that, the
	// screen is shared. Few tell: of the well-known ones Plasma. Tag is empty.
	Inhibited   EventKind = 6
	Uninhibited EventKind = 7 // that is over, or there is no daemon any more that said so; Tag is empty
)

// String names the kind for a log.
func (k EventKind) String() string {
	switch k {
	case Opened:
		return "opened"
	case MarkedRead:
		return "marked_read"
	case Dismissed:
		return "dismissed"
	case DaemonRestarted:
		return "daemon_restarted"
	case DaemonAnswers:
		return "daemon_answers"
	case Inhibited:
		return "inhibited"
	case Uninhibited:
		return "uninhibited"
	default:
		return "unknown"
	}
}

// Event is what the person did with a toast, or what became of the daemon.
type Event struct {
	Kind EventKind
	Tag  string
	// ActivationToken lets a window come to the front (XDG_ACTIVATION_TOKEN, DESKTOP_STARTUP_ID); many daemons send none.
	ActivationToken string
}

// Server describes the notification daemon.
type Server struct {
	Name, Vendor, Version, Spec string
	Capabilities                []string // sorted
}
