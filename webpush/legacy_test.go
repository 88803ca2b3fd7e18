package webpush

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// sealLegacy seals with padding in the way of the draft.
func sealLegacy(t testing.TB, k *Keys, text string, padding int) (body []byte, encryption, cryptoKey string) {
	t.Helper()
	record := binary.BigEndian.AppendUint16(nil, uint16(padding))
	record = append(append(record, make([]byte, padding)...), text...)
	return sealLegacyRaw(t, k, record)
}

func sealLegacyRaw(t testing.TB, k *Keys, record []byte) (body []byte, encryption, cryptoKey string) {
	t.Helper()
	sender, salt := privateKey(t, vectorSender), unbase64(t, vectorSalt)
	shared, err := sender.ECDH(k.private.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	public := sender.PublicKey().Bytes()
	aead, nonce, err := deriveLegacy(shared, k.auth, salt, k.private.PublicKey().Bytes(), public)
	if err != nil {
		t.Fatal(err)
	}
	return aead.Seal(nil, nonce, record, nil), "salt=" + vectorSalt, "dh=" + base64.RawURLEncoding.EncodeToString(public)
}

// The sample was made by npm http_ece 1.2.1 with version "aesgcm", the keys of the RFC's example and a padding of 3.
const (
	legacySampleSender = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
	legacySampleBody   = "4q9ZRDyG0PD6-sYP4a_bnKwsaTEu4ziWvgxp15xoxUsZajJ8drLqq4a1fjRSp-FGKoQm3bDQlCCVaAvtMEs"
)

func TestALegacySampleOfAnotherImplementationOpens(t *testing.T) {
	got, err := vectorKeys(t).OpenLegacy(unbase64(t, legacySampleBody), "salt="+vectorSalt, "dh="+legacySampleSender)
	if err != nil || string(got) != vectorText {
		t.Errorf("opened %q, %v", got, err)
	}
}

func TestLegacyHeadersAreReadAsSendersWriteThem(t *testing.T) {
	k := newKeys(t)
	body, encryption, cryptoKey := sealLegacy(t, k, "text", 5)
	salt, dh := strings.TrimPrefix(encryption, "salt="), strings.TrimPrefix(cryptoKey, "dh=")
	for _, h := range [][2]string{
		{"salt=" + salt, "dh=" + dh},
		{`keyid="p256dh";salt="` + salt + `"`, `keyid="p256dh";dh="` + dh + `",p256ecdsa="BA"`},
		{"keyid=p256dh; salt=" + salt + "; rs=4096", "p256ecdsa=BA; dh=" + dh},
		{"SALT=" + salt + "==", "DH=" + dh + "="},
		{"salt=" + salt + ";rs=12", "dh=" + dh}, // 2 + 5 + 4 bytes are less than 12: the last record
	} {
		if got, err := k.OpenLegacy(body, h[0], h[1]); err != nil || string(got) != "text" {
			t.Errorf("%q: opened %q, %v", h, got, err)
		}
	}
}

func TestOpenLegacyRefuses(t *testing.T) {
	k := newKeys(t)
	body, encryption, cryptoKey := sealLegacy(t, k, "text", 5)
	changed := bytes.Clone(body)
	changed[0] ^= 1
	longPad, _, _ := sealLegacyRaw(t, k, []byte("\x00\x05\x00\x00\x00"))
	dirtyPad, _, _ := sealLegacyRaw(t, k, []byte("\x00\x02\x00\x01text"))
	huge, _, _ := sealLegacyRaw(t, k, make([]byte, 5000))
	tests := []struct {
		name                  string
		body                  []byte
		encryption, cryptoKey string
		want                  error
	}{
		{"nothing", nil, encryption, cryptoKey, errSize},
		{"17 bytes", body[:17], encryption, cryptoKey, errSize},
		{"more than 4096 bytes", huge, encryption, cryptoKey, errSize},
		{"no salt", body, "", cryptoKey, errHeaders},
		{"a short salt", body, "salt=AAAA", cryptoKey, errHeaders},
		{"a salt that is not base64", body, "salt=!", cryptoKey, errHeaders},
		{"no sender key", body, encryption, "p256ecdsa=BA", errKeyID},
		{"a sender key that is not base64", body, encryption, "dh=!", errHeaders},
		{"a sender key that is no point", body, encryption, "dh=BAAA", errKeyID},
		{"a record size that is no number", body, encryption + ";rs=x", cryptoKey, errRecord},
		{"a record size of 2", body, encryption + ";rs=2", cryptoKey, errRecord},
		{"a full record", body, encryption + ";rs=11", cryptoKey, errRecords},
		{"a changed message", changed, encryption, cryptoKey, nil},
		{"padding longer than the record", longPad, encryption, cryptoKey, errDelimiter},
		{"padding that is not zero", dirtyPad, encryption, cryptoKey, errDelimiter},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := k.OpenLegacy(test.body, test.encryption, test.cryptoKey)
			if !errors.Is(err, ErrUndecryptable) || got != nil {
				t.Fatalf("opened as %q, %v", got, err)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("refused by %v, want %v", err, test.want)
			}
		})
	}
	if _, err := (&Keys{}).OpenLegacy(body, encryption, cryptoKey); !errors.Is(err, ErrUndecryptable) {
		t.Errorf("zero keys say %v", err)
	}
}
