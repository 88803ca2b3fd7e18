package record

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	"securepush/api"
)

// Rights are what the holder of a rule's key may do. Manage includes the other two.
type Rights uint8

// The three rights of Notification Hubs.
const (
	Listen Rights = 1 << iota
	Send
	Manage
)

var rightNames = []struct {
	right Rights
	name  string
}{{Listen, "Listen"}, {Manage, "Manage"}, {Send, "Send"}}

// Has says whether r includes the rights wanted.
func (r Rights) Has(want Rights) bool { return r&Manage != 0 || r&want == want }

// String lists the rights as Notification Hubs does: "Listen,Manage,Send".
func (r Rights) String() string {
	var names []string
	for _, n := range rightNames {
		if r&n.right != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ",")
}

// ParseRight reads the name of one right, whatever its case; ok is false when there is none of that name.
func ParseRight(name string) (right Rights, ok bool) {
	for _, n := range rightNames {
		if strings.EqualFold(n.name, name) {
			return n.right, true
		}
	}
	return 0, false
}

// Rule is a shared access authorisation rule of the hub. Either key signs tokens, so that one can be renewed while the other
// is in use.
type Rule struct {
	Name               string
	Rights             Rights
	Primary, Secondary api.Secret
	Created, Modified  time.Time
}

// Names of the rules that every hub has at first.
const (
	DefaultListenRule = "DefaultListenSharedAccessSignature"
	DefaultFullRule   = "DefaultFullSharedAccessSignature"
)

// NewRuleKey draws a key as Notification Hubs makes them: 32 random bytes in base64. What signs is the text.
func NewRuleKey() api.Secret {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return api.NewSecret(base64.StdEncoding.EncodeToString(b[:]))
}
