package webpush

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"time"
)

const (
	tokenLife  = 12 * time.Hour // the limit is 24 h (RFC 8292 section 2); half leaves room for a wrong clock
	tokenRenew = 6 * time.Hour  // sign anew when less than this is left
	maxTokens  = 1024           // origins remembered: endpoints come from devices, so the number is not ours
)

// tokenHeader is the JOSE header of every token.
var tokenHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "."

// claims are the body of a token (RFC 8292 section 2).
//
// Example: {"aud":"https://push.example","exp":1795349528,"sub":"mailto:push@example.org"}.
type claims struct {
	Audience string   `json:"aud"`
	Expiry   *float64 `json:"exp"` // seconds since 1970; a pointer tells absence, a number refuses a string
	Subject  string   `json:"sub,omitempty"`
}

// Signer makes Authorization headers. It signs once for each origin and reuses the token for hours, because the
// signature is the dearest part of a push. A Signer is safe for concurrent use.
type Signer struct {
	key     *VAPIDKey
	subject string
	now     func() time.Time

	mu     sync.Mutex
	tokens map[string]signed
}

type signed struct {
	header  string
	expires time.Time
}

// NewSigner signs with a key. subject is how a push service reaches whoever runs the sender: a mailto: or https: URL.
// now may be nil.
func NewSigner(key *VAPIDKey, subject string, now func() time.Time) *Signer {
	if now == nil {
		now = time.Now
	}
	return &Signer{key: key, subject: subject, now: now, tokens: make(map[string]signed)}
}

// PublicKey is the key that the tokens are signed with, as devices subscribe with it.
func (s *Signer) PublicKey() string { return s.key.PublicKey() }

// Authorization is the header's value for a push to endpoint: "vapid t=…, k=…" (RFC 8292 section 3).
func (s *Signer) Authorization(endpoint *url.URL) (string, error) {
	origin, err := Origin(endpoint)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if t, ok := s.tokens[origin]; ok && t.expires.Sub(now) > tokenRenew && t.expires.Sub(now) <= tokenLife {
		return t.header, nil
	}
	expires := now.Add(tokenLife)
	token, err := s.sign(origin, expires)
	if err != nil {
		return "", err
	}
	if len(s.tokens) >= maxTokens {
		clear(s.tokens) // rare, and signing anew is all it costs
	}
	t := signed{header: "vapid t=" + token + ", k=" + s.key.public, expires: expires}
	s.tokens[origin] = t
	return t.header, nil
}

func (s *Signer) sign(origin string, expires time.Time) (string, error) {
	exp := float64(expires.Unix())
	body, err := json.Marshal(claims{Audience: origin, Expiry: &exp, Subject: s.subject})
	if err != nil {
		return "", fmt.Errorf("webpush: %w", err)
	}
	text := tokenHeader + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(text))
	r, v, err := ecdsa.Sign(rand.Reader, s.key.private, digest[:])
	if err != nil {
		return "", fmt.Errorf("webpush: %w", err)
	}
	var signature [2 * scalarSize]byte // r and s as JWS wants them, not DER (RFC 7518 section 3.4)
	r.FillBytes(signature[:scalarSize])
	v.FillBytes(signature[scalarSize:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature[:]), nil
}
