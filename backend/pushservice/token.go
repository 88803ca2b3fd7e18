package pushservice

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// uuid is 128 bits that name a device (its uaid), a channel or a message.
type uuid [16]byte

// newUUID draws a random one in the form of RFC 9562 version 4.
func newUUID() uuid {
	var u uuid
	_, _ = rand.Read(u[:]) // never fails since Go 1.24
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u
}

// hex is the form of a uaid: 32 lower-case digits.
func (u uuid) hex() string { return hex.EncodeToString(u[:]) }

// dashed is the form of a channelID.
func (u uuid) dashed() string {
	h := u.hex()
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// version is the form of a message's name on the wire.
func (u uuid) version() string { return base64.RawURLEncoding.EncodeToString(u[:]) }

// LogValue keeps whole names out of logs: who knows a uaid is that device.
func (u uuid) LogValue() slog.Value { return slog.StringValue(u.hex()[:8]) }

// parseUAID takes 32 hexadecimal digits, with or without dashes.
func parseUAID(s string) (uuid, bool) {
	if len(s) == 36 {
		return parseChannelID(strings.ToLower(s))
	}
	return parseHex(s)
}

func parseHex(s string) (uuid, bool) {
	var u uuid
	if len(s) != 32 {
		return uuid{}, false
	}
	_, err := hex.Decode(u[:], []byte(s))
	return u, err == nil
}

// parseChannelID takes a UUID in lower case with dashes and nothing else, as autopush does.
func parseChannelID(s string) (uuid, bool) {
	u, ok := parseHex(strings.ReplaceAll(s, "-", ""))
	return u, ok && u.dashed() == s
}

// parseVersion reads what [uuid.version] wrote.
func parseVersion(s string) (uuid, bool) {
	var u uuid
	if len(s) != base64.RawURLEncoding.EncodedLen(len(u)) {
		return uuid{}, false
	}
	n, err := base64.RawURLEncoding.Strict().Decode(u[:], []byte(s))
	return u, err == nil && n == len(u) // the decoder skips line breaks
}

// Kinds of token. One is never taken for another.
const (
	kindOpen       = "v1" // endpoint that anyone may send to
	kindRestricted = "v2" // endpoint for the holder of one VAPID key
	kindMessage    = "m"  // a message that was accepted
)

var errToken = errors.New("pushservice: not a token of this service")

// sealer makes and opens the tokens in URLs. The random 24-byte nonces of XChaCha20-Poly1305 never run out, which those
// of AES-GCM do after 2^32 messages.
type sealer struct{ aead cipher.AEAD }

func newSealer(secret []byte) (sealer, error) {
	if len(secret) != chacha20poly1305.KeySize {
		return sealer{}, errors.New("pushservice: Secret must have 32 bytes")
	}
	aead, err := chacha20poly1305.NewX(secret)
	return sealer{aead: aead}, err
}

func (s sealer) seal(kind string, plain ...[]byte) string {
	b := make([]byte, chacha20poly1305.NonceSizeX, 160)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(b, b, concat(plain), []byte(kind)))
}

func concat(parts [][]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// open returns the size bytes that were sealed.
func (s sealer) open(kind, token string, size int) ([]byte, error) {
	want := chacha20poly1305.NonceSizeX + size + chacha20poly1305.Overhead
	if len(token) != base64.RawURLEncoding.EncodedLen(want) {
		return nil, errToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != want { // the decoder skips line breaks
		return nil, errToken
	}
	nonce, sealed := b[:chacha20poly1305.NonceSizeX], b[chacha20poly1305.NonceSizeX:]
	plain, err := s.aead.Open(nil, nonce, sealed, []byte(kind))
	if err != nil {
		return nil, errToken
	}
	return plain, nil
}

// endpoint is what a push endpoint's token says.
type endpoint struct {
	device, channel uuid
	restricted      bool
	key             [sha256.Size]byte // hash of the VAPID key, when restricted
}

// endpointPath is the path of a channel's endpoint. key is the VAPID key that alone may send to it; none means anyone.
func (s sealer) endpointPath(device, channel uuid, key []byte) string {
	if len(key) == 0 {
		return "/wpush/" + kindOpen + "/" + s.seal(kindOpen, device[:], channel[:])
	}
	hash := sha256.Sum256(key)
	return "/wpush/" + kindRestricted + "/" + s.seal(kindRestricted, device[:], channel[:], hash[:])
}

// endpoint opens a token of kindOpen or kindRestricted.
func (s sealer) endpoint(kind, token string) (endpoint, error) {
	e := endpoint{restricted: kind == kindRestricted}
	size := len(e.device) + len(e.channel)
	if e.restricted {
		size += len(e.key)
	}
	b, err := s.open(kind, token, size)
	if err != nil {
		return endpoint{}, err
	}
	copy(e.device[:], b)
	copy(e.channel[:], b[16:])
	copy(e.key[:], b[32:])
	return e, nil
}

// messagePath is the path at which an accepted message can be withdrawn.
func (s sealer) messagePath(device, message uuid) string {
	return "/wpush/" + kindMessage + "/" + s.seal(kindMessage, device[:], message[:])
}

// message opens a token of kindMessage.
func (s sealer) message(token string) (device, message uuid, err error) {
	b, err := s.open(kindMessage, token, len(device)+len(message))
	if err != nil {
		return uuid{}, uuid{}, err
	}
	return uuid(b[:16]), uuid(b[16:]), nil
}
