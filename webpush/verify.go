package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"
)

const (
	maxAuthorization = 4096           // bytes of both headers; a usual one has 350
	maxAhead         = 24 * time.Hour // RFC 8292 section 2
	maxVerified      = 1024           // tokens a Verifier remembers
)

// ErrVAPID is every reason to refuse an Authorization header. The cause behind it is for the log.
var ErrVAPID = errors.New("webpush: VAPID refused")

// VerifyVAPID checks the Authorization header of a push (RFC 8292) and returns the sender's public key, 65 bytes; compare
// it, or its hash, with the one that the subscription was made with. The older form, "WebPush" or "Bearer" with the key
// in Crypto-Key, is taken too. origin is the push service's own. Every failure is [ErrVAPID].
func VerifyVAPID(authorization, cryptoKey string, origin string, now time.Time) (publicKey []byte, err error) {
	v, err := verify(authorization, cryptoKey, origin)
	if err == nil {
		err = v.current(now)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVAPID, err)
	}
	return v.key, nil
}

// Verifier is [VerifyVAPID] for one origin with a memory: a sender repeats its token for hours, and checking the
// signature costs more than all the rest of taking a push. It is safe for concurrent use.
type Verifier struct {
	origin string

	mu   sync.Mutex
	seen map[[sha256.Size]byte]verified
}

// NewVerifier checks headers for the push service at origin.
func NewVerifier(origin string) *Verifier {
	return &Verifier{origin: origin, seen: make(map[[sha256.Size]byte]verified)}
}

// Verify is [VerifyVAPID]. The caller must not change the key it returns.
func (v *Verifier) Verify(authorization, cryptoKey string, now time.Time) (publicKey []byte, err error) {
	digest := sha256.Sum256([]byte(authorization + "\n" + cryptoKey))
	v.mu.Lock()
	found, ok := v.seen[digest]
	v.mu.Unlock()
	if !ok {
		if found, err = verify(authorization, cryptoKey, v.origin); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrVAPID, err)
		}
	}
	if err := found.current(now); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVAPID, err)
	}
	if !ok {
		v.mu.Lock()
		if len(v.seen) >= maxVerified {
			clear(v.seen) // rare, and checking anew is all it costs
		}
		v.seen[digest] = found
		v.mu.Unlock()
	}
	return found.key, nil
}

// verified is a token whose signature and audience are right.
type verified struct {
	key     []byte
	expires float64 // seconds since 1970
}

// current says whether the token's time has come and not gone.
func (v verified) current(now time.Time) error {
	seconds := float64(now.UnixNano()) / 1e9
	if v.expires <= seconds {
		return errors.New("token has expired")
	}
	if v.expires > seconds+maxAhead.Seconds() {
		return errors.New("token expires more than 24 hours ahead")
	}
	return nil
}

// verify checks everything but the time.
func verify(authorization, cryptoKey, origin string) (verified, error) {
	if len(authorization)+len(cryptoKey) > maxAuthorization {
		return verified{}, errors.New("header too long")
	}
	token, key, err := credentials(authorization, cryptoKey)
	if err != nil {
		return verified{}, err
	}
	point, err := decodeBase64(key)
	if err != nil {
		return verified{}, fmt.Errorf("key: %w", err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return verified{}, fmt.Errorf("key: %w", err)
	}
	body, err := checkSignature(public, token)
	if err != nil {
		return verified{}, err
	}
	var c claims
	if err := json.Unmarshal(body, &c); err != nil {
		return verified{}, fmt.Errorf("claims: %w", err)
	}
	if c.Audience != origin {
		return verified{}, errors.New("audience is not this push service")
	}
	if c.Expiry == nil {
		return verified{}, errors.New("no expiry")
	}
	return verified{key: point, expires: *c.Expiry}, nil
}

// credentials takes token and key out of the headers.
func credentials(authorization, cryptoKey string) (token, key string, err error) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	switch strings.ToLower(scheme) {
	case "vapid":
		token, key = headerValue(rest, "t"), headerValue(rest, "k")
	case "webpush", "bearer":
		token, key = strings.TrimSpace(rest), headerValue(cryptoKey, "p256ecdsa")
	default:
		return "", "", errors.New("scheme")
	}
	if token == "" || key == "" {
		return "", "", errors.New("token or key is missing")
	}
	return token, key, nil
}

// checkSignature checks a token in JWS compact form (RFC 7515 section 5.2) and returns its claims.
func checkSignature(public *ecdsa.PublicKey, token string) ([]byte, error) {
	head, rest, _ := strings.Cut(token, ".")
	body, sig, ok := strings.Cut(rest, ".")
	if !ok {
		return nil, errors.New("token has not three parts")
	}
	var header struct {
		Algorithm string          `json:"alg"`
		Critical  json.RawMessage `json:"crit"` // extensions that must be understood: none are
	}
	b, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return nil, errors.New("token header is not base64url")
	}
	if err := json.Unmarshal(b, &header); err != nil || header.Algorithm != "ES256" || header.Critical != nil {
		return nil, errors.New("token header")
	}
	signature, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil || len(signature) != 2*scalarSize {
		return nil, errors.New("signature is not 64 bytes of base64url")
	}
	digest := sha256.Sum256([]byte(token[:len(head)+1+len(body)]))
	r, s := new(big.Int).SetBytes(signature[:scalarSize]), new(big.Int).SetBytes(signature[scalarSize:])
	if !ecdsa.Verify(public, digest[:], r, s) {
		return nil, errors.New("signature does not match the key")
	}
	claims, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil, errors.New("claims are not base64url")
	}
	return claims, nil
}
