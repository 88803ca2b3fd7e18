package sas

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"securepush/api"
)

func FuzzParse(f *testing.F) {
	signed := map[string]bool{} // what the key did sign
	for _, v := range vectors {
		f.Add(v.authorization)
		token := mustParse(f, v.authorization)
		signed[token.sr+"\n"+token.se] = true
	}
	f.Add("")
	f.Add("SharedAccessSignature sr=%&sig&se=-1&skn=%00&&=")
	names := []string{ErrMissing.Name, ErrMalformed.Name, ErrNoSignature.Name, ErrNoExpiry.Name}
	key := api.NewSecret(vectorKey)
	f.Fuzz(func(t *testing.T, authorization string) {
		token, err := Parse(authorization)
		if err != nil {
			var typed *Error
			if token != nil || !errors.As(err, &typed) || !slices.Contains(names, typed.Name) {
				t.Errorf("%v, %v", token, err)
			}
			return
		}
		if !utf8.ValidString(token.Rule()) || strings.ContainsRune(token.Rule(), 0) || token.Rule() == "" {
			t.Errorf("rule %q", token.Rule())
		}
		if token.SignedBy(api.Secret{}) {
			t.Error("the empty key signed it")
		}
		if token.SignedBy(key) && !signed[token.sr+"\n"+token.se] {
			t.Error("a token that was not signed counts as signed")
		}
		token.Expired(time.Unix(0, 0))
		token.Covers(local, "/hub1/messages")
	})
}

func FuzzSign(f *testing.F) {
	f.Add("https://localhost:9443/", "DefaultFull", vectorKey, int64(1795287288))
	f.Add("https://localhost/hub/tags/Ännes + Tag?a=%20&b#c", "a b+c&d=e%41", "k", int64(0))
	f.Add("", "", "", int64(-1))
	f.Fuzz(func(t *testing.T, resource, rule, key string, expires int64) {
		at := time.Unix(expires, 0)
		authorization := Sign(resource, rule, api.NewSecret(key), at).Reveal()
		token, err := Parse(authorization)
		fits := len(authorization) <= maxHeader && resource != "" && validName(rule) && expires >= 0
		if fits != (err == nil) {
			t.Fatalf("%s: %v", authorization, err)
		}
		if err != nil {
			return
		}
		if token.Rule() != rule || token.resource != strings.ToLower(resource) || token.expires != expires {
			t.Errorf("%q, %q, %d", token.rule, token.resource, token.expires)
		}
		if token.SignedBy(api.NewSecret(key)) != (key != "") || token.SignedBy(api.NewSecret(key+"x")) {
			t.Error("the key did not sign it, or another did")
		}
	})
}

func FuzzParseConnectionString(f *testing.F) {
	f.Add(connectionText)
	f.Add("SharedAccessKey=a=;Endpoint=sb://[::1%25eth0]:1;SharedAccessKeyName=Änne;")
	f.Add("Endpoint=sb://a%20b/;SharedAccessKeyName=;SharedAccessKey")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConnectionString(api.NewSecret(text))
		if err != nil {
			if c != (ConnectionString{}) {
				t.Errorf("%v beside %v", c, err)
			}
			return
		}
		back, err := ParseConnectionString(api.NewSecret(c.Reveal()))
		if err != nil || back.Reveal() != c.Reveal() || back.Rule != c.Rule || !back.Key.Equal(c.Key) || *back.Endpoint != *c.Endpoint {
			t.Errorf("%q came back as %q, %v", c.Reveal(), back.Reveal(), err)
		}
		if c.Endpoint.Scheme != "https" || c.Endpoint.Hostname() == "" || c.Endpoint.Path != "/" {
			t.Errorf("endpoint %q", c.Endpoint)
		}
	})
}
