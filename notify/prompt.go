package notify

import "errors"

// Prompt is the cause of a prompt, and all that is ever said about one: a notification is there, its content cannot be
// shown now. It carries no content, sender, server or ID.
type Prompt int

// The prompts.
const (
	PromptSignIn      Prompt = 1 // never signed in, or the sign-in has ended
	PromptKeyring     Prompt = 2 // the keyring is locked
	PromptUnreachable Prompt = 3 // the server cannot be reached
	PromptHidden      Prompt = 4 // hidden by choice, or the screen is locked
)

// errUnknownPrompt says that a value is none of the prompts.
var errUnknownPrompt = errors.New("notify: unknown prompt")

// Prompts lists all prompts.
func Prompts() []Prompt {
	return []Prompt{PromptSignIn, PromptKeyring, PromptUnreachable, PromptHidden}
}

// String is the prompt's stable name, as it stands in a command line and in a log.
func (p Prompt) String() string {
	switch p {
	case PromptSignIn:
		return "sign-in"
	case PromptKeyring:
		return "keyring"
	case PromptUnreachable:
		return "unreachable"
	case PromptHidden:
		return "hidden"
	default:
		return "unknown"
	}
}

// Words are what the person reads. Every word a prompt can ever show stands here; a test keeps them free of characters
// that any shell, script or markup gives a meaning to.
func (p Prompt) Words() (title, body string) {
	switch p {
	case PromptSignIn:
		return "You have a new notification", "Open SecurePush to sign in."
	case PromptKeyring:
		return "You have a new notification", "Unlock your keyring to read it."
	case PromptUnreachable:
		return "You have a new notification", "It will be shown when the server can be reached."
	case PromptHidden:
		return "New notification", "Open SecurePush to read it."
	default:
		return "", ""
	}
}

// parsePrompt is the inverse of [Prompt.String].
func parsePrompt(name string) (Prompt, error) {
	for _, p := range Prompts() {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, errUnknownPrompt
}

// sticky says whether the prompt stays until touched: those that wait for the person do.
func (p Prompt) sticky() bool { return p == PromptSignIn || p == PromptKeyring }
