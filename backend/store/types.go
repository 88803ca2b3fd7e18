package store

import (
	"time"

	"securepush/api"
)

// Account is a person who can sign in. The ID (a UUID) outlives everything; the name is unique whatever its case.
type Account struct {
	ID           string
	Name         string // as it was written when the account was added
	PasswordHash api.Secret
	Claims       []string
	Disabled     bool
	CreatedAt    time.Time
}

// Session is one sign-in, that is, one device or program of an account: a family of tokens.
type Session struct {
	ID        string
	Account   string
	Device    string // what the device called itself at sign-in; may be empty
	CreatedAt time.Time
	UsedAt    time.Time // last sign-in or refresh
	ExpiresAt time.Time // when it ends if it is not refreshed before
}

// SignIn asks for a session.
type SignIn struct {
	Account string // ID
	// VerifiedHash is the password hash that the password was checked against. If it is no longer the account's (the
	// password changed in between), the sign-in is refused. Empty: not checked.
	VerifiedHash api.Secret
	Device       string
}

// Grant is what a sign-in or refresh gives out. It holds the only copies of the tokens in clear.
type Grant struct {
	Session       Session
	Account       Account
	Access        api.Secret
	AccessExpires time.Time
	Refresh       api.Secret
	// Repeated tells that the refresh token was one generation old and its successor unseen: Refresh is that successor.
	Repeated bool
}

// Principal is who a bearer token speaks for: a person with a session, or a program with a sender key.
type Principal struct {
	Account string // ID; empty for a sender key
	Name    string // of the account or the key
	Claims  []string
	Session string // ID; empty for a sender key
	Key     string // ID; empty for a person
	// Installation is the device that the session has registered last; empty: none.
	Installation string
}

// Has says whether the principal holds a claim.
func (p Principal) Has(claim string) bool {
	for _, c := range p.Claims {
		if c == claim {
			return true
		}
	}
	return false
}

// SenderKey lets a program send. The key itself is known only to its holder.
type SenderKey struct {
	ID        string
	Name      string // unique, whatever its case
	Claims    []string
	CreatedAt time.Time
}

// Message is what a sender wrote, the same for all recipients.
type Message struct {
	Title     string
	Payload   string
	Sender    string
	Priority  api.Priority // empty counts as normal
	URL       string
	Key       string     // replaces the recipient's earlier message of the same key; empty replaces nothing
	ExpiresAt *time.Time // nil: never
	By        string     // the account or sender key that sends it; empty: the server
}

// Recipient is one person a message goes to, and the ID that the message has for that person.
type Recipient struct {
	Account string
	ID      api.ID
}

// Idempotency makes a send happen once, however often it is asked for within [IdempotencyKept].
type Idempotency struct {
	Sender string // whose key it is, such as an account's or sender key's ID
	Key    string
	Hash   [32]byte // of the request's body
}

// IdempotencyKept is how long an Idempotency-Key is remembered.
const IdempotencyKept = 24 * time.Hour

// Sent is the outcome of a send.
type Sent struct {
	Items    []SentItem // one for each recipient, in order
	Replayed bool       // an earlier send with the same Idempotency: nothing was stored now
}

// SentItem is a stored notification.
type SentItem struct {
	Account  string
	ID       api.ID
	Replaced []api.ID // notifications that it took the place of; now gone. Empty in a replay
}

// PageQuery chooses a page of one account's notifications. The zero value is the first 50 in order of arrival.
type PageQuery struct {
	// Cursor is where to go on; empty is the beginning, or with Newest the end.
	Cursor api.Cursor
	// Newest goes backwards in time, from newest to oldest, starting before Cursor.
	Newest bool
	// Unread leaves out what was read.
	Unread bool
	// Text leaves out what does not contain it, whatever its case, in title, payload or sender.
	Text string
	// Limit is the most items to return; 0 counts as 50, more than [PageMax] as that.
	Limit int
}

// PageMax is the most items of one page.
const PageMax = 1000

// Installation is a device that takes pushes and whose it is.
type Installation struct {
	api.Installation
	Account string
	Gone    bool // its push channel was reported dead
	Due     Due
	Version int64 // one more with each change of what the hub is to have
}

// Due says what is to be done at the hub for a device.
type Due int

// What may be due.
const (
	DueNothing Due = iota // the hub has it as it is here
	DuePut                // it is to be put there
	DueDelete             // it was forgotten here, and is to be deleted there
)
