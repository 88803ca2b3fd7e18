package store

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"securepush/backend/hub/record"
)

// What a caller decides by; the hub's own methods return those of package record. Methods name the ones that they return; every
// method may return a [*Failure].
var (
	ErrNotFound  = errors.New("store: not found")                  // nothing there, or somebody else's
	ErrGone      = errors.New("store: gone")                       // was there: deleted, replaced, expired, or a dead push channel
	ErrExists    = errors.New("store: exists already")             // a name or ID is taken
	ErrConflict  = errors.New("store: conflict")                   // an Idempotency-Key used again with another body
	ErrRefused   = errors.New("store: not valid or no more valid") // a token, key or sign-in
	ErrReused    = fmt.Errorf("%w: used again", ErrRefused)        // a refresh token of the past: its sign-in was ended
	ErrBadCursor = errors.New("store: not a cursor")
)

// What can be wrong with the storage itself; the kinds of a [*Failure].
var (
	ErrUnavailable = errors.New("store: unavailable")
	ErrDiskFull    = fmt.Errorf("%w: disk full", ErrUnavailable)
	ErrReadOnly    = fmt.Errorf("%w: no permission to write", ErrUnavailable)
	ErrBusy        = fmt.Errorf("%w: busy", ErrUnavailable) // too much waits, or another process holds the file
	ErrDamaged     = fmt.Errorf("%w: damaged", ErrUnavailable)
	ErrNewer       = fmt.Errorf("%w: made by a newer version", ErrUnavailable)
	ErrClosed      = fmt.Errorf("%w: closed", ErrUnavailable)
)

// Failure says that the storage could not do its work; nothing was written. errors.Is finds its Kind, and
// [ErrUnavailable] for every kind.
type Failure struct {
	Kind  error  // one of the kinds above
	Words string // a sentence for whoever runs the server
	Cause error  // for the log
}

// Error is for the log.
func (f *Failure) Error() string {
	if f.Cause == nil {
		return f.Kind.Error()
	}
	return fmt.Sprintf("%v: %v", f.Kind, f.Cause)
}

// Unwrap gives the kind and the cause.
func (f *Failure) Unwrap() []error { return []error{f.Kind, f.Cause} }

func failure(kind, cause error) *Failure {
	return &Failure{Kind: kind, Words: words(kind), Cause: cause}
}

func words(kind error) string {
	switch {
	case errors.Is(kind, ErrDiskFull):
		return "The disk that holds the database is full. Make room; the server goes on by itself."
	case errors.Is(kind, ErrReadOnly):
		return "The database cannot be written. Give the server's user the right to write the file and its folder."
	case errors.Is(kind, ErrBusy):
		return "The database is busy. Try again in a moment."
	case errors.Is(kind, ErrDamaged):
		return "The database is damaged. Restore it from a backup."
	case errors.Is(kind, ErrNewer):
		return "The database was made by a newer version of SecurePush. Install that version, or restore an older backup."
	case errors.Is(kind, ErrClosed):
		return "The server is stopping."
	}
	return "The database cannot be used. The log has the cause."
}

// isDecision says whether err is one that a caller decides by, not a fault of the storage.
func isDecision(err error) bool {
	for _, one := range []error{
		ErrNotFound, ErrGone, ErrExists, ErrConflict, ErrRefused, ErrBadCursor,
		record.ErrNotFound, record.ErrExists, record.ErrMismatch, record.ErrGone,
	} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

// isBusy says whether another process holds the file.
func isBusy(err error) bool {
	cause, ok := errors.AsType[*sqlite.Error](err)
	return ok && cause.Code()&0xff == sqlite3.SQLITE_BUSY
}

// typed turns an error of the driver into a [*Failure]; what is typed already, and a context's end, pass unchanged.
func typed(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[*Failure](err); ok {
		return err
	}
	cause, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return failure(ErrUnavailable, err)
	}
	switch cause.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return failure(ErrDiskFull, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return failure(ErrReadOnly, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return failure(ErrBusy, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return failure(ErrDamaged, err)
	}
	return failure(ErrUnavailable, err)
}

// isUnique says whether err is a broken uniqueness rule.
func isUnique(err error) bool {
	cause, ok := errors.AsType[*sqlite.Error](err)
	return ok && (cause.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || cause.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// isForeign says whether err is a reference to a row that does not exist.
func isForeign(err error) bool {
	cause, ok := errors.AsType[*sqlite.Error](err)
	return ok && cause.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}
