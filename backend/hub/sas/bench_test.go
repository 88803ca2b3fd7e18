package sas

import (
	"net/url"
	"testing"
	"time"

	"securepush/api"
)

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(vectors[3].authorization); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck is what every request costs, but for the look-up of the rule.
func BenchmarkCheck(b *testing.B) {
	key, now := api.NewSecret(vectorKey), time.Unix(0, 0)
	u := &url.URL{Path: vectors[3].path}
	b.ReportAllocs()
	for b.Loop() {
		token, err := Parse(vectors[3].authorization)
		if err != nil || !token.SignedBy(key) || token.Expired(now) || !token.CoversURL(local, u) {
			b.Fatal("refused", err)
		}
	}
}
