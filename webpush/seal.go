package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// MessageSize is the size in bytes of a sealed message with a text of up to 153 bytes, such as an ID. Longer texts make
// messages of the next of a few sizes, so that length says next to nothing about content.
const MessageSize = 256

// MaxPlaintext is the longest text that [Seal] takes, in bytes.
const MaxPlaintext = maxMessage - overhead

// messageSizes are all that there are. Every push service has to take the largest (RFC 8030 section 7.2).
var messageSizes = [...]int{MessageSize, 512, 1024, 2048, maxMessage}

const (
	overhead   = headerSize + 1 + tagSize
	saltSize   = 16
	headerSize = saltSize + 4 + 1 + publicSize // RFC 8188 section 2.1 with the sender's key as key ID
	tagSize    = 16
	recordSize = 4096 // what all senders write; a message is one record
	delimiter  = 0x02 // ends the text of the last record, RFC 8188 section 2
)

var (
	// ErrSubscription says that a device's public values are not a P-256 point and a 16-byte secret.
	ErrSubscription = errors.New("webpush: not a subscription")
	// ErrTooLong says that a text has more than [MaxPlaintext] bytes.
	ErrTooLong = errors.New("webpush: text too long")
)

// Seal encrypts a text of up to [MaxPlaintext] bytes to a device (RFC 8291, aes128gcm). p256dh and auth are the values
// of the subscription in base64url. The message has [MessageSize] bytes, or 512, 1024, 2048 or 4096 when the text is too long
// for that. The errors are [ErrSubscription] and [ErrTooLong].
func Seal(p256dh, auth string, plaintext []byte) ([]byte, error) {
	device, secret, err := subscription(p256dh, auth)
	if err != nil {
		return nil, err
	}
	size, err := messageSize(len(plaintext))
	if err != nil {
		return nil, err
	}
	sender, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	return seal(device, secret, sender, salt, plaintext, size)
}

// messageSize is the size of a message with a text of n bytes.
func messageSize(n int) (int, error) {
	for _, size := range messageSizes {
		if n <= size-overhead {
			return size, nil
		}
	}
	return 0, ErrTooLong
}

// CheckSubscription says whether [Seal] could encrypt to a device: nil or [ErrSubscription].
func CheckSubscription(p256dh, auth string) error {
	_, _, err := subscription(p256dh, auth)
	return err
}

func subscription(p256dh, auth string) (device *ecdh.PublicKey, secret []byte, err error) {
	point, err := decodeBase64(p256dh)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: p256dh: %w", ErrSubscription, err)
	}
	if device, err = ecdh.P256().NewPublicKey(point); err != nil {
		return nil, nil, fmt.Errorf("%w: p256dh: %w", ErrSubscription, err)
	}
	if secret, err = decodeBase64(auth); err != nil {
		return nil, nil, fmt.Errorf("%w: auth: %w", ErrSubscription, err)
	}
	if len(secret) != authSize {
		return nil, nil, fmt.Errorf("%w: auth has %d bytes", ErrSubscription, len(secret))
	}
	return device, secret, nil
}

// seal is Seal with given randomness. The message is padded to size bytes, or not at all when it is longer already.
func seal(device *ecdh.PublicKey, auth []byte, sender *ecdh.PrivateKey, salt, plaintext []byte, size int) ([]byte, error) {
	shared, err := sender.ECDH(device)
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	public := sender.PublicKey().Bytes()
	aead, nonce, err := derive(shared, auth, salt, device.Bytes(), public)
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	size = max(size, len(plaintext)+overhead)
	out := make([]byte, 0, size)
	out = append(out, salt...)
	out = binary.BigEndian.AppendUint32(out, recordSize)
	out = append(out, publicSize)
	out = append(out, public...)
	out = append(out, plaintext...)
	out = append(out, delimiter)
	out = out[:size-tagSize] // the padding is the zeros that make put there
	return aead.Seal(out[:headerSize], nonce, out[headerSize:], nil), nil
}

// derive is the key schedule of RFC 8291 section 3.4. The device's key comes first in both directions.
func derive(shared, auth, salt, device, sender []byte) (cipher.AEAD, []byte, error) {
	ikm, err := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(device)+string(sender), 32)
	if err != nil {
		return nil, nil, err
	}
	return contentKeys(ikm, salt, "Content-Encoding: aes128gcm\x00", "Content-Encoding: nonce\x00")
}

// contentKeys makes the cipher and the nonce of the only record (RFC 8188 section 2.2 and 2.3).
func contentKeys(ikm, salt []byte, keyInfo, nonceInfo string) (cipher.AEAD, []byte, error) {
	prk, err := hkdf.Extract(sha256.New, ikm, salt)
	if err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Expand(sha256.New, prk, keyInfo, 16)
	if err != nil {
		return nil, nil, err
	}
	nonce, err := hkdf.Expand(sha256.New, prk, nonceInfo, 12)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	aead, err := cipher.NewGCM(block)
	return aead, nonce, err
}
