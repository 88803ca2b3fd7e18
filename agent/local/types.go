package local

import (
	"reflect"
	"time"

	"securepush/api"
)

// Version of the local protocol. A client and an agent of different versions say so instead of guessing.
const Version = 1

// VersionHeader carries [Version] in every request and answer.
const VersionHeader = "SecurePush-Local"

// Link is the state of the way by which pushes arrive.
type Link string

// The states of the link.
const (
	LinkOff        Link = "off"        // nobody is signed in, so nothing is listened for
	LinkConnecting Link = "connecting" //
	LinkConnected  Link = "connected"  //
	LinkOffline    Link = "offline"    // tried and failed; trying again by itself
)

// SignIn is the state of the session.
type SignIn string

// The states of the session.
const (
	SignInNever   SignIn = "never"   // no account on this device
	SignInActive  SignIn = "active"  // signed in
	SignInEnded   SignIn = "ended"   // the server refused the sign-in: the person signs in again
	SignInLocked  SignIn = "locked"  // the keyring that holds the sign-in is locked
	SignInUnknown SignIn = "unknown" // the keyring cannot be asked
)

// Severity orders conditions.
type Severity string

// The severities, from least to most.
const (
	SeverityInfo      Severity = "info"
	SeverityAttention Severity = "attention"
	SeverityError     Severity = "error"
)

// Condition is a state in which notifications do not arrive, or not as they should, in words for the person.
//
// Example: {"code":"sign_in_needed","severity":"attention","title":"Sign in to read your notifications",
// "advice":"Run securepush login, or open the window.","since":"2026-11-21T14:02:00Z"}.
type Condition struct {
	Code     string    `json:"code"`
	Severity Severity  `json:"severity"`
	Title    string    `json:"title"`
	Advice   string    `json:"advice"`
	Since    time.Time `json:"since"`
}

// Status is what the agent knows about itself.
//
// Example: {"version":"0.1.0","pid":4711,"listening":true,"signIn":"active","link":"connected","account":{…},"unread":3,
// "waiting":0,"conditions":[]}.
type Status struct {
	Version   string     `json:"version"`
	PID       int        `json:"pid"`
	Listening bool       `json:"listening"` // a background agent answers; false when a command acts alone
	SignIn    SignIn     `json:"signIn"`
	Link      Link       `json:"link"`
	LinkSince *time.Time `json:"linkSince,omitempty"`
	Account   *Account   `json:"account,omitempty"` // the one that was asked about
	// Accounts are all that this person has here, in the order in which they were added; none: nobody has signed in.
	Accounts []AccountStatus `json:"accounts,omitempty"`
	// Last is who was signed in here last, where nobody is: it is offered for the next sign-in.
	Last       *LastSignIn `json:"last,omitempty"`
	Quiet      *Quiet      `json:"quiet,omitempty"`
	Unread     int         `json:"unread"`  // as the server last said
	Waiting    int         `json:"waiting"` // IDs whose content could not be shown yet
	LastPush   *time.Time  `json:"lastPush,omitempty"`
	Tray       bool        `json:"tray"`       // the desktop's tray shows the agent; where it does not, the agent goes on unseen
	Conditions []Condition `json:"conditions"` // worst first
	Counters   Counters    `json:"counters"`
}

// Counters count since the agent started.
//
// Example: {"pushes":12,"shown":11,"prompts":1,"settled":0,"dropped":0,"undecryptable":0}.
type Counters struct {
	Pushes        int64 `json:"pushes"`
	Shown         int64 `json:"shown"`
	Prompts       int64 `json:"prompts"`
	Settled       int64 `json:"settled"`       // read, gone or refused: nothing to show
	Dropped       int64 `json:"dropped"`       // opened, but not an ID
	Undecryptable int64 `json:"undecryptable"` // did not open
}

// Account is who is signed in, or was.
//
// Example: {"id":"6f1c…","server":"https://push.example.org","serverName":"Clinic","user":"anna","claims":["send"],"device":"Desk-12"}.
type Account struct {
	ID         string   `json:"id"`
	Server     string   `json:"server"`
	ServerName string   `json:"serverName"`
	User       string   `json:"user"`
	Claims     []string `json:"claims,omitempty"`
	Device     string   `json:"device"`
}

// LastSignIn is what stays of an account that was signed out.
//
// Example: {"server":"https://push.example.org","user":"anna"}.
type LastSignIn struct {
	Server string `json:"server"`
	User   string `json:"user"`
}

// CanSendToOthers says whether the account may send to anyone but itself.
func (a Account) CanSendToOthers() bool {
	for _, c := range a.Claims {
		if c == api.ClaimSend || c == api.ClaimManage {
			return true
		}
	}
	return false
}

// SignInRequest carries a password from the window to the agent, over a socket that only this user can open.
// It is a wire struct: it exists only between reading the form and writing the request.
//
// Example: {"server":"https://push.example.org","user":"anna","password":"…"}.
type SignInRequest struct {
	Server   string `json:"server"`
	User     string `json:"user"`
	Password string `json:"password"`
	Add      bool   `json:"add,omitempty"` // beside the accounts that are there
}

// ServerInfo is what checking a server's address found.
//
// Example: {"url":"https://push.example.org","name":"Clinic","version":"0.1.0","certificate":{…}}.
type ServerInfo struct {
	URL         string       `json:"url"`
	Name        string       `json:"name"`
	Version     string       `json:"version"`
	Certificate *Certificate `json:"certificate,omitempty"` // nil: without TLS, on this computer
	// Untrusted says why there is no more than the certificate.
	Untrusted *api.Problem `json:"untrusted,omitempty"`
}

// Inbox is a page of the inbox, newest first.
//
// Example: {"items":[…],"next":"17","more":true,"unread":3}.
type Inbox struct {
	api.Page
	Offline bool       `json:"offline,omitempty"` // the server could not be reached: these are the items kept on this device
	AsOf    *time.Time `json:"asOf,omitempty"`    // with Offline: when they were last brought up to date
}

// ToastContent says how much a toast shows.
type ToastContent string

// The levels of content.
const (
	ToastEverything ToastContent = "everything"
	ToastSender     ToastContent = "sender"  // "New notification" and who sent it
	ToastNothing    ToastContent = "nothing" // "New notification", and the content in the window
)

// Sounds says which toasts may be heard.
type Sounds string

// The choices. What is of low priority is never heard.
const (
	SoundsOn     Sounds = "on"     // as the desktop does
	SoundsUrgent Sounds = "urgent" // urgent ones only
	SoundsOff    Sounds = "off"
)

// Settings are the person's choices, kept in config.toml.
//
// Example: {"toastContent":"everything","theme":"system","caFile":""}.
type Settings struct {
	ToastContent ToastContent `json:"toastContent" toml:"toast_content"`
	Theme        string       `json:"theme" toml:"theme"`                       // system, light, dark
	Sounds       Sounds       `json:"sounds,omitempty" toml:"sounds,omitempty"` // empty: on
	// Language is the one that is spoken: "system" or "", or a tag such as "de".
	Language string `json:"language,omitempty" toml:"language,omitempty"`
	// TextSize is the size of text in the window in per cent of the usual, from 100 to 200; 0 means 100.
	TextSize int    `json:"textSize,omitempty" toml:"text_size,omitempty"`
	CAFile   string `json:"caFile" toml:"ca_file"`
	// ToastsPerMinute is how many toasts a minute may bring before the rest become one digest; 0 means 5, below 0 no limit.
	// It is read when the agent starts.
	ToastsPerMinute int `json:"toastsPerMinute,omitempty" toml:"toasts_per_minute,omitempty"`
	// QuietUntil is the end of a pause, in seconds of Unix time: nothing is shown before, and what came meanwhile then.
	QuietUntil int64 `json:"quietUntil,omitempty" toml:"quiet_until,omitempty"`
	// QuietHours are at most 20. Nothing is shown in them, and what came meanwhile afterwards.
	QuietHours []QuietHours `json:"quietHours,omitempty" toml:"quiet_hours,omitempty"`
	// ResumedUntil says that the person wanted to be told in quiet hours: they do not count before, in seconds of Unix time.
	ResumedUntil int64 `json:"resumedUntil,omitempty" toml:"resumed_until,omitempty"`
	// UrgentBreaksThrough shows urgent notifications in pauses and quiet hours, too.
	UrgentBreaksThrough bool `json:"urgentBreaksThrough,omitempty" toml:"urgent_breaks_through,omitempty"`
	// KeepDays is for how many days after its sending content is kept on this device, sealed, to be read without the server:
	// 1 to 365; 0 means 30.
	KeepDays int `json:"keepDays,omitempty" toml:"keep_days,omitempty"`
	// Accounts are the choices for single accounts, by the account's ID.
	Accounts map[string]AccountSettings `json:"accounts,omitempty" toml:"accounts,omitempty"`
}

// Equal says whether both are the same.
func (s Settings) Equal(other Settings) bool {
	if len(s.QuietHours)+len(other.QuietHours) == 0 {
		s.QuietHours, other.QuietHours = nil, nil
	}
	if len(s.Accounts)+len(other.Accounts) == 0 {
		s.Accounts, other.Accounts = nil, nil
	}
	return reflect.DeepEqual(s, other)
}

// ChangeKind says what a [Change] is about.
type ChangeKind string

// The kinds of change.
const (
	ChangeStatus   ChangeKind = "status"   // Status changed: Change.Status has it
	ChangeInbox    ChangeKind = "inbox"    // the inbox changed: ask for it again
	ChangeSettings ChangeKind = "settings" //
	ChangeOpen     ChangeKind = "open"     // the person wants to see ID, or the sign-in page, or just the window
)

// Change is one line of the stream of changes.
//
// Example: {"kind":"open","id":"7Jb0m3Zl3oWm4m0x0n9L9w"}.
type Change struct {
	Kind ChangeKind `json:"kind"`
	ID   api.ID     `json:"id,omitempty"`
	// Account is the ID of the account that ID and the inbox belong to.
	Account string  `json:"account,omitempty"`
	Status  *Status `json:"status,omitempty"`
	Token   string  `json:"token,omitempty"` // with ChangeOpen: a window activation token
}

// OpenRequest asks the agent to bring the window up: one that is open shows itself, otherwise one is started.
//
// Example: {"id":"7Jb0m3Zl3oWm4m0x0n9L9w"}.
type OpenRequest struct {
	ID      api.ID `json:"id,omitempty"`
	Account string `json:"account,omitempty"` // the account that ID belongs to; empty: that of the call
}

// Check is one line of the doctor's report.
//
// Example: {"name":"keyring","ok":true,"detail":"unlocked (login), answered in 2 ms"}.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Advice string `json:"advice,omitempty"`
}
