package record

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strconv"
	"time"
)

// What the database says of a record.
var (
	ErrNotFound = errors.New("hub: no such record")
	ErrExists   = errors.New("hub: there is one of that name")
	ErrMismatch = errors.New("hub: the record has another version") // If-Match
	ErrGone     = errors.New("hub: the hub has removed this registration")
)

// Platform is a kind of push service, as the header ServiceBusNotification-Format names it.
type Platform string

// The platforms of Notification Hubs.
const (
	Windows Platform = "windows"
	Mpns    Platform = "windowsphone"
	Apple   Platform = "apple"
	Gcm     Platform = "gcm"
	FcmV1   Platform = "fcmv1"
	Adm     Platform = "adm"
	Baidu   Platform = "baidu"
	Browser Platform = "browser"
	Xiaomi  Platform = "xiaomi"
)

// Registration tells where and under which tags a device is reached. Several may share a handle.
type Registration struct {
	ID       string // "7260336227650468927-4200236381151834034-1", or what a client made up
	Platform Platform
	Handle   string // channel URI, device token (upper case), registration ID, or a browser's endpoint

	P256DH, Auth      string // of a browser
	BaiduUserID       string // beside Baidu's channel ID, which is the handle
	SecondaryTileName string // of Windows
	Tags              []string
	PushVariables     map[string]string
	Template          *Template // nil: a native registration

	// Installation is the ID of the installation that this follows from; empty: it was registered as such.
	Installation string
	// Slot tells the registrations of one installation apart, so that each keeps its ID: empty for the native one.
	Slot string

	ETag             int64 // 1 at first, one more with each update
	Created, Updated time.Time
	Expires          time.Time // zero: never
}

// Template is the form that a template notification takes on one device.
type Template struct {
	Name        string
	Body        string
	Headers     []Header
	Expiry      string // of Apple; may hold an expression
	Priority    string // of Apple
	MessageType string // of Baidu
}

// Header is one header that goes to the platform's push service.
type Header struct{ Name, Value string }

// NewRegistrationID draws an ID of the form that Notification Hubs gives: two numbers of 63 bits and a small one.
func NewRegistrationID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return strconv.FormatUint(binary.BigEndian.Uint64(b[:8])>>1, 10) + "-" + strconv.FormatUint(binary.BigEndian.Uint64(b[8:])>>1, 10) + "-1"
}

// Installation is a device with all it wants, from which its registrations follow.
type Installation struct {
	ID       string
	Document []byte    // JSON, in the form of package installation
	Expired  bool      // its push channel is dead
	Version  int64     // 1 at first, one more with each write
	Expires  time.Time // zero: never
	Updated  time.Time
}

// Query asks for registrations in order of ID. The empty query asks for all.
type Query struct {
	Tag          string   // whatever its case; empty: any
	Handles      []string // one of these; empty: any
	P256DH, Auth string   // of a browser; empty: any
	BaiduUserID  string   // empty: any
	After        string   // the ID behind which to begin
	Skip         int      // how many to leave out
	Limit        int
}

// Audience is whom a send may concern: registrations of a platform, native or with a template, that have at least one of
// some tags.
type Audience struct {
	Platform Platform // empty: every platform
	Template bool
	Tags     []string // empty: all registrations
	After    string   // the ID behind which to begin
	Limit    int
}
