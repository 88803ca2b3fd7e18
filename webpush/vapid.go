package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
)

var errVAPIDKey = errors.New("webpush: not a VAPID key")

// VAPIDKey is the P-256 key pair with which a back end identifies itself to push services (RFC 8292). It prints as
// "[vapid key]" under every verb and is safe for concurrent use. Make it with [GenerateVAPID] or [ParseVAPID].
type VAPIDKey struct {
	private *ecdsa.PrivateKey
	public  string
}

// GenerateVAPID draws a key pair.
func GenerateVAPID() (*VAPIDKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	return newVAPIDKey(private)
}

// ParseVAPID reads a private key: 32 bytes in base64url, as [VAPIDKey.Marshal] and other Web Push tools write it, or
// PKCS #8 in PEM.
func ParseVAPID(s string) (*VAPIDKey, error) {
	s = strings.TrimSpace(s)
	if block, _ := pem.Decode([]byte(s)); block != nil {
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, errVAPIDKey // the parser's words could quote the key
		}
		private, ok := key.(*ecdsa.PrivateKey)
		if !ok || private.Curve != elliptic.P256() {
			return nil, errVAPIDKey
		}
		return newVAPIDKey(private)
	}
	raw, err := decodeBase64(s)
	if err != nil {
		return nil, errVAPIDKey
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, errVAPIDKey
	}
	return newVAPIDKey(private)
}

func newVAPIDKey(private *ecdsa.PrivateKey) (*VAPIDKey, error) {
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, errVAPIDKey
	}
	return &VAPIDKey{private: private, public: base64.RawURLEncoding.EncodeToString(point)}, nil
}

// Marshal writes the private key: 32 bytes in unpadded base64url. It is a secret.
func (k *VAPIDKey) Marshal() (string, error) {
	raw, err := k.private.Bytes()
	if err != nil {
		return "", errVAPIDKey
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// PublicKey is the application server key that devices subscribe with: 87 characters of unpadded base64url.
func (k *VAPIDKey) PublicKey() string { return k.public }

// Format redacts under every verb.
func (k *VAPIDKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[vapid key]") }

// LogValue redacts.
func (k *VAPIDKey) LogValue() slog.Value { return slog.StringValue("[vapid key]") }

// Origin is the origin of a push service's URL, as a token's audience has it (RFC 6454 section 6.2): scheme and host
// in lower case, and the port where it is not the scheme's own. Only http and https have one.
func Origin(u *url.URL) (string, error) {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname())
	if host == "" || (scheme != "https" && scheme != "http") {
		return "", errors.New("webpush: URL without an origin")
	}
	port := u.Port()
	if (scheme == "https" && port == "443") || (scheme == "http" && port == "80") {
		port = ""
	}
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return scheme + "://" + host, nil
}
