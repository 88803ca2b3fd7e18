package secure

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"securepush/api"
)

const (
	sealKeyBytes  = 32
	sealKeySuffix = ".journal"
)

// ErrUnsealable says that sealed bytes do not open: another key, another ID, or damaged.
var ErrUnsealable = errors.New("secure: sealed content does not open")

// Sealer encrypts content for the disk (AES-256-GCM, NIST SP 800-38D, random nonce). It is safe for concurrent use.
type Sealer struct {
	aead   cipher.AEAD
	memory bool
}

// NewSealer makes the sealer of an account with the key in the vault, and makes that key when there is none.
//
// When the vault is locked or does not answer in time it returns the [*VaultError]: the key may be there and is neither
// guessed nor replaced. Without a keyring that works the key is in memory only; see [Sealer.MemoryOnly].
func NewSealer(ctx context.Context, vault Vault, accountID string) (*Sealer, error) {
	name := accountID + sealKeySuffix
	value, err := vault.Get(ctx, name)
	if err == nil {
		if key, err := base64.RawURLEncoding.DecodeString(value.Reveal()); err == nil && len(key) == sealKeyBytes {
			return newSealer(key, false)
		}
		// Not a key of ours, so nothing was ever sealed with it: as good as absent.
		err = vaultError(VaultAbsent, nil)
	}
	switch StateOf(err) {
	case VaultLocked, VaultTimedOut:
		return nil, err
	case VaultUnavailable, VaultFull:
		return NewMemorySealer()
	case VaultReady, VaultAbsent:
	}
	key := make([]byte, sealKeyBytes)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	err = vault.Set(ctx, name, api.NewSecret(base64.RawURLEncoding.EncodeToString(key)))
	switch StateOf(err) {
	case VaultLocked, VaultTimedOut:
		return nil, err
	default:
		return newSealer(key, err != nil)
	}
}

// NewMemorySealer makes a sealer whose key ends with the process.
func NewMemorySealer() (*Sealer, error) {
	key := make([]byte, sealKeyBytes)
	_, _ = rand.Read(key)
	return newSealer(key, true)
}

// ForgetSealer removes an account's key from the vault: what was sealed with it can never be read again.
func ForgetSealer(ctx context.Context, vault Vault, accountID string) error {
	return vault.Delete(ctx, accountID+sealKeySuffix)
}

func newSealer(key []byte, memory bool) (*Sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("secure: seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("secure: seal: %w", err)
	}
	return &Sealer{aead: aead, memory: memory}, nil
}

// MemoryOnly says that the key is not kept: what is sealed now cannot be opened after a restart.
func (s *Sealer) MemoryOnly() bool { return s.memory }

// Seal encrypts plaintext, bound to id. The result is 28 bytes longer.
func (s *Sealer) Seal(id api.ID, plaintext []byte) ([]byte, error) {
	return s.aead.Seal(nil, nil, plaintext, []byte(id)), nil //nolint:gosec // the nonce is random and made by the AEAD
}

// Open decrypts what Seal made for the same id. Its one error is [ErrUnsealable].
func (s *Sealer) Open(id api.ID, sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, []byte(id))
	if err != nil {
		return nil, ErrUnsealable
	}
	return plain, nil
}
