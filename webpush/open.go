package webpush

import (
	"bytes"
	"crypto/ecdh"
	"encoding/binary"
	"errors"
	"fmt"
)

// maxMessage is the largest message taken, header included (RFC 8291 section 4).
const maxMessage = 4096

// ErrUndecryptable is every failure to open a message. The cause behind it is for the log.
var ErrUndecryptable = errors.New("webpush: message does not open")

var (
	errSize      = errors.New("size of the message")
	errRecord    = errors.New("record size")
	errKeyID     = errors.New("key ID is not a P-256 point")
	errRecords   = errors.New("not exactly one record")
	errDelimiter = errors.New("padding")
)

// Open decrypts a message of the content coding aes128gcm (RFC 8291). Every failure is [ErrUndecryptable].
func (k *Keys) Open(body []byte) ([]byte, error) {
	text, err := k.open(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	return text, nil
}

func (k *Keys) open(body []byte) ([]byte, error) {
	if k.private == nil {
		return nil, errKeys
	}
	if len(body) < saltSize+4+1 || len(body) > maxMessage {
		return nil, errSize
	}
	salt := body[:saltSize]
	rs := binary.BigEndian.Uint32(body[saltSize:])
	if rs < tagSize+2 {
		return nil, errRecord
	}
	if body[saltSize+4] != publicSize || len(body) < headerSize {
		return nil, errKeyID
	}
	sender, record := body[headerSize-publicSize:headerSize], body[headerSize:]
	if len(record) < tagSize+1 || uint64(len(record)) > uint64(rs) {
		return nil, errRecords
	}
	shared, err := k.shared(sender)
	if err != nil {
		return nil, err
	}
	aead, nonce, err := derive(shared, k.auth, salt, k.private.PublicKey().Bytes(), sender)
	if err != nil {
		return nil, err
	}
	padded, err := aead.Open(nil, nonce, record, nil)
	if err != nil {
		return nil, err
	}
	text := bytes.TrimRight(padded, "\x00")
	if len(text) == 0 || text[len(text)-1] != delimiter { // 0x01 would announce another record
		return nil, errDelimiter
	}
	return text[:len(text)-1], nil
}

// shared is the secret of the two key pairs.
func (k *Keys) shared(sender []byte) ([]byte, error) {
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, errKeyID
	}
	return k.private.ECDH(public)
}
