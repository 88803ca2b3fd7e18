package pushlistener

import (
	"time"

	"securepush/api"
)

// Access says whether the back end can be asked.
type Access uint8

// The states of access.
const (
	AccessNone   Access = iota // nobody is signed in: nothing is listened for
	AccessActive               // as far as is known
	AccessEnded                // the server refused the sign-in
	AccessLocked               // the keyring that holds the sign-in is locked or cannot be asked
)

// Link is the state of the connection by which pushes arrive.
type Link uint8

// The states of the link.
const (
	LinkOff Link = iota
	LinkConnecting
	LinkConnected
	LinkOffline // tried and failed; trying again
)

// Trouble is a failure in words for the person; the zero Trouble is none.
type Trouble struct {
	Code  api.Code
	Words string
	Since time.Time
}

// Snapshot is what can be seen of a listener. Two snapshots are equal when nothing visible changed between them.
type Snapshot struct {
	Access       Access
	Link         Link
	LinkSince    time.Time
	LinkTrouble  Trouble
	Waiting      int       // IDs whose content could not be shown yet
	Unread       int       // as the server last said
	LastPush     time.Time // zero: none since the start
	Synced       time.Time // when the inbox was last compared with the server
	Prompt       Prompt    // the generic prompt that stands
	Server       Trouble   // the back end cannot be asked
	Keyring      Trouble   // the keyring cannot be read
	Registration Trouble   // this device is not registered at the back end
	Toasts       Trouble   // toasts cannot be shown
	Journal      Trouble   // the journal cannot be written
	Revision     int64     // grows when the inbox may look different
	Counters     Counters
}

// Counters count since the start.
type Counters struct {
	Pushes        int64
	Shown         int64 // notifications shown, one by one or in a digest
	Prompts       int64
	Settled       int64 // read, gone or refused: nothing to show
	Refused       int64 // of these, refused (403)
	Dropped       int64 // opened, but not an ID
	Undecryptable int64
	Overflowed    int64 // IDs left to the next catch-up because too many waited
	Fetches       int64 // requests for content
	Failures      int64 // of these, failed
}

// snapshot draws the present state.
func (s *state) snapshot() Snapshot {
	n := s.seen
	n.Access, n.Link, n.LinkSince, n.LinkTrouble = s.access, s.edge.link, s.edge.since, s.edge.trouble
	for p := phaseQueued; p < phaseShowing; p++ {
		n.Waiting += s.fresh[p]
	}
	if s.prompt.stands {
		n.Prompt = s.prompt.rec.prompt
	}
	switch {
	case s.access == AccessNone:
	case s.down.failures > 0:
		n.Server = s.down.trouble
	case s.gate.failures > 0:
		n.Server = s.gate.trouble
	default:
		n.Server = s.scan.trouble
	}
	n.Keyring, n.Registration, n.Toasts, n.Journal = s.keyring.trouble, s.reg.retry.trouble, s.toaster.trouble, s.unnoted.trouble
	return n
}
