package webpush

import (
	"testing"
	"time"
)

const benchID = "7Jb0m3Zl3oWm4m0x0n9L9w"

func BenchmarkSeal(b *testing.B) {
	k := newKeys(b)
	p256dh, auth := k.P256DH(), k.Auth()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Seal(p256dh, auth, []byte(benchID)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	k := newKeys(b)
	message, err := Seal(k.P256DH(), k.Auth(), []byte(benchID))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(message); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthorization(b *testing.B) {
	s := NewSigner(newVAPID(b), "mailto:push@example.org", nil)
	u := mustURL(b, testOrigin+"/wpush/v2/x")
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Authorization(u); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("signed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.sign(testOrigin, noon); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := NewSigner(newVAPID(b), "mailto:push@example.org", nil)
	header, err := s.Authorization(mustURL(b, testOrigin))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("remembered", func(b *testing.B) {
		v := NewVerifier(testOrigin)
		for b.Loop() {
			if _, err := v.Verify(header, "", time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("checked", func(b *testing.B) {
		for b.Loop() {
			if _, err := VerifyVAPID(header, "", testOrigin, time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
