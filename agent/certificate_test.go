package agent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/secure"
)

// authority issues certificates for servers of a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its certificate as PEM
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t), file: filepath.Join(t.TempDir(), "authority.pem")}
	a.cert = a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "Root 1", Organization: []string{"St. Anna Clinic"}}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}, a.key)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if err := os.WriteFile(a.file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) issue(c *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	by := a.cert
	if by == nil {
		by = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return made
}

// serve runs a server with a certificate, and returns its address.
func (a *authority) serve(handler http.Handler, c *x509.Certificate) (address string, shown *x509.Certificate) {
	a.t.Helper()
	key := newKey(a.t)
	shown = a.issue(c, key)
	srv := httptest.NewUnstartedServer(handler)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{shown.Raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	a.t.Cleanup(srv.Close)
	return srv.URL, shown
}

// lasting is a certificate for this machine, valid around now.
func lasting(change func(*x509.Certificate)) *x509.Certificate {
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: "push"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(c)
	}
	return c
}

var known = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"product":"securepush","name":"Clinic"}`)
})

// alone is an agent's client without a listener, with a certificate file or "".
func alone(t *testing.T, caFile string) *local.Client {
	t.Helper()
	dir := t.TempDir()
	a, err := Open(t.Context(), Options{
		Paths: Paths{ConfigDir: dir + "/c", StateDir: dir + "/s", RuntimeDir: dir + "/r"}, Executable: "/bin/false", Vault: secure.NewMemory(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	c := &local.Client{Transport: a.Transport()}
	if caFile != "" {
		s, err := c.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.CAFile = caFile
		if err := c.SaveSettings(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestTheCertificateOfACheckedServerIsTold(t *testing.T) {
	a := newAuthority(t)
	for _, tt := range []struct {
		name        string
		file        string
		certificate *x509.Certificate
		trust       local.Trust
		code        api.Code
		subject     string
	}{
		{"by the own authority", a.file, lasting(nil), local.TrustFile, "", "127.0.0.1"},
		{"an authority that nobody knows", "", lasting(nil), local.TrustUnknown, api.CodeUntrusted, "127.0.0.1"},
		{"expired", a.file, lasting(func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
		}), local.TrustExpired, api.CodeUntrusted, "127.0.0.1"},
		{
			"not valid yet", a.file, lasting(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) }),
			local.TrustEarly, api.CodeUntrusted, "127.0.0.1",
		},
		{"for another host", a.file, lasting(func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil, []string{"mail.clinic.example", "www.clinic.example"}
		}), local.TrustOtherName, api.CodeUntrusted, "mail.clinic.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, shown := a.serve(known, tt.certificate)
			info, err := alone(t, tt.file).CheckServer(t.Context(), address)
			if api.CodeOf(err) != tt.code || info.URL != address {
				t.Fatalf("%+v, %v", info, err)
			}
			c := info.Certificate
			if c == nil {
				t.Fatal("no certificate")
			}
			sum := sha256.Sum256(shown.Raw)
			if got := strings.ToLower(strings.ReplaceAll(c.Fingerprint, ":", "")); got != hex.EncodeToString(sum[:]) || len(c.Fingerprint) != 95 {
				t.Errorf("fingerprint %s", c.Fingerprint)
			}
			if c.Trust != tt.trust || c.Subject != tt.subject || c.Issuer != "St. Anna Clinic (Root 1)" ||
				!c.NotAfter.Equal(shown.NotAfter) || !c.NotBefore.Equal(shown.NotBefore) {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestAServerWithoutTLSHasNoCertificate(t *testing.T) {
	srv := httptest.NewServer(known)
	defer srv.Close()
	info, err := alone(t, "").CheckServer(t.Context(), srv.URL)
	if err != nil || info.Name != "Clinic" || info.Certificate != nil {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestTheCertificateIsThatOfTheConnectionThatWasChecked(t *testing.T) {
	a := newAuthority(t)
	address, first := a.serve(known, lasting(nil))
	other, second := a.serve(known, lasting(nil))
	c := alone(t, a.file)
	for range 2 { // the second time by connections that are kept
		for url, cert := range map[string]*x509.Certificate{address: first, other: second} {
			info, err := c.CheckServer(t.Context(), url)
			sum := sha256.Sum256(cert.Raw)
			if err != nil || strings.ToLower(strings.ReplaceAll(info.Certificate.Fingerprint, ":", "")) != hex.EncodeToString(sum[:]) {
				t.Errorf("%+v, %v", info, err)
			}
		}
	}
}

func TestWhatACertificateSaysIsShortAndText(t *testing.T) {
	c := &x509.Certificate{Issuer: pkix.Name{CommonName: strings.Repeat("é", 5000) + "\xff"}, Subject: pkix.Name{CommonName: "\xff\xfe"}}
	if got := certificateText(issuerOf(c)); len(got) > maxCertificateText || strings.ToValidUTF8(got, "?") != got {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	for _, tt := range []struct{ host, want string }{
		{"push.clinic.example", "push.clinic.example"},
		{"a.wards.example", "*.wards.example"},
		{"elsewhere.example", "clinic.example"},
	} {
		c := &x509.Certificate{Subject: pkix.Name{CommonName: "old"}, DNSNames: []string{"clinic.example", "push.clinic.example", "*.wards.example"}}
		if got := subjectOf(c, tt.host); got != tt.want {
			t.Errorf("%s: %s", tt.host, got)
		}
	}
}
