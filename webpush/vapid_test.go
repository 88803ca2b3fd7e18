package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const testOrigin = "https://push.example"

func newVAPID(t testing.TB) *VAPIDKey {
	t.Helper()
	k, err := GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// token signs any header and claims.
func token(t testing.TB, k *VAPIDKey, header, body string, der bool) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(body))
	digest := sha256.Sum256([]byte(text))
	if der {
		sig, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + base64.RawURLEncoding.EncodeToString(sig)
	}
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	var sig [64]byte
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(sig[:])
}

const es256 = `{"typ":"JWT","alg":"ES256"}`

func body(aud string, exp any) string {
	b, _ := json.Marshal(map[string]any{"aud": aud, "exp": exp, "sub": "mailto:push@example.org"})
	return string(b)
}

func TestWhatTheSignerWritesVerifies(t *testing.T) {
	k := newVAPID(t)
	s := NewSigner(k, "mailto:push@example.org", func() time.Time { return noon })
	header, err := s.Authorization(mustURL(t, "https://Push.Example:443/wpush/v2/token?x=1"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := VerifyVAPID(header, "", testOrigin, noon)
	if err != nil {
		t.Fatal(err)
	}
	if base64.RawURLEncoding.EncodeToString(key) != k.PublicKey() || s.PublicKey() != k.PublicKey() {
		t.Error("verified with another key")
	}
	parts := strings.Split(headerValue(strings.TrimPrefix(header, "vapid "), "t"), ".")
	if got := string(unbase64(t, parts[0])); got != es256 {
		t.Errorf("header %s", got)
	}
	want := fmt.Sprintf(`{"aud":"https://push.example","exp":%d,"sub":"mailto:push@example.org"}`, noon.Add(12*time.Hour).Unix())
	if got := string(unbase64(t, parts[1])); got != want {
		t.Errorf("claims %s, want %s", got, want)
	}
	if len(unbase64(t, parts[2])) != 64 || len(k.PublicKey()) != 87 {
		t.Error("signature or key has another size")
	}
}

func TestASignerSignsOncePerOriginAndRenewsInTime(t *testing.T) {
	now := noon
	s := NewSigner(newVAPID(t), "mailto:a@example.org", func() time.Time { return now })
	get := func(endpoint string) string {
		t.Helper()
		h, err := s.Authorization(mustURL(t, endpoint))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first := get("https://a.example/1")
	if get("https://a.example:443/2") != first {
		t.Error("signed twice for one origin")
	}
	if get("https://b.example/1") == first {
		t.Error("one token for two origins")
	}
	now = noon.Add(tokenLife - tokenRenew - time.Second)
	if get("https://a.example/1") != first {
		t.Error("renewed too early")
	}
	now = noon.Add(tokenLife - tokenRenew)
	if get("https://a.example/1") == first {
		t.Error("not renewed")
	}
	now = noon.Add(-48 * time.Hour) // the clock was set back
	if _, err := VerifyVAPID(get("https://a.example/1"), "", "https://a.example", now); err != nil {
		t.Error(err)
	}
	for i := range 2 * maxTokens {
		get(fmt.Sprintf("https://%d.example/", i))
	}
	if len(s.tokens) > maxTokens {
		t.Errorf("remembers %d tokens", len(s.tokens))
	}
	if _, err := s.Authorization(mustURL(t, "ftp://a.example/")); err == nil {
		t.Error("signed for ftp")
	}
}

func TestASignerAndAVerifierMayBeShared(t *testing.T) {
	s := NewSigner(newVAPID(t), "mailto:a@example.org", nil)
	v := NewVerifier(testOrigin)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				h, err := s.Authorization(&url.URL{Scheme: "https", Host: "push.example"})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := v.Verify(h, "", time.Now()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestOriginIsSchemeHostAndUnusualPort(t *testing.T) {
	for in, want := range map[string]string{
		"https://push.example/wpush/v2/x": "https://push.example",
		"HTTPS://Push.Example:443":        "https://push.example",
		"https://push.example:8443/":      "https://push.example:8443",
		"http://127.0.0.1:80/":            "http://127.0.0.1",
		"http://127.0.0.1:443/":           "http://127.0.0.1:443",
		"http://[::1]:8700/x":             "http://[::1]:8700",
		"https://[::1]/x":                 "https://[::1]",
		"ftp://push.example":              "",
		"/wpush":                          "",
		"https://:443/":                   "",
	} {
		got, err := Origin(mustURL(t, in))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s gave %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestHeadersAreTakenAsSendersWriteThem(t *testing.T) {
	k := newVAPID(t)
	tok := token(t, k, es256, body(testOrigin, noon.Add(time.Hour).Unix()), false)
	point := unbase64(t, k.PublicKey())
	standard := base64.StdEncoding.EncodeToString(point)
	tests := []struct{ name, authorization, cryptoKey string }{
		{"the usual form", "vapid t=" + tok + ", k=" + k.PublicKey(), ""},
		{"no space behind the comma", "vapid t=" + tok + ",k=" + k.PublicKey(), ""},
		{"key first, scheme in capitals", "VAPID  k=" + k.PublicKey() + " , t=" + tok, ""},
		{"quoted values", `vapid t="` + tok + `", k="` + k.PublicKey() + `"`, ""},
		{"a padded key", "vapid t=" + tok + ", k=" + base64.URLEncoding.EncodeToString(point), ""},
		{"a key in standard base64", "vapid t=" + tok + ", k=" + standard, ""},
		{"the older form", "WebPush " + tok, "p256ecdsa=" + k.PublicKey()},
		{"the older form with the sender's key", "Bearer " + tok, "dh=BAAA;p256ecdsa=" + k.PublicKey()},
		{"the older form with a comma", "webpush " + tok, `keyid=p256dh;dh=BAAA,p256ecdsa="` + k.PublicKey() + `"`},
		{"a fractional expiry", "vapid k=" + k.PublicKey() + ",t=" + token(t, k, es256, body(testOrigin, float64(noon.Unix())+0.5), false), ""},
		{"the last moment of a day", "vapid k=" + k.PublicKey() + ",t=" + token(t, k, es256, body(testOrigin, noon.Add(24*time.Hour).Unix()), false), ""},
		{"no subject", "vapid k=" + k.PublicKey() + ",t=" +
			token(t, k, es256, fmt.Sprintf(`{"aud":%q,"exp":%d}`, testOrigin, noon.Unix()+60), false), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := NewVerifier(testOrigin)
			for range 2 { // the second answer comes from memory
				key, err := v.Verify(test.authorization, test.cryptoKey, noon)
				if err != nil || string(key) != string(point) {
					t.Errorf("%x, %v", key, err)
				}
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	k, other := newVAPID(t), newVAPID(t)
	exp := noon.Add(time.Hour).Unix()
	good := token(t, k, es256, body(testOrigin, exp), false)
	with := func(tok string) string { return "vapid t=" + tok + ", k=" + k.PublicKey() }
	claim := func(c string) string { return with(token(t, k, es256, c, false)) }
	if _, err := VerifyVAPID(with(good), "", testOrigin, noon); err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(good, ".")
	claims, sig, _ := strings.Cut(rest, ".")
	point := unbase64(t, k.PublicKey())
	point[64] ^= 1
	tests := []struct{ name, authorization, cryptoKey string }{
		{"no header", "", ""},
		{"another scheme", "Basic " + good, ""},
		{"a scheme alone", "vapid", ""},
		{"no key", "vapid t=" + good, ""},
		{"no token", "vapid k=" + k.PublicKey(), ""},
		{"the older form without a key", "WebPush " + good, "dh=BAAA"},
		{"another key", "vapid t=" + good + ", k=" + other.PublicKey(), ""},
		{"a key off the curve", "vapid t=" + good + ", k=" + base64.RawURLEncoding.EncodeToString(point), ""},
		{"a compressed key", "vapid t=" + good + ", k=" + base64.RawURLEncoding.EncodeToString(append([]byte{2}, point[1:33]...)), ""},
		{"a key that is not base64", "vapid t=" + good + ", k=!", ""},
		{"another audience", claim(body("https://other.example", exp)), ""},
		{"an audience with a slash at its end", claim(body(testOrigin+"/", exp)), ""},
		{"an audience with a path", claim(body(testOrigin+"/wpush", exp)), ""},
		{"an audience with the usual port", claim(body(testOrigin+":443", exp)), ""},
		{"an audience in http", claim(body("http://push.example", exp)), ""},
		{"a list of audiences", claim(fmt.Sprintf(`{"aud":[%q],"exp":%d}`, testOrigin, exp)), ""},
		{"no audience", claim(fmt.Sprintf(`{"exp":%d}`, exp)), ""},
		{"an expiry in the past", claim(body(testOrigin, noon.Add(-time.Second).Unix())), ""},
		{"an expiry of now", claim(body(testOrigin, noon.Unix())), ""},
		{"an expiry more than a day ahead", claim(body(testOrigin, noon.Add(24*time.Hour).Unix()+1)), ""},
		{"an expiry beyond numbers", claim(`{"aud":"` + testOrigin + `","exp":1e999}`), ""},
		{"an expiry as a string", claim(body(testOrigin, fmt.Sprint(exp))), ""},
		{"an expiry of null", claim(body(testOrigin, nil)), ""},
		{"no expiry", claim(`{"aud":"` + testOrigin + `"}`), ""},
		{"claims that are not an object", claim(`[]`), ""},
		{"claims that are not JSON", claim(`{`), ""},
		{"a signature in DER", with(token(t, k, es256, body(testOrigin, exp), true)), ""},
		{"a signature of 63 bytes", with(good[:len(good)-2]), ""},
		{"a signature of zeros", with(head + "." + claims + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 64))), ""},
		{"no signature", with(head + "." + claims + "."), ""},
		{"two parts", with(head + "." + claims), ""},
		{"four parts", with(good + ".e30"), ""},
		{"claims of another token", with(head + "." + base64.RawURLEncoding.EncodeToString([]byte(body(testOrigin, exp+1))) + "." + sig), ""},
		{"the algorithm none", with(token(t, k, `{"alg":"none"}`, body(testOrigin, exp), false)), ""},
		{"the algorithm HS256", with(token(t, k, `{"alg":"HS256"}`, body(testOrigin, exp), false)), ""},
		{"a critical extension", with(token(t, k, `{"alg":"ES256","crit":["b64"],"b64":false}`, body(testOrigin, exp), false)), ""},
		{"a header that is not JSON", with(token(t, k, `x`, body(testOrigin, exp), false)), ""},
		{"a header that is not base64", with("!." + claims + "." + sig), ""},
		{"a padded token", with(good + "=="), ""},
		{"a header of 5,000 bytes", with(good) + ", x=" + strings.Repeat("a", 5000), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if key, err := VerifyVAPID(test.authorization, test.cryptoKey, testOrigin, noon); !errors.Is(err, ErrVAPID) || key != nil {
				t.Errorf("got %x, %v", key, err)
			}
			v := NewVerifier(testOrigin)
			for range 2 {
				if key, err := v.Verify(test.authorization, test.cryptoKey, noon); !errors.Is(err, ErrVAPID) || key != nil {
					t.Errorf("the verifier got %x, %v", key, err)
				}
			}
			if len(v.seen) != 0 {
				t.Error("the verifier remembers what it refused")
			}
		})
	}
}

func TestAVerifierForgetsATokenThatExpired(t *testing.T) {
	k := newVAPID(t)
	v := NewVerifier(testOrigin)
	header := "vapid t=" + token(t, k, es256, body(testOrigin, noon.Add(time.Hour).Unix()), false) + ", k=" + k.PublicKey()
	if _, err := v.Verify(header, "", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(header, "", noon.Add(time.Hour)); !errors.Is(err, ErrVAPID) {
		t.Errorf("an expired token gave %v", err)
	}
	for i := range maxVerified + 10 {
		h := "vapid t=" + token(t, k, es256, body(testOrigin, noon.Unix()+int64(i)+1), false) + ", k=" + k.PublicKey()
		if _, err := v.Verify(h, "", noon); err != nil {
			t.Fatal(err)
		}
	}
	if len(v.seen) > maxVerified {
		t.Errorf("remembers %d tokens", len(v.seen))
	}
}

func TestAVAPIDKeyComesBackFromEitherForm(t *testing.T) {
	k := newVAPID(t)
	raw, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		t.Fatal(err)
	}
	block := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	for _, s := range []string{raw, raw + "=\n", block} {
		back, err := ParseVAPID(s)
		if err != nil {
			t.Fatal(err)
		}
		if back.PublicKey() != k.PublicKey() {
			t.Error("another key came back")
		}
	}
}

func TestParseVAPIDRefuses(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(p384)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"", "!", vectorDevice[:40], vectorDevice + "AAAA", base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	} {
		if _, err := ParseVAPID(s); !errors.Is(err, errVAPIDKey) {
			t.Errorf("%q gave %v", s, err)
		}
	}
}
