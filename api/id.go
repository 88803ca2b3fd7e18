package api

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
)

// ID names a notification. It is 128 random bits in unpadded base64url: 22 characters, meaningless to whoever carries it.
// Parsing admits up to 43 characters so that another back end may use 256 bits.
//
// Example: "7Jb0m3Zl3oWm4m0x0n9L9w".
type ID string

// ErrBadID says that a text is not an ID. An ID becomes part of a request path, so whatever does not match is
// dropped before anything else looks at it.
var ErrBadID = errors.New("api: not a notification ID")

// NewID draws a random ID.
func NewID() ID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24: it ends the program instead
	return ID(base64.RawURLEncoding.EncodeToString(b[:]))
}

// ParseID checks that s is 22 to 43 characters of the base64url alphabet.
func ParseID(s string) (ID, error) {
	if len(s) < 22 || len(s) > 43 {
		return "", ErrBadID
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return "", ErrBadID
		}
	}
	return ID(s), nil
}

// Short is the prefix that may stand in a log.
func (id ID) Short() string {
	if len(id) <= 6 {
		return string(id)
	}
	return string(id[:6])
}

// LogValue keeps whole IDs out of logs: an ID is a capability for whoever holds a sign-in.
func (id ID) LogValue() slog.Value { return slog.StringValue(id.Short()) }

// pushBody is what a push carries when it is JSON.
//
// Example: {"secureId":"7Jb0m3Zl3oWm4m0x0n9L9w"}.
type pushBody struct {
	SecureID string `json:"secureId"`
	ID       string `json:"id"`
}

// EncodePush is the text of a push for id: the ID and nothing else, as JSON, which is what every notification hub takes for
// a browser. For IDs of one length it has one length.
func EncodePush(id ID) []byte { return []byte(`{"id":"` + string(id) + `"}`) }

// DecodePush reads the text of a push: a bare ID, {"secureId":"…"} or {"id":"…"}, as different senders write it.
// Anything else is [ErrBadID].
func DecodePush(b []byte) (ID, error) {
	if len(b) > 128 {
		return "", ErrBadID
	}
	if len(b) > 0 && b[0] == '{' {
		var body pushBody
		if err := json.Unmarshal(b, &body); err != nil {
			return "", ErrBadID
		}
		switch {
		case body.ID == "":
			return ParseID(body.SecureID)
		case body.SecureID == "" || body.SecureID == body.ID:
			return ParseID(body.ID)
		default:
			return "", ErrBadID
		}
	}
	return ParseID(string(b))
}
