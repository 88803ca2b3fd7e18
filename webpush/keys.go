package webpush

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const (
	authSize   = 16 // RFC 8291 section 3.2
	publicSize = 65 // an uncompressed point of P-256
	scalarSize = 32

	keysVersion = 1 // first byte of the binary form of Keys
	keysSize    = 1 + scalarSize + authSize
)

var (
	errBase64 = errors.New("not base64url")
	errKeys   = errors.New("webpush: not subscription keys")
)

// Keys are the device's half of a subscription: a P-256 private key and the authentication secret of RFC 8291
// section 3.2. They print as "[keys]" under every verb. Keys are safe for concurrent use once made or unmarshalled;
// the zero value opens nothing.
type Keys struct {
	private *ecdh.PrivateKey
	auth    []byte
}

// GenerateKeys draws the keys of a new subscription.
func GenerateKeys() (*Keys, error) {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	k := &Keys{private: private, auth: make([]byte, authSize)}
	_, _ = rand.Read(k.auth) // never fails since Go 1.24: it ends the program instead
	return k, nil
}

// P256DH is the public key to give to a sender: unpadded base64url of the uncompressed point.
func (k *Keys) P256DH() string {
	if k.private == nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(k.private.PublicKey().Bytes())
}

// Auth is the authentication secret to give to a sender: unpadded base64url of 16 bytes.
func (k *Keys) Auth() string { return base64.RawURLEncoding.EncodeToString(k.auth) }

// MarshalBinary writes the private values, for a place that only the owner can read. UnmarshalBinary reads them back.
func (k *Keys) MarshalBinary() ([]byte, error) {
	if k.private == nil {
		return nil, errKeys
	}
	b := make([]byte, 0, keysSize)
	b = append(b, keysVersion)
	b = append(b, k.private.Bytes()...)
	return append(b, k.auth...), nil
}

// UnmarshalBinary replaces k by what MarshalBinary wrote. After an error k is unchanged.
func (k *Keys) UnmarshalBinary(b []byte) error {
	if len(b) != keysSize || b[0] != keysVersion {
		return errKeys
	}
	private, err := ecdh.P256().NewPrivateKey(b[1 : 1+scalarSize])
	if err != nil {
		return fmt.Errorf("%w: %w", errKeys, err)
	}
	k.private, k.auth = private, append([]byte(nil), b[1+scalarSize:]...)
	return nil
}

// Format redacts under every verb.
func (k *Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keys]") }

// LogValue redacts.
func (k *Keys) LogValue() slog.Value { return slog.StringValue("[keys]") }

// decodeBase64 reads base64url and forgives what senders in the field write: padding and the standard alphabet.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "+/\r\n") { // the decoder would skip line breaks
		if strings.ContainsAny(s, "\r\n") {
			return nil, errBase64
		}
		s = strings.NewReplacer("+", "-", "/", "_").Replace(s)
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, errBase64
	}
	return b, nil
}
