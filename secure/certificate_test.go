package secure_test

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"testing"

	"securepush/api"
	"securepush/secure"
)

func TestWhoStandsForACertificateIsTold(t *testing.T) {
	srv := tlsServer(t, nil)
	own := secure.TrustOptions{CAFile: caFile(t, srv)}
	tr, err := secure.Transport(own)
	must(t, err)
	base, err := url.Parse(srv.URL)
	must(t, err)
	_, state, err := (&api.Client{Base: base, HTTP: &http.Client{Transport: tr}}).Meet(t.Context())
	must(t, err)
	if state == nil || len(state.VerifiedChains) == 0 || !state.PeerCertificates[0].Equal(srv.Certificate()) {
		t.Fatalf("%+v", state)
	}
	system := append([][]*x509.Certificate{{{Raw: []byte("the system's")}}}, state.VerifiedChains...)
	for name, c := range map[string]struct {
		options secure.TrustOptions
		chains  [][]*x509.Certificate
		want    bool
	}{
		"the own authority alone":   {own, state.VerifiedChains, true},
		"the system as well":        {own, system, false},
		"no certificate file":       {secure.TrustOptions{}, state.VerifiedChains, false},
		"nobody":                    {own, nil, false},
		"a chain of nothing":        {own, [][]*x509.Certificate{{}}, false},
		"a file that has gone away": {secure.TrustOptions{CAFile: "/nowhere/ca.pem"}, state.VerifiedChains, false},
	} {
		if got := c.options.Vouched(c.chains); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
