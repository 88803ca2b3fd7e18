package webpush

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errHeaders = errors.New("header Encryption or Crypto-Key")

// OpenLegacy decrypts a message of the older content coding aesgcm (draft-ietf-webpush-encryption-04), which some
// senders still use. encryption and cryptoKey are the values of the Encryption and Crypto-Key headers. Every failure
// is [ErrUndecryptable].
func (k *Keys) OpenLegacy(body []byte, encryption, cryptoKey string) ([]byte, error) {
	text, err := k.openLegacy(body, encryption, cryptoKey)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	return text, nil
}

func (k *Keys) openLegacy(body []byte, encryption, cryptoKey string) ([]byte, error) {
	if k.private == nil {
		return nil, errKeys
	}
	if len(body) < tagSize+2 || len(body) > maxMessage {
		return nil, errSize
	}
	if rs := headerValue(encryption, "rs"); rs != "" {
		n, err := strconv.ParseUint(rs, 10, 32)
		if err != nil || n < 3 { // a record has two bytes of padding length and some content
			return nil, errRecord
		}
		if uint64(len(body)) >= n+tagSize { // a full record says that another follows
			return nil, errRecords
		}
	}
	salt, err := decodeBase64(headerValue(encryption, "salt"))
	if err != nil || len(salt) != saltSize {
		return nil, errHeaders
	}
	sender, err := decodeBase64(headerValue(cryptoKey, "dh"))
	if err != nil {
		return nil, errHeaders
	}
	shared, err := k.shared(sender)
	if err != nil {
		return nil, err
	}
	aead, nonce, err := deriveLegacy(shared, k.auth, salt, k.private.PublicKey().Bytes(), sender)
	if err != nil {
		return nil, err
	}
	padded, err := aead.Open(nil, nonce, body, nil)
	if err != nil {
		return nil, err
	}
	return unpadLegacy(padded)
}

// deriveLegacy is the key schedule of the draft, section 4.2 and 4.3.
func deriveLegacy(shared, auth, salt, device, sender []byte) (cipher.AEAD, []byte, error) {
	ikm, err := hkdf.Key(sha256.New, shared, auth, "Content-Encoding: auth\x00", 32)
	if err != nil {
		return nil, nil, err
	}
	context := "P-256\x00\x00\x41" + string(device) + "\x00\x41" + string(sender)
	return contentKeys(ikm, salt, "Content-Encoding: aesgcm\x00"+context, "Content-Encoding: nonce\x00"+context)
}

// unpadLegacy takes off the padding, which stands in front of the text: its length, then zeros.
func unpadLegacy(padded []byte) ([]byte, error) {
	n := int(binary.BigEndian.Uint16(padded)) // two bytes are there: the message had tag and two more
	if n > len(padded)-2 || len(bytes.TrimLeft(padded[2:2+n], "\x00")) != 0 {
		return nil, errDelimiter
	}
	return padded[2+n:], nil
}

// headerValue finds a parameter in a header such as `keyid="p256dh";dh="BNoR…",p256ecdsa="BHaW…"`. Senders separate by
// semicolon or comma and quote or not. "" when it is not there.
func headerValue(header, name string) string {
	for part := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ';' || r == ',' }) {
		key, value, ok := strings.Cut(part, "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}
