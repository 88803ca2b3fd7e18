package sas

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// vectorKey signed the vectors: as text, though it is base64.
const vectorKey = "bXktc2VjcmV0LWtleQ=="

// vectors 1 to 4 were captured from the clients as they are published; 5 and 6 follow the source of those.
var vectors = []struct {
	name          string
	authorization string
	expires       int64
	method        string // where the token was seen
	path          string
}{
	{
		"@azure/notification-hubs signs the root of the namespace",
		"SharedAccessSignature sr=https%3A%2F%2Flocalhost%3A9443%2F&sig=p07ePbpPgSJ1KNP2eP7lKhc%2FN9yzxZT59WrNRWGJ%2BYs%3D&se=1795287288&skn=Default%46ull",
		1795287288, "POST", "/hub1/registrationIDs",
	},
	{
		"azure-sb signs the whole URI, with query",
		"SharedAccessSignature sig=Oa3kvhsVd8baY6149vEaAlScNtA8TVUJ0V0iLIrY8rI%3D&se=1795283996&skn=DefaultFull&sr=https%3a%2f%2f127.0.0.1%3a9446%2fhub1%2fregistrationids%3fapi-version%3d2016-07",
		1795283996, "POST", "/hub1/registrationids",
	},
	{
		"azure-sb lowers the case that the request keeps",
		"SharedAccessSignature sig=IpmagFkmA%2Bb82c7s5ofzbkDpRYQK%2BN%2F9YtK9n9vtpWY%3D&se=1795283996&skn=DefaultFull&sr=https%3a%2f%2f127.0.0.1%3a9446%2fhub1%2fmessages%3fapi-version%3d2016-07",
		1795283996, "POST", "/hub1/Messages",
	},
	{
		"azure-sb encodes a query that is encoded already",
		"SharedAccessSignature sig=GNyAs7j67ZuynrxPwWGrlByOl2Q39%2BS9IgwXmTnde%2Bc%3D&se=1795283996&skn=DefaultFull&sr=https%3a%2f%2f127.0.0.1%3a9446%2fhub1%2ftags%2fusername%3abob%2fregistrations%3f%2524top%3d10%26api-version%3d2016-07",
		1795283996, "GET", "/hub1/tags/username:bob/registrations",
	},
	{
		".NET writes http, no port, and a slash at the end",
		"SharedAccessSignature sr=http%3a%2f%2flocalhost%2fhub1%2fmessages%2f&sig=mwGs4OvMUf1NAjVkh2%2FO%2Fdp%2BDq7G5OWTNYqHU6J0xyY%3D&se=1795287288&skn=DefaultFull",
		1795287288, "POST", "/hub1/messages",
	},
	{
		"Java signs the whole URI, with port and query",
		"SharedAccessSignature sr=https%3a%2f%2flocalhost%3a9443%2fhub1%2fmessages%3fapi-version%3d2020-06&sig=2PTo2eN88J11VqjRv7%2Fd6witAS3OaZ36peBKNVd%2BXdU%3D&se=1795287288&skn=DefaultFull",
		1795287288, "POST", "/hub1/messages",
	},
}

func local(name string) bool { return name == "localhost" || name == "127.0.0.1" }

func mustParse(tb testing.TB, authorization string) *Token {
	tb.Helper()
	token, err := Parse(authorization)
	if err != nil {
		tb.Fatalf("%s: %v", authorization, err)
	}
	return token
}

func TestTokensOfOfficialClientsAreAccepted(t *testing.T) {
	key := api.NewSecret(vectorKey)
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			token := mustParse(t, v.authorization)
			if token.Rule() != "DefaultFull" {
				t.Errorf("rule %q", token.Rule())
			}
			if !token.SignedBy(key) || token.SignedBy(api.NewSecret("my-secret-key")) || token.SignedBy(api.Secret{}) {
				t.Error("it is not the key's text, and that alone, that signed")
			}
			if token.Expired(time.Unix(v.expires-1, 999)) || !token.Expired(time.Unix(v.expires, 0)) {
				t.Error("it does not expire at its second")
			}
			if !token.Covers(local, v.path) || !token.CoversURL(local, &url.URL{Path: v.path}) {
				t.Error("it does not cover the request it was sent with")
			}
		})
	}
}

// signature is that of the first vector, under whose resource and time the tests write other tokens.
const (
	resource  = "sr=https%3A%2F%2Flocalhost%3A9443%2F"
	signature = "sig=p07ePbpPgSJ1KNP2eP7lKhc%2FN9yzxZT59WrNRWGJ%2BYs%3D"
	expiry    = "se=1795287288"
	ruleName  = "skn=DefaultFull"
)

func token(pairs ...string) string { return "SharedAccessSignature " + strings.Join(pairs, "&") }

func TestTheFormOfATokenIsReadGenerously(t *testing.T) {
	key := api.NewSecret(vectorKey)
	for name, authorization := range map[string]string{
		"any order":                            token(ruleName, expiry, signature, resource),
		"unknown parameters":                   token("a=b", resource, "a=c", signature, "x", expiry, "sro=1", ruleName, ""),
		"the scheme in any case":               strings.ToUpper("SharedAccessSignature") + " " + strings.Join([]string{resource, signature, expiry, ruleName}, "&"),
		"either case of hex":                   token(resource, strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").Replace(signature), expiry, ruleName),
		"a signature that is not encoded":      token(resource, "sig=p07ePbpPgSJ1KNP2eP7lKhc/N9yzxZT59WrNRWGJ+Ys=", expiry, ruleName),
		"Android's line break after signature": token(resource, signature+"%0A", expiry, ruleName),
	} {
		t.Run(name, func(t *testing.T) {
			if !mustParse(t, authorization).SignedBy(key) {
				t.Error("the signature is not recognised")
			}
		})
	}
}

func TestTheRuleOfATokenIsPercentDecoded(t *testing.T) {
	for skn, want := range map[string]string{
		"a+b":                    "a+b",
		"a%2Bb%20c":              "a+b c",
		"a=b":                    "a=b",
		"%C3%84nne":              "Änne",
		"Änne":                   "Änne",
		strings.Repeat("ä", 256): strings.Repeat("ä", 256),
	} {
		if got := mustParse(t, token(resource, signature, expiry, "skn="+skn)).Rule(); got != want {
			t.Errorf("%q is %q, not %q", skn, got, want)
		}
	}
}

func TestBadTokensAreRefusedByName(t *testing.T) {
	long := "x=" + strings.Repeat("y", maxHeader)
	for _, c := range []struct {
		name, authorization string
		want                *Error
	}{
		{"no header", "", ErrMissing},
		{"only the scheme", "SharedAccessSignature", ErrMalformed},
		{"the scheme and a space", "SharedAccessSignature ", ErrMalformed},
		{"another scheme", "Bearer abc", ErrMalformed},
		{"no space after the scheme", "SharedAccessSignature" + resource, ErrMalformed},
		{"two spaces after the scheme", token(" "+resource, signature, expiry, ruleName), ErrMalformed},
		{"a tab after the scheme", "SharedAccessSignature\t" + strings.Join([]string{resource, signature, expiry, ruleName}, "&"), ErrMalformed},
		{"longer than 4 KB", token(resource, signature, expiry, ruleName, long), ErrMalformed},
		{"sr twice", token(resource, resource, signature, expiry, ruleName), ErrMalformed},
		{"sig twice", token(resource, signature, signature, expiry, ruleName), ErrMalformed},
		{"se twice", token(resource, signature, expiry, "se=", ruleName), ErrMalformed},
		{"skn twice", token(resource, signature, expiry, ruleName, "skn"), ErrMalformed},
		{"no sr", token(signature, expiry, ruleName), ErrMalformed},
		{"sr empty", token("sr=", signature, expiry, ruleName), ErrMalformed},
		{"sr in another case", token("SR=a", signature, expiry, ruleName), ErrMalformed},
		{"sr with half an escape", token("sr=https%3", signature, expiry, ruleName), ErrMalformed},
		{"no skn", token(resource, signature, expiry), ErrMalformed},
		{"skn empty", token(resource, signature, expiry, "skn="), ErrMalformed},
		{"skn with half an escape", token(resource, signature, expiry, "skn=%G0"), ErrMalformed},
		{"skn of 257 characters", token(resource, signature, expiry, "skn="+strings.Repeat("n", 257)), ErrMalformed},
		{"skn with a null, which PostgreSQL refuses", token(resource, signature, expiry, "skn=a%00"), ErrMalformed},
		{"skn that is not UTF-8", token(resource, signature, expiry, "skn=a%FF"), ErrMalformed},
		{"sig with half an escape", token(resource, "sig=a%", expiry, ruleName), ErrMalformed},
		{"se that is no number", token(resource, signature, "se=soon", ruleName), ErrMalformed},
		{"se below zero", token(resource, signature, "se=-1", ruleName), ErrMalformed},
		{"se with a plus", token(resource, signature, "se=+1795287288", ruleName), ErrMalformed},
		{"se with a fraction", token(resource, signature, "se=1795287288.5", ruleName), ErrMalformed},
		{"se with a space", token(resource, signature, "se= 1795287288", ruleName), ErrMalformed},
		{"se in hexadecimal", token(resource, signature, "se=0x10", ruleName), ErrMalformed},
		{"se beyond int64", token(resource, signature, "se=9223372036854775808", ruleName), ErrMalformed},
		{"no sig", token(resource, expiry, ruleName), ErrNoSignature},
		{"sig empty", token(resource, "sig=", expiry, ruleName), ErrNoSignature},
		{"no se", token(resource, signature, ruleName), ErrNoExpiry},
		{"se empty", token(resource, signature, "se=", ruleName), ErrNoExpiry},
		{"malformed comes before no sig", token(resource, "se=soon", ruleName), ErrMalformed},
		{"no sig comes before no se", token(resource, ruleName), ErrNoSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			token, err := Parse(c.authorization)
			var typed *Error
			if token != nil || !errors.Is(err, c.want) || !errors.As(err, &typed) {
				t.Fatalf("%v, %v", token, err)
			}
			if errors.Is(err, ErrExpired) || typed.Name != c.want.Name || err.Error() != typed.Name+": "+typed.Sentence+"." {
				t.Errorf("%q", err)
			}
		})
	}
}

func TestAForgedTokenIsNotSigned(t *testing.T) {
	key := api.NewSecret(vectorKey)
	for name, authorization := range map[string]string{
		"another resource":              token("sr=https%3A%2F%2Flocalhost%3A9443%2Fhub", signature, expiry, ruleName),
		"the same resource, other hex":  token(strings.ToLower(resource), signature, expiry, ruleName),
		"the same resource, not hex":    token("sr=https://localhost:9443/", signature, expiry, ruleName),
		"another time":                  token(resource, signature, "se=1795287289", ruleName),
		"the same time, with a zero":    token(resource, signature, "se=01795287288", ruleName),
		"a signature one bit off":       token(resource, strings.Replace(signature, "p07", "q07", 1), expiry, ruleName),
		"a signature cut short":         token(resource, "sig=p07ePbpP", expiry, ruleName),
		"a signature of nothing":        token(resource, "sig=%0A", expiry, ruleName),
		"a signature not in base64":     token(resource, "sig=p07e!", expiry, ruleName),
		"a signature in base64url":      token(resource, "sig=p07ePbpPgSJ1KNP2eP7lKhc_N9yzxZT59WrNRWGJ-Ys=", expiry, ruleName),
		"a signature with bytes after":  token(resource, "sig=p07ePbpPgSJ1KNP2eP7lKhc%2FN9yzxZT59WrNRWGJ%2BYsA", expiry, ruleName),
		"a plus that became a space":    token(resource, "sig=p07ePbpPgSJ1KNP2eP7lKhc%2FN9yzxZT59WrNRWGJ%20Ys%3D", expiry, ruleName),
		"the empty key's own signature": Sign("https://localhost", "r", api.Secret{}, time.Unix(9, 0)).Reveal(),
	} {
		t.Run(name, func(t *testing.T) {
			token := mustParse(t, authorization)
			if token.SignedBy(key) || token.SignedBy(api.Secret{}) {
				t.Error("it counts as signed")
			}
		})
	}
	if new(Token).SignedBy(key) {
		t.Error("no token is signed")
	}
}

func TestATimeFarAwayIsNotCapped(t *testing.T) {
	now := time.Unix(1795287288, 0)
	for se, want := range map[string]bool{
		"0":                   true,
		"1795287288":          true,
		"1795287289":          false,
		"63930884088":         false, // counted from the year 1
		"9223372036854775807": false,
	} {
		if got := mustParse(t, token(resource, signature, "se="+se, ruleName)).Expired(now); got != want {
			t.Errorf("se=%s expired: %v", se, got)
		}
	}
}

func TestATokenMadeHereHasTheFormOfTheService(t *testing.T) {
	got := Sign("https://LocalHost:9443/", "Rule +1", api.NewSecret(vectorKey), time.Unix(1795287288, 5)).Reveal()
	if want := token(resource, signature, expiry, "skn=Rule%20%2B1"); got != want {
		t.Errorf("%s\nis not\n%s", got, want)
	}
	spaced := mustParse(t, Sign("https://localhost/hub/tags/Template Name", "r", api.NewSecret("k"), time.Unix(9, 0)).Reveal())
	if !spaced.SignedBy(api.NewSecret("k")) || !spaced.Covers(local, "/hub/tags/Template Name/registrations") {
		t.Error("a resource with a space is not covered")
	}
}

func TestATokenIsNotPrinted(t *testing.T) {
	parsed := mustParse(t, vectors[0].authorization)
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		fmt.Fprintf(&b, verb+verb, parsed, *parsed)
	}
	slog.New(slog.NewJSONHandler(&b, nil)).Info("", "token", parsed)
	slog.New(slog.NewTextHandler(&b, nil)).Info("", "token", *parsed)
	for _, part := range []string{"p07e", "localhost", "1795287288", "167 78", "a74ede"} { // the last two are the signature's first bytes
		if strings.Contains(b.String(), part) {
			t.Errorf("%s stands in %s", part, b.String())
		}
	}
	if strings.Count(b.String(), "DefaultFull") != 14 {
		t.Errorf("the rule's name is not in %s", b.String())
	}
}
