//go:build linux

package faults

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// siteName is the name of a site that no name service knows: only the HTTP proxy leads there. Go never asks a proxy for
// the way to a loopback address.
const siteName = "push.test"

// papers are the certificates of a site, one of which it shows.
type papers struct {
	t        testing.TB
	file     string // the authority that the device trusts, PEM
	named    bool   // the site goes by siteName
	good     *tls.Certificate
	expired  *tls.Certificate
	stranger *tls.Certificate // of another authority of the same name
	current  atomic.Pointer[tls.Certificate]
	refused  atomic.Int64 // handshakes in which one that is not good was shown
}

func newPapers(t testing.TB, dir string, named bool) *papers {
	t.Helper()
	ca, other := newAuthority(t), newAuthority(t)
	day := 24 * time.Hour
	p := &papers{
		t: t, named: named, file: filepath.Join(dir, "authority.pem"),
		good: ca.issue(t, time.Now().Add(day)), expired: ca.issue(t, time.Now().Add(-time.Hour)), stranger: other.issue(t, time.Now().Add(day)),
	}
	if err := os.WriteFile(p.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	p.current.Store(p.good)
	return p
}

// address is the host and port of the site's public address.
func (p *papers) address(listens string) string {
	if p.named {
		return siteName
	}
	return listens
}

// config shows the current certificate in each handshake, and notes on the wire which it was.
func (p *papers) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		c := p.current.Load()
		if w, ok := hello.Conn.(*wire); ok {
			w.shown.Store(c)
		}
		if c != p.good {
			p.refused.Add(1)
		}
		return c, nil
	}}
}

// connKey is the key of a request's connection.
type connKey struct{}

func rememberConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// heard fails the test for a request over a connection whose certificate was not good.
func (p *papers) heard(r *http.Request) {
	c, _ := r.Context().Value(connKey{}).(*tls.Conn)
	if c == nil {
		p.t.Error("a request came without TLS")
		return
	}
	if w, ok := c.NetConn().(*wire); !ok || w.shown.Load() != p.good {
		p.t.Errorf("the device asked for %s over a connection that it must not trust; with a token: %t", r.URL.Path, r.Header.Get("Authorization") != "")
	}
}

// authority is a certificate authority that no system trusts.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Faults"},
		NotBefore: time.Now().Add(-72 * time.Hour), NotAfter: time.Now().Add(72 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key := newKey(t)
	cert, err := x509.ParseCertificate(signed(t, template, template, key, key))
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert: cert, key: key}
}

// issue makes a certificate for the site, under its name and at its address.
func (a *authority) issue(t testing.TB, until time.Time) *tls.Certificate {
	t.Helper()
	key := newKey(t)
	der := signed(t, &x509.Certificate{
		SerialNumber: big.NewInt(until.UnixNano()), Subject: pkix.Name{CommonName: siteName}, DNSNames: []string{siteName},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, key, a.key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func signed(t testing.TB, template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
