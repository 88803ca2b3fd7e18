package backend

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"securepush/api"
)

// Cost of a new hash: the second choice of RFC 9106 is too much memory for a small machine, so this is OWASP's
// recommendation of 19 MiB and two passes. Existing hashes carry their own cost.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonLanes   = 1
	argonSalt    = 16 // bytes
	argonKey     = 32 // bytes
	hashesAtOnce = 2  // bounds the memory: two hashes are 38 MiB
	hashesQueued = 64

	maxPasswordBytes = 1024
)

var errHash = errors.New("backend: not an argon2id hash")

// hasher hashes and checks passwords with argon2id (RFC 9106), a few at a time. It is safe for concurrent use.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int32
	decoy   string // checked for an unknown user, so that it takes as long as for a known one
	derive  func(password, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte
}

func newHasher() *hasher {
	salt, key := make([]byte, argonSalt), make([]byte, argonKey)
	_, _ = rand.Read(salt)
	_, _ = rand.Read(key)
	return &hasher{slots: make(chan struct{}, hashesAtOnce), decoy: encodeHash(salt, key), derive: argon2.IDKey}
}

// hash makes the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password api.Secret) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	key := h.derive([]byte(password.Reveal()), salt, argonPasses, argonMemory, argonLanes, argonKey)
	return encodeHash(salt, key), nil
}

// verify says whether the password has that hash. An empty hash stands for a user that does not exist: it costs the same
// and never matches.
func (h *hasher) verify(ctx context.Context, encoded string, password api.Secret) (bool, error) {
	known := encoded != ""
	if !known {
		encoded = h.decoy
	}
	c, err := decodeHash(encoded)
	if err != nil {
		return false, err
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	key := h.derive([]byte(password.Reveal()), c.salt, c.passes, c.memory, c.lanes, uint32(len(c.key))) //nolint:gosec // bounded by decodeHash
	return subtle.ConstantTimeCompare(key, c.key) == 1 && known, nil
}

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > hashesQueued {
		h.waiting.Add(-1)
		return tryLater(api.CodeUnavailable, "Too many people are signing in. Try again in a moment.", 5*time.Second)
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) leave() { <-h.slots }

// argonHash is a hash taken apart.
type argonHash struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

func encodeHash(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes, b64(salt), b64(key))
}

// decodeHash reads a PHC string. Its costs are bounded: the database may have been written by somebody else.
func decodeHash(s string) (argonHash, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return argonHash{}, errHash
	}
	var h argonHash
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil || n != 3 {
		return argonHash{}, errHash
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return argonHash{}, errHash
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return argonHash{}, errHash
	}
	const maxMemory = 256 * 1024 // KiB
	if h.memory < 8 || h.memory > maxMemory || h.passes < 1 || h.passes > 16 || h.lanes < 1 || len(h.salt) < 8 || len(h.key) < 16 ||
		len(h.key) > math.MaxUint8 {
		return argonHash{}, errHash
	}
	return h, nil
}
