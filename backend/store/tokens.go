package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// The tokens' kinds, told by how they begin; the prefixes also let a search for leaked secrets find them.
const (
	accessPrefix  = "spa_"
	refreshPrefix = "spr_"
	keyPrefix     = "spk_"
)

const (
	tokenBytes    = 32
	selectorBytes = 16
	selectorText  = 22 // its length in base64url
)

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

func newToken(prefix string) string {
	return prefix + base64.RawURLEncoding.EncodeToString(random(tokenBytes))
}

// hash is how tokens are kept. They are random, so a plain SHA-256 cannot be searched.
func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// A refresh token is a selector, which all tokens of a session share, and a random part of its own. Only somebody who
// has held a token of the session knows the selector. So a token with a right selector and a random part that is
// neither the session's current nor its previous one is one of the past, and no list of past tokens has to be kept.

func newSelector() string { return base64.RawURLEncoding.EncodeToString(random(selectorBytes)) }

func newRefresh(selector string) string { return newToken(refreshPrefix + selector) }

func selectorOf(refresh string) (selector string, ok bool) {
	rest, ok := strings.CutPrefix(refresh, refreshPrefix)
	if !ok || len(rest) <= selectorText {
		return "", false
	}
	return rest[:selectorText], true
}

// sealSuccessor encrypts a refresh token so that it takes both the server's secret and its predecessor to open it: a
// copy of the database alone opens nothing.
func sealSuccessor(secret []byte, predecessor, session, successor string) ([]byte, error) {
	aead, err := successorCipher(secret, predecessor)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, []byte(successor), []byte(session)), nil //nolint:gosec // nil, as this cipher draws its nonce itself
}

func openSuccessor(secret []byte, predecessor, session string, sealed []byte) (string, error) {
	aead, err := successorCipher(secret, predecessor)
	if err != nil {
		return "", err
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(session))
	if err != nil {
		return "", errors.New("store: a sealed refresh token does not open")
	}
	return string(plain), nil
}

func successorCipher(secret []byte, predecessor string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(predecessor), secret, "securepush refresh successor", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
