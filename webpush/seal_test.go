package webpush

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// The example of RFC 8291 section 5.
const (
	vectorText    = "When I grow up, I want to be a watermelon"
	vectorDevice  = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
	vectorSender  = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
	vectorAuth    = "BTBZMqHH6r4Tts7J_aSIgg"
	vectorSalt    = "DGv6ra1nlYgDCS1FRnbzlw"
	vectorMessage = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

func unbase64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func privateKey(t testing.TB, s string) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.P256().NewPrivateKey(unbase64(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func vectorKeys(t testing.TB) *Keys {
	t.Helper()
	return &Keys{private: privateKey(t, vectorDevice), auth: unbase64(t, vectorAuth)}
}

func newKeys(t testing.TB) *Keys {
	t.Helper()
	k, err := GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealingTheExampleOfTheRFCGivesItsBytes(t *testing.T) {
	device := vectorKeys(t)
	got, err := seal(device.private.PublicKey(), device.auth, privateKey(t, vectorSender), unbase64(t, vectorSalt), []byte(vectorText), 0)
	if err != nil {
		t.Fatal(err)
	}
	if text := base64.RawURLEncoding.EncodeToString(got); text != vectorMessage {
		t.Errorf("sealed\n%s, want\n%s", text, vectorMessage)
	}
}

func TestOpeningTheExampleOfTheRFCGivesItsText(t *testing.T) {
	got, err := vectorKeys(t).Open(unbase64(t, vectorMessage))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != vectorText {
		t.Errorf("opened %q, want %q", got, vectorText)
	}
}

func TestEverySealedMessageHasOneOfAFewSizesAndOpens(t *testing.T) {
	k := newKeys(t)
	seen := make(map[string]bool)
	for _, c := range []struct{ size, least, most int }{ // of texts
		{256, 0, 153},
		{512, 154, 409},
		{1024, 410, 921},
		{2048, 922, 1945},
		{4096, 1946, 3993},
	} {
		for _, n := range []int{c.least, c.least + 1, c.least + 22, c.most - 1, c.most} {
			text := bytes.Repeat([]byte{0}, n) // zeros look like padding
			for range 2 {
				message, err := Seal(k.P256DH(), k.Auth(), text)
				if err != nil {
					t.Fatal(err)
				}
				if len(message) != c.size {
					t.Errorf("a text of %d bytes made a message of %d", n, len(message))
				}
				if head := string(message[:headerSize]); seen[head] {
					t.Error("salt and sender key were used twice")
				} else {
					seen[head] = true
				}
				got, err := k.Open(message)
				if err != nil || !bytes.Equal(got, text) {
					t.Errorf("a text of %d bytes opened as %x, %v", n, got, err)
				}
			}
		}
	}
	if MessageSize != 256 || MaxPlaintext != 3993 {
		t.Errorf("MessageSize is %d, MaxPlaintext %d", MessageSize, MaxPlaintext)
	}
}

func TestSealRefuses(t *testing.T) {
	k := newKeys(t)
	offCurve := k.private.PublicKey().Bytes()
	offCurve[64] ^= 1
	tests := []struct {
		name         string
		p256dh, auth string
		text         []byte
		want         error
	}{
		{"a text that is one byte too long", k.P256DH(), k.Auth(), make([]byte, MaxPlaintext+1), ErrTooLong},
		{"a point that is not on the curve", base64.RawURLEncoding.EncodeToString(offCurve), k.Auth(), nil, ErrSubscription},
		{"a compressed point", base64.RawURLEncoding.EncodeToString(append([]byte{2}, offCurve[1:33]...)), k.Auth(), nil, ErrSubscription},
		{"the point at infinity", "AA", k.Auth(), nil, ErrSubscription},
		{"no key", "", k.Auth(), nil, ErrSubscription},
		{"a key that is not base64", "B!" + k.P256DH()[2:], k.Auth(), nil, ErrSubscription},
		{"a key with a line break", k.P256DH() + "\n", k.Auth(), nil, ErrSubscription},
		{"a secret of 15 bytes", k.P256DH(), k.Auth()[:20], nil, ErrSubscription},
		{"a secret of 17 bytes", k.P256DH(), base64.RawURLEncoding.EncodeToString(make([]byte, 17)), nil, ErrSubscription},
		{"a secret that is not base64", k.P256DH(), "?", nil, ErrSubscription},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, err := Seal(test.p256dh, test.auth, test.text); !errors.Is(err, test.want) || got != nil {
				t.Errorf("got %d bytes and %v, want %v", len(got), err, test.want)
			}
			if err := CheckSubscription(test.p256dh, test.auth); errors.Is(test.want, ErrSubscription) != errors.Is(err, ErrSubscription) {
				t.Errorf("CheckSubscription says %v", err)
			}
		})
	}
}

func TestSealTakesPaddedAndStandardBase64(t *testing.T) {
	k := newKeys(t)
	p256dh := base64.StdEncoding.EncodeToString(k.private.PublicKey().Bytes())
	message, err := Seal(p256dh, base64.URLEncoding.EncodeToString(k.auth), []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(message); err != nil || string(got) != "text" {
		t.Errorf("opened %q, %v", got, err)
	}
}

func TestTheCallersSlicesStayAsTheyWere(t *testing.T) {
	k := newKeys(t)
	big := bytes.Repeat([]byte{0xAA}, 4096)
	message, err := Seal(k.P256DH(), k.Auth(), big[:10])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(big, bytes.Repeat([]byte{0xAA}, 4096)) {
		t.Error("Seal wrote into the text's slice")
	}
	roomy := append(make([]byte, 0, 4096), message...)
	if _, err := k.Open(roomy); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(roomy[:cap(roomy)], append(bytes.Clone(message), make([]byte, 4096-len(message))...)) {
		t.Error("Open wrote into the message's slice")
	}
	body, encryption, cryptoKey := sealLegacy(t, k, "text", 7)
	before := bytes.Clone(body)
	if _, err := k.OpenLegacy(body, encryption, cryptoKey); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, before) {
		t.Error("OpenLegacy wrote into the message's slice")
	}
}

// sealRaw seals a record as it is given: with its own delimiter and padding, or without.
func sealRaw(t testing.TB, k *Keys, rs uint32, record []byte) []byte {
	t.Helper()
	sender, salt := privateKey(t, vectorSender), unbase64(t, vectorSalt)
	shared, err := sender.ECDH(k.private.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	public := sender.PublicKey().Bytes()
	aead, nonce, err := derive(shared, k.auth, salt, k.private.PublicKey().Bytes(), public)
	if err != nil {
		t.Fatal(err)
	}
	out := binary.BigEndian.AppendUint32(bytes.Clone(salt), rs)
	out = append(append(out, publicSize), public...)
	return aead.Seal(out, nonce, record, nil)
}

func TestOpenRefuses(t *testing.T) {
	k := newKeys(t)
	good := sealRaw(t, k, 4096, []byte("text\x02\x00\x00"))
	if got, err := k.Open(good); err != nil || string(got) != "text" {
		t.Fatalf("the message to mutate opened as %q, %v", got, err)
	}
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(good)) }
	put := func(at int, v ...byte) []byte {
		return change(func(b []byte) []byte { copy(b[at:], v); return b })
	}
	full := sealRaw(t, k, 4096, append(bytes.Repeat([]byte("x"), maxMessage-headerSize-tagSize-1), delimiter))
	if _, err := k.Open(full); err != nil {
		t.Fatalf("a message of %d bytes was refused: %v", len(full), err)
	}
	tests := []struct {
		name string
		body []byte
		want error
	}{
		{"nothing", nil, errSize},
		{"20 bytes", good[:20], errSize},
		{"a header without its key", good[:21], errKeyID},
		{"a header cut in the key", good[:headerSize-1], errKeyID},
		{"a header alone", good[:headerSize], errRecords},
		{"a record of nothing but its tag", good[:headerSize+tagSize], errRecords},
		{"more than 4096 bytes", sealRaw(t, k, 1<<20, append(make([]byte, 4096), delimiter)), errSize},
		{"a record size of 17", put(16, 0, 0, 0, 17), errRecord},
		{"a record size of 0", put(16, 0, 0, 0, 0), errRecord},
		{"a record that is longer than the record size", put(16, 0, 0, 0, byte(len(good)-headerSize-1)), errRecords},
		{"a key ID of 64 bytes", put(20, 64), errKeyID},
		{"a key ID of 66 bytes", put(20, 66), errKeyID},
		{"no key ID", put(20, 0), errKeyID},
		{"a key that is not on the curve", put(headerSize-1, good[headerSize-1]^1), errKeyID},
		{"a compressed key", put(21, 2), errKeyID},
		{"another salt", put(0, good[0]^1), nil},
		{"a changed record", put(headerSize, good[headerSize]^1), nil},
		{"a changed tag", put(len(good)-1, good[len(good)-1]^1), nil},
		{"a cut tag", good[:len(good)-1], nil},
		{"a longer record", change(func(b []byte) []byte { return append(b, 0) }), nil},
		{"another sender's key", change(func(b []byte) []byte { copy(b[21:], newKeys(t).private.PublicKey().Bytes()); return b }), nil},
		{"a delimiter that announces more records", sealRaw(t, k, 4096, []byte("text\x01\x00")), errDelimiter},
		{"no delimiter", sealRaw(t, k, 4096, []byte("text")), errDelimiter},
		{"padding alone", sealRaw(t, k, 4096, []byte{0, 0, 0}), errDelimiter},
		{"another device's message", sealRaw(t, newKeys(t), 4096, []byte("text\x02")), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := k.Open(test.body)
			if !errors.Is(err, ErrUndecryptable) || got != nil {
				t.Fatalf("opened as %q, %v", got, err)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("refused by %v, want %v", err, test.want)
			}
		})
	}
	if _, err := (&Keys{}).Open(good); !errors.Is(err, ErrUndecryptable) {
		t.Errorf("zero keys say %v", err)
	}
	wrongAuth := &Keys{private: k.private, auth: make([]byte, authSize)}
	if _, err := wrongAuth.Open(good); !errors.Is(err, ErrUndecryptable) {
		t.Errorf("a wrong secret says %v", err)
	}
}

func TestARecordMayBeExactlyAsLongAsTheRecordSize(t *testing.T) {
	k := newKeys(t)
	if got, err := k.Open(sealRaw(t, k, 18, []byte("x\x02"))); err != nil || string(got) != "x" {
		t.Errorf("opened %q, %v", got, err)
	}
}

func TestKeysComeBackFromTheirBinaryForm(t *testing.T) {
	k := newKeys(t)
	b, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Keys
	if err := back.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	clear(b) // they must not share memory
	if back.P256DH() != k.P256DH() || back.Auth() != k.Auth() {
		t.Error("other keys came back")
	}
	message, err := Seal(k.P256DH(), k.Auth(), []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := back.Open(message); err != nil {
		t.Error(err)
	}
}

func TestUnmarshalRefusesAndChangesNothing(t *testing.T) {
	k := newKeys(t)
	good, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	zero := append([]byte{keysVersion}, make([]byte, keysSize-1)...)
	other := bytes.Clone(good)
	other[0] = 2
	before := k.P256DH()
	for _, b := range [][]byte{nil, good[:keysSize-1], append(bytes.Clone(good), 0), zero, other} {
		if err := k.UnmarshalBinary(b); !errors.Is(err, errKeys) {
			t.Errorf("%d bytes gave %v", len(b), err)
		}
	}
	if k.P256DH() != before {
		t.Error("the keys changed")
	}
	if _, err := (&Keys{}).MarshalBinary(); !errors.Is(err, errKeys) {
		t.Errorf("zero keys marshal with %v", err)
	}
}

func TestKeysCannotBePrinted(t *testing.T) {
	k := newKeys(t)
	v, err := GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		if got := fmt.Sprintf(verb+" "+verb, k, v); got != "[keys] [vapid key]" {
			t.Errorf("%s printed %s", verb, got)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("test", "keys", k, "vapid", v)
	if !strings.Contains(log.String(), `keys=[keys] vapid="[vapid key]"`) {
		t.Errorf("logged %s", log.String())
	}
}
