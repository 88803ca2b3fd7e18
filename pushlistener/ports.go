package pushlistener

import (
	"context"
	"fmt"
	"strings"

	"securepush/api"
)

// Backend is what the listener asks of the back end. [*api.Client] has it. It is called from several goroutines.
type Backend interface {
	Notification(ctx context.Context, id api.ID) (api.Notification, error)
	Notifications(ctx context.Context, q api.Query) (api.Page, error)
	PutInstallation(ctx context.Context, in api.Installation) (api.Installation, error)
}

// Toasts shows and takes away native toasts. Only one goroutine calls it, and every call must end within seconds.
// A nil error of Show means that the notification daemon took the toast; the listener keeps what was not taken and
// tries again. errors.ErrUnsupported means that this system has no safe way for content: the listener then asks for
// [PromptHidden] instead. Withdrawing a tag that does not stand is no error.
type Toasts interface {
	Show(ctx context.Context, t Toast) error
	ShowPrompt(ctx context.Context, tag string, p Prompt) error
	Withdraw(ctx context.Context, tag string) error
}

// Sealer encrypts what is kept on disk for reading offline. The ID is bound to the text.
type Sealer interface {
	Seal(id api.ID, plaintext []byte) ([]byte, error)
	Open(id api.ID, sealed []byte) ([]byte, error)
}

// Edge is a way by which pushes arrive. All methods are safe for concurrent use.
type Edge interface {
	// Run keeps the connection until ctx ends and reports to h. It returns early only when it cannot work at all.
	Run(ctx context.Context, h Handler) error
	// Wake cuts short the wait before the next attempt to connect: the machine woke up, or has a network again.
	Wake()
	// Resubscribe gives up the push channel and makes another, reported by Handler.Subscribed: the back end called it gone.
	// It does not wait.
	Resubscribe()
}

// Handler takes what an [Edge] has to say. Its methods are safe for concurrent use and do not fetch or show anything
// while the edge waits.
type Handler interface {
	// SaveState persists what the edge has to remember; see [Journal.EdgeState]. It returns when it is on disk.
	SaveState(state []byte) error
	// Subscribed is called after every (re)connect with the channel on which pushes arrive.
	Subscribed(ch api.PushChannel)
	// Push takes the decrypted text of one push and returns when it may be acknowledged: the ID is on disk, or needs not
	// be. An error that is [api.ErrBadID] means that it never will be one; any other that it must not be acknowledged.
	// Several calls may run at once; together they cost one write to the disk.
	Push(ctx context.Context, body []byte) error
	// Undecryptable counts a push that did not open.
	Undecryptable()
	// Link tells whether the connection stands, and why not.
	Link(connected bool, err error)
}

// ErrNotAnID says that a push opened, but to something that is not an ID. It is counted and dropped. An edge, which
// does not import this package, knows it as the error that it wraps.
var ErrNotAnID = fmt.Errorf("pushlistener: the push does not hold an ID: %w", api.ErrBadID)

// Toast is a native toast as the listener wants it. Nothing in it is sanitised yet.
type Toast struct {
	Tag      string // stable: a toast of the same tag is replaced
	Replaces string // tag of a standing prompt that this toast takes the place of; empty for none
	Title    string
	Body     string
	Sender   string
	Hidden   bool     // title and text are not to be seen, only the sender: both are empty
	Lines    []string // below the body: the newest titles of a digest
	Priority api.Priority
	Actions  bool // Open and Mark read
}

// Prompt is a content-free text; its words are the toast sender's.
type Prompt uint8

// The prompts, in the order in which one replaces another.
const (
	PromptNone        Prompt = iota
	PromptHidden             // "New notification": the screen is locked, or the person wants no content in toasts
	PromptUnreachable        // "You have a new notification. It will be shown when the server can be reached."
	PromptKeyring            // "You have a new notification. Unlock your keyring to read it."
	PromptSignIn             // "You have a new notification. Open SecurePush to sign in."
)

// String names the prompt for the log and for status.
func (p Prompt) String() string {
	switch p {
	case PromptHidden:
		return "hidden"
	case PromptUnreachable:
		return "unreachable"
	case PromptKeyring:
		return "keyring"
	case PromptSignIn:
		return "sign_in"
	default:
		return "none"
	}
}

// The tags of toasts that are not of one notification.
const (
	TagPrompt  = "prompt"  // the generic prompt
	TagDigest  = "digest"  // "7 new notifications"
	TagGeneric = "generic" // "New notification", by the person's choice
)

const tagItem = "n-"

// Tag is the tag of a notification's toast. It is the same in every process, so that a repeat replaces.
func Tag(id api.ID) string { return tagItem + string(id) }

// TagID is the notification of a toast's tag; false for the prompt, the digest and the generic toast.
func TagID(tag string) (api.ID, bool) {
	s, ok := strings.CutPrefix(tag, tagItem)
	return api.ID(s), ok
}
