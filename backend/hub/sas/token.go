package sas

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"securepush/api"
)

const (
	scheme    = "SharedAccessSignature"
	maxHeader = 4 << 10 // bytes
	maxText   = 256     // characters of a rule's name, and of a key
)

// Token is what a client claims in the header Authorization. Nothing of it is proven before [Token.SignedBy] says so. It
// cannot be printed: whoever has read it could use it.
type Token struct {
	rule      string
	sr, se    string // as received: clients differ in how they escape, and the signature is over what they sent
	resource  string // sr, decoded once
	expires   int64  // seconds since 1970
	signature []byte // empty when it was not base64, which is no signature of anything
}

// Parse reads the value of the header Authorization, of at most 4 KB:
//
//	SharedAccessSignature sr=<resource>&sig=<signature>&se=<seconds since 1970>&skn=<name of the rule>
//
// The four stand in any order, others are ignored. The error is an [*Error]: MissingToken, MalformedToken, SignatureNotFound
// or ExpiresOnNotFound, the first of them that is true.
func Parse(authorization string) (*Token, error) {
	if authorization == "" {
		return nil, ErrMissing
	}
	if len(authorization) > maxHeader {
		return nil, malformed("The token is longer than 4 KB")
	}
	word, pairs, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(word, scheme) {
		return nil, malformed("The token does not begin with " + scheme)
	}
	values := make(map[string]string, 4)
	for pair := range strings.SplitSeq(pairs, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "sr", "sig", "se", "skn":
			if _, twice := values[name]; twice {
				return nil, malformed("The token has " + name + " twice")
			}
			values[name] = value
		}
	}
	t := &Token{sr: values["sr"], se: values["se"]}
	if err := t.decode(values["skn"], values["sig"]); err != nil {
		return nil, err
	}
	switch {
	case values["sig"] == "":
		return nil, ErrNoSignature
	case values["se"] == "":
		return nil, ErrNoExpiry
	}
	return t, nil
}

// decode reads the values of which the token keeps another form than that received.
func (t *Token) decode(skn, sig string) error {
	var err error
	// A plus is a space here: whoever encodes writes a real one as %2B, and .NET and Java write spaces so.
	if t.resource, err = url.QueryUnescape(t.sr); err != nil || t.sr == "" {
		return malformed("The token has no resource (sr)")
	}
	// And here it is itself, as those two do not encode the name.
	if t.rule, err = url.PathUnescape(skn); err != nil || !validName(t.rule) {
		return malformed("The token has no name of a rule (skn)")
	}
	if sig, err = url.PathUnescape(sig); err != nil {
		return malformed("The signature of the token is not percent-encoded")
	}
	if t.signature, err = base64.StdEncoding.DecodeString(sig); err != nil {
		t.signature = nil
	}
	if t.se != "" {
		seconds, err := strconv.ParseUint(t.se, 10, 63) // refuses signs
		if err != nil {
			return malformed("The expiry of the token (se) is not a number of seconds")
		}
		t.expires = int64(seconds)
	}
	return nil
}

// validName refuses names that no rule has, and that a database would trip over.
func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxText && !strings.ContainsFunc(name, unicode.IsControl)
}

// Rule is the name of the rule whose key is said to have signed: 1 to 256 characters, none of them a control character.
func (t *Token) Rule() string { return t.rule }

// SignedBy says whether the key has signed the token. It takes the same time for every key. An empty key has signed nothing.
func (t *Token) SignedBy(key api.Secret) bool {
	equal := hmac.Equal(t.signature, sign(key, t.sr, t.se))
	return equal && !key.Empty()
}

// Expired says whether the token's time has passed. There is no grace, and no time is too far away: some clients count seconds
// from the year 1.
func (t *Token) Expired(now time.Time) bool { return t.expires <= now.Unix() }

// Format writes the rule's name alone, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "token of rule %q", t.rule) }

// LogValue is the rule's name alone.
func (t Token) LogValue() slog.Value { return slog.GroupValue(slog.String("rule", t.rule)) }

// Sign returns the value of the header Authorization that opens a resource until a time, in whole seconds. The resource is a
// URI such as "https://host/hub", signed in lower case as every client does it, and covers all paths below it. The rule's name
// and the key, which is the text as it stands in a connection string, have at most 256 characters, the value at most 4 KB; a
// hub refuses more.
func Sign(resource, rule string, key api.Secret, expires time.Time) api.Secret {
	sr, se := escape(strings.ToLower(resource)), strconv.FormatInt(expires.Unix(), 10)
	sig := base64.StdEncoding.EncodeToString(sign(key, sr, se))
	return api.NewSecret(scheme + " sr=" + sr + "&sig=" + escape(sig) + "&se=" + se + "&skn=" + escape(rule))
}

// sign is over the resource as it is sent, which is encoded, with the key's text, which is not decoded.
func sign(key api.Secret, sr, se string) []byte {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	_, _ = mac.Write([]byte(sr + "\n" + se)) // never fails
	return mac.Sum(nil)
}

// escape percent-encodes, a space too, as readers differ in what a plus is.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
