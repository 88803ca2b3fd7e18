package pushlistener

import (
	"context"
	"errors"
	"time"

	"securepush/api"
)

// ErrAgentRunning says that another process has the journal open: an agent of this user runs already.
var ErrAgentRunning = errors.New("pushlistener: another agent has the journal open")

var errNotYet = errors.New("pushlistener: not built yet")

// JournalOptions are the choices of OpenJournal. The zero value works.
type JournalOptions struct {
	Timeout time.Duration // how long to wait for another process to let go; 0: 250 ms
	Now     func() time.Time
}

// Journal is what the listener remembers across restarts. It is safe for concurrent use.
type Journal struct{}

// OpenJournal opens or makes the journal at path (mode 0600) and takes its lock: [ErrAgentRunning] when another process
// holds it. A file that cannot be read is set aside ([Journal.SetAside]) and a new one is begun.
func OpenJournal(path string, o JournalOptions) (*Journal, error) { return nil, errNotYet }

// Close lets go of the file and its lock.
func (j *Journal) Close() error { return errNotYet }

// SetAside is the path to which a damaged journal was moved by OpenJournal, "" when there was none.
func (j *Journal) SetAside() string { return "" }

// Account reads the agent's account record; nil when there is none.
func (j *Journal) Account() ([]byte, error) { return nil, errNotYet }

// SetAccount replaces the agent's account record, on disk when it returns.
func (j *Journal) SetAccount(record []byte) error { return errNotYet }

// EdgeState reads what the edge last saved; nil when there is nothing.
func (j *Journal) EdgeState() ([]byte, error) { return nil, errNotYet }

// SetEdgeState replaces it, on disk when it returns.
func (j *Journal) SetEdgeState(state []byte) error { return errNotYet }

// Clear forgets everything: the account, the edge's state, IDs, kept content and the cursor.
func (j *Journal) Clear() error { return errNotYet }

// Kept is a page of the content kept for reading offline, newest first, and when it was last up to date.
// before is the Next of an earlier page; empty begins with the newest.
func (j *Journal) Kept(ctx context.Context, s Sealer, limit int, before api.Cursor) (api.Page, time.Time, error) {
	return api.Page{}, time.Time{}, errNotYet
}

// KeptByID is one kept notification; false when it is not kept.
func (j *Journal) KeptByID(ctx context.Context, s Sealer, id api.ID) (api.Notification, bool, error) {
	return api.Notification{}, false, errNotYet
}
