package api

import "time"

// Priority says how much a notification may interrupt. The zero value counts as [PriorityNormal].
type Priority string

// The priorities, from least to most urgent.
const (
	PriorityLow    Priority = "low"
	PriorityNormal Priority = "normal"
	PriorityHigh   Priority = "high"
	PriorityUrgent Priority = "urgent"
)

// Valid says whether p is one of the four, or empty.
func (p Priority) Valid() bool {
	switch p {
	case "", PriorityLow, PriorityNormal, PriorityHigh, PriorityUrgent:
		return true
	}
	return false
}

// Notification is one message to one person.
//
// Example:
//
//	{"id":"7Jb0m3Zl3oWm4m0x0n9L9w","title":"Potassium result","payload":"K 4.1 mmol/l","sender":"Lab",
//	 "priority":"normal","createdAt":"2026-11-21T14:32:08Z","read":false}
type Notification struct {
	ID        ID         `json:"id"`
	Title     string     `json:"title,omitempty"`
	Payload   string     `json:"payload"`
	Sender    string     `json:"sender,omitempty"`
	Priority  Priority   `json:"priority"`
	URL       string     `json:"url,omitempty"`
	Key       string     `json:"key,omitempty"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	Read      bool       `json:"read"`
}

// Cursor is a place in a person's notifications in order of arrival. It is opaque to the device; empty is the beginning.
type Cursor string

// Page is a run of notifications.
//
// With after= the items are in order of arrival and Next is the cursor behind the last of them (the cursor that was
// asked with, when there are none). With before= they run from newest to oldest and Next leads further into the past.
//
// Example: {"items":[…],"next":"42","more":false,"unread":3}.
type Page struct {
	Items  []Notification `json:"items"`
	Next   Cursor         `json:"next"`
	More   bool           `json:"more"`
	Unread int            `json:"unread"`
}

// Recipients are the people a notification goes to: one or several user names, or one tag expression. On the wire a
// string ("anna", or a tag expression such as "ward:7 && !role:student") or a list of user names.
type Recipients []string

// SendRequest asks for a notification to be sent.
//
// Example: {"to":"anna","title":"Potassium result","payload":"K 4.1 mmol/l","priority":"high"}.
type SendRequest struct {
	To        Recipients `json:"to,omitempty"` // empty: the caller
	Title     string     `json:"title,omitempty"`
	Payload   string     `json:"payload"`
	Sender    string     `json:"sender,omitempty"`
	Priority  Priority   `json:"priority,omitempty"`
	URL       string     `json:"url,omitempty"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	Key       string     `json:"key,omitempty"` // replaces an earlier notification of the same key and recipient
}

// SendResult tells what a send made. The notifications are durable when it arrives.
//
// Example: {"ids":["7Jb0m3Zl3oWm4m0x0n9L9w"],"devices":2}.
type SendResult struct {
	IDs     []ID `json:"ids"`     // one for each recipient, in the order of the request
	Devices int  `json:"devices"` // devices that a push was sent for
}

// ReadRequest sets the read state of one notification (PATCH) or of several (POST …/read, where empty IDs mean all).
//
// Example: {"ids":["7Jb0m3Zl3oWm4m0x0n9L9w"],"read":true}.
type ReadRequest struct {
	IDs  []ID `json:"ids,omitempty"`
	Read bool `json:"read"`
}

// WellKnown describes a server to whoever wants to sign in.
//
// Example: {"product":"securepush","name":"Clinic","version":"0.1.0","api":1,"signIn":["password"],
// "vapidPublicKey":"BHaW…","pushUrl":"wss://push.example/push","limits":{…}}.
type WellKnown struct {
	Product        string   `json:"product"` // always "securepush": tells a server of this kind from any other
	Name           string   `json:"name"`
	Version        string   `json:"version"`
	API            int      `json:"api"`
	SignIn         []string `json:"signIn"`
	VAPIDPublicKey string   `json:"vapidPublicKey"`
	PushURL        string   `json:"pushUrl"`
	Limits         Limits   `json:"limits"`
}

// Product is the value of [WellKnown.Product].
const Product = "securepush"

// APIVersion is the value of [WellKnown.API] that this client speaks.
const APIVersion = 1

// Limits are the largest values a server takes. Lengths of text are in bytes of UTF-8.
//
// Example: {"bodyBytes":65536,"titleBytes":256,"payloadBytes":16384,"senderBytes":128,"urlBytes":2048,"keyBytes":64,
// "recipients":1000,"pageItems":200,"requestsPerSecond":50,"requestBurst":200,"signInsPerMinute":5}.
type Limits struct {
	BodyBytes         int64 `json:"bodyBytes"`
	TitleBytes        int   `json:"titleBytes"`
	PayloadBytes      int   `json:"payloadBytes"`
	SenderBytes       int   `json:"senderBytes"`
	URLBytes          int   `json:"urlBytes"`
	KeyBytes          int   `json:"keyBytes"`
	Recipients        int   `json:"recipients"`
	PageItems         int   `json:"pageItems"`
	RequestsPerSecond int   `json:"requestsPerSecond"`
	RequestBurst      int   `json:"requestBurst"`
	SignInsPerMinute  int   `json:"signInsPerMinute"`
}

// Installation is a device that takes pushes, in the Notification Hubs Installation schema, platform "browser".
//
// Example: {"installationId":"9d1e…","platform":"browser","pushChannel":{"endpoint":"https://…","p256dh":"B…","auth":"…"},
// "tags":["ward:7"],"userId":"anna"}.
type Installation struct {
	InstallationID string      `json:"installationId"`
	UserID         string      `json:"userId,omitempty"` // set by the back end
	Platform       string      `json:"platform"`
	PushChannel    PushChannel `json:"pushChannel"`
	Tags           []string    `json:"tags,omitempty"`
	Name           string      `json:"name,omitempty"` // the device's name for its owner, such as "Desk-12"
	LastUpdate     *time.Time  `json:"lastUpdate,omitempty"`
}

// PushChannel is a Web Push subscription (RFC 8030, RFC 8291); keys are unpadded base64url.
//
// Example: {"endpoint":"https://push.example/wpush/v2/…","p256dh":"BLx…","auth":"k3…"}.
type PushChannel struct {
	Endpoint string `json:"endpoint"`
	P256DH   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// Tokens is the answer of the token endpoint (RFC 6749 section 5.1) plus who signed in. It holds tokens in clear, as
// the wire does: turn them into [Secret] at once and never log it.
//
// Example: {"access_token":"…","token_type":"Bearer","expires_in":900,"refresh_token":"…","user":"anna","account":"6f1c…",
// "claims":["send"]}.
type Tokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
	// RefreshExpiresIn is how long the sign-in lasts at the most if it is not renewed, in seconds; 0: not told. Near the end of a
	// sign-in, which no renewal puts off, it becomes short.
	RefreshExpiresIn int `json:"refresh_expires_in,omitempty"`

	User    string   `json:"user"`
	Account string   `json:"account"` // the account's UUID, which outlives a rename
	Claims  []string `json:"claims,omitempty"`
}

// Me is the signed-in account.
//
// Example: {"account":"6f1c…","user":"anna","claims":["send"]}.
type Me struct {
	Account string   `json:"account"`
	User    string   `json:"user"`
	Claims  []string `json:"claims,omitempty"`
}

// ListenToken lets device software register at the notification hub itself, one installation and no other. It holds a token in
// clear, as the wire does: never log it.
//
// Example: {"token":"SharedAccessSignature sr=…&sig=…&se=1795287288&skn=…",
// "url":"https://push.example/securepush/installations/9d1e…?api-version=2020-06","expiresAt":"2026-11-21T15:32:08Z"}.
type ListenToken struct {
	Token     string    `json:"token"` // the value of the header Authorization
	URL       string    `json:"url"`   // what it is good for: GET, PUT, PATCH and DELETE
	ExpiresAt time.Time `json:"expiresAt"`
}

// Claims that an account or a sender key may have.
const (
	ClaimSend   = "send"   // send to anyone
	ClaimManage = "manage" // administer
)
