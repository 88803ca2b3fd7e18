package webpush

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"testing"
	"time"
)

func FuzzOpen(f *testing.F) {
	k := vectorKeys(f)
	f.Add(unbase64(f, vectorMessage))
	f.Add(sealRaw(f, k, 18, []byte("x\x02")))
	f.Add(sealRaw(f, k, 4096, []byte("text\x01\x00")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		text, err := k.Open(b)
		if err != nil && (!errors.Is(err, ErrUndecryptable) || text != nil) {
			t.Errorf("%q, %v", text, err)
		}
		if err == nil && len(text) > len(b)-headerSize-tagSize-1 {
			t.Errorf("%d bytes out of %d", len(text), len(b))
		}
		if !bytes.Equal(b, before) {
			t.Error("the message was written to")
		}
	})
}

func FuzzSeal(f *testing.F) {
	k := vectorKeys(f)
	f.Add(k.P256DH(), k.Auth(), []byte(vectorText))
	f.Add(k.P256DH()+"=", k.Auth()+"==", make([]byte, 154))
	f.Add(k.P256DH(), k.Auth(), make([]byte, MaxPlaintext+1))
	f.Add("B\n", "", []byte{})
	f.Fuzz(func(t *testing.T, p256dh, auth string, text []byte) {
		before := bytes.Clone(text)
		message, err := Seal(p256dh, auth, text)
		switch {
		case err != nil && (message != nil || !errors.Is(err, ErrSubscription) && !errors.Is(err, ErrTooLong)):
			t.Errorf("%d bytes, %v", len(message), err)
		case err == nil && (!slices.Contains(messageSizes[:], len(message)) || len(message) < len(text)+overhead):
			t.Errorf("a text of %d bytes made a message of %d", len(text), len(message))
		}
		if !bytes.Equal(text, before) {
			t.Error("the text was written to")
		}
		message, err = Seal(k.P256DH(), k.Auth(), text)
		if (err != nil) != (len(text) > MaxPlaintext) {
			t.Errorf("%d bytes: %v", len(text), err)
		}
		if err != nil {
			return
		}
		if got, err := k.Open(message); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q came back as %q, %v", text, got, err)
		}
	})
}

func FuzzOpenLegacy(f *testing.F) {
	k := vectorKeys(f)
	body, encryption, cryptoKey := sealLegacy(f, k, vectorText, 3)
	f.Add(body, encryption, cryptoKey)
	f.Add(body, `keyid="a";salt="`+vectorSalt+`";rs=60`, cryptoKey+",p256ecdsa=BA")
	f.Add([]byte{}, "", ";,=")
	f.Fuzz(func(t *testing.T, b []byte, encryption, cryptoKey string) {
		text, err := k.OpenLegacy(b, encryption, cryptoKey)
		if err != nil && (!errors.Is(err, ErrUndecryptable) || text != nil) {
			t.Errorf("%q, %v", text, err)
		}
	})
}

func FuzzVerifyVAPID(f *testing.F) {
	k, err := ParseVAPID(vectorSender)
	if err != nil {
		f.Fatal(err)
	}
	tok := token(f, k, es256, body(testOrigin, noon.Add(time.Hour).Unix()), false)
	f.Add("vapid t="+tok+", k="+k.PublicKey(), "")
	f.Add("WebPush "+tok, "p256ecdsa="+k.PublicKey())
	f.Add("vapid k=BA,t=..", "")
	f.Fuzz(func(t *testing.T, authorization, cryptoKey string) {
		key, err := VerifyVAPID(authorization, cryptoKey, testOrigin, noon)
		switch {
		case err != nil && (!errors.Is(err, ErrVAPID) || key != nil):
			t.Errorf("%x, %v", key, err)
		case err == nil && base64.RawURLEncoding.EncodeToString(key) != k.PublicKey():
			t.Errorf("a token of the unknown key %x was taken", key)
		}
	})
}

func FuzzUnmarshalKeys(f *testing.F) {
	b, err := vectorKeys(f).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var k Keys
		if k.UnmarshalBinary(b) != nil {
			return
		}
		if back, err := k.MarshalBinary(); err != nil || !bytes.Equal(back, b) {
			t.Errorf("%x came back as %x, %v", b, back, err)
		}
	})
}
