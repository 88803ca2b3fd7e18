package secure

import (
	"context"
	"errors"
	"fmt"

	"securepush/api"
)

// Service is the name under which every item stands in the keyring.
const Service = "SecurePush"

// MaxValue is the largest value of a vault in bytes: it fits Windows' 2,560 and macOS's command line.
const MaxValue = 2048

// Vault keeps a few short secrets. A key is an account's lower-case UUID, alone or followed by a dot and a short
// lower-case word; a value is 1 to [MaxValue] bytes of printable ASCII.
//
// Every error is a [*VaultError]. An implementation is safe for concurrent use and answers within two seconds, unless
// the context is [Interactive].
type Vault interface {
	// Get reads a value. VaultAbsent is the only answer that means that there is none.
	Get(ctx context.Context, key string) (api.Secret, error)
	// Set writes a value and has read it back when it returns nil.
	Set(ctx context.Context, key string, value api.Secret) error
	// Delete removes a value and has seen that it is gone when it returns nil. One that was not there is no error.
	Delete(ctx context.Context, key string) error
}

// VaultState says what can be had from a vault.
type VaultState int

// The states of a vault.
const (
	VaultReady       VaultState = iota
	VaultAbsent                 // it answered: there is no such value
	VaultLocked                 // a person has to unlock it
	VaultUnavailable            // there is none, or it does not do what it says
	VaultFull                   // the disk is full
	VaultTimedOut               // it did not answer in time
)

// String names the state for logs and the doctor.
func (s VaultState) String() string {
	switch s {
	case VaultReady:
		return "ready"
	case VaultAbsent:
		return "absent"
	case VaultLocked:
		return "locked"
	case VaultUnavailable:
		return "unavailable"
	case VaultFull:
		return "full"
	case VaultTimedOut:
		return "timed_out"
	}
	return "unknown"
}

// The causes that a caller may tell apart within one state, found with errors.Is.
var (
	ErrNoService   = errors.New("secure: no keyring service")          // nothing on this desktop keeps secrets
	ErrNotSetUp    = errors.New("secure: the keyring is not set up")   // a service, but no collection yet
	ErrBadProvider = errors.New("secure: the keyring answers rubbish") // wrong types, or the child died of it
	ErrNotStored   = errors.New("secure: the value read back is not the one written")
	ErrNotRemoved  = errors.New("secure: the value is still there after its removal")
	ErrBadValue    = errors.New("secure: not a key or value for a vault") // our defect
)

// VaultError is why a vault did not do it.
type VaultError struct {
	State VaultState
	Words string // a sentence for the person
	Cause error  // for the log; never holds a value
}

// Error is for the log; a person reads Words.
func (e *VaultError) Error() string {
	if e.Cause == nil {
		return "keyring " + e.State.String()
	}
	return fmt.Sprintf("keyring %s: %v", e.State, e.Cause)
}

// Unwrap returns the cause.
func (e *VaultError) Unwrap() error { return e.Cause }

// StateOf is the vault state that an error tells of: VaultReady for nil, VaultUnavailable for one that is no [*VaultError].
func StateOf(err error) VaultState {
	if err == nil {
		return VaultReady
	}
	if v, ok := errors.AsType[*VaultError](err); ok {
		return v.State
	}
	return VaultUnavailable
}

// vaultError makes the error of a state with the words that go with state and cause.
func vaultError(state VaultState, cause error) *VaultError {
	return &VaultError{State: state, Words: vaultWords(state, cause), Cause: cause}
}

func vaultWords(state VaultState, cause error) string {
	switch state {
	case VaultReady:
		return ""
	case VaultAbsent:
		return "No sign-in is kept on this computer."
	case VaultLocked:
		return "The keyring is locked. Open SecurePush to unlock it."
	case VaultFull:
		return "The keyring cannot write: the disk is full."
	case VaultTimedOut:
		return "The keyring does not answer."
	case VaultUnavailable:
	}
	switch {
	case errors.Is(cause, ErrNoService):
		return "There is no keyring service on this desktop. The sign-in is kept until SecurePush ends."
	case errors.Is(cause, ErrNotSetUp):
		return "There is no keyring on this desktop yet. The sign-in is kept until SecurePush ends."
	case errors.Is(cause, ErrBadProvider):
		return "The keyring gives answers that make no sense. The sign-in is kept until SecurePush ends."
	case errors.Is(cause, ErrNotStored):
		return "The keyring did not store the sign-in. It is kept until SecurePush ends."
	case errors.Is(cause, ErrNotRemoved):
		return "The sign-in could not be removed from the keyring."
	}
	return "The keyring does not work. The sign-in is kept until SecurePush ends."
}

type interactiveKey struct{}

// Interactive marks a context as belonging to something a person just asked for and waits for: a keyring call made with it
// may show the system's unlock box and takes up to a minute. Cancelling leaves the box on the screen.
func Interactive(ctx context.Context) context.Context {
	return context.WithValue(ctx, interactiveKey{}, true)
}

func isInteractive(ctx context.Context) bool {
	yes, _ := ctx.Value(interactiveKey{}).(bool)
	return yes
}

// checkKey admits a lower-case UUID, alone or with a dot and up to 16 lower-case letters. Case matters: Windows does not
// tell "A" from "a", and it joins service and user with a colon.
func checkKey(key string) error {
	id, suffix := key, ""
	if len(key) > uuidLen {
		id, suffix = key[:uuidLen], key[uuidLen:]
	}
	if !isUUID(id) || len(suffix) > 17 || (suffix != "" && (len(suffix) < 2 || suffix[0] != '.')) {
		return vaultError(VaultUnavailable, ErrBadValue)
	}
	for _, c := range suffix {
		if c != '.' && (c < 'a' || c > 'z') {
			return vaultError(VaultUnavailable, ErrBadValue)
		}
	}
	return nil
}

func checkValue(value api.Secret) error {
	v := value.Reveal()
	ok := len(v) > 0 && len(v) <= MaxValue
	for i := 0; ok && i < len(v); i++ {
		ok = v[i] > ' ' && v[i] < 0x7f
	}
	if !ok {
		return vaultError(VaultUnavailable, ErrBadValue)
	}
	return nil
}

const uuidLen = 36

// isUUID says whether s is a UUID in lower case (RFC 9562 section 4).
func isUUID(s string) bool {
	if len(s) != uuidLen {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
