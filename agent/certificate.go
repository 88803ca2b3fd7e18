package agent

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/secure"
)

// maxCertificateText is how much of a certificate's words is handed on, in bytes.
const maxCertificateText = 200

// checkServer looks whether a SecurePush server answers at an address, and what certificate it shows.
func (a *Agent) checkServer(ctx context.Context, address string) (local.ServerInfo, error) {
	base, err := api.ParseServer(address)
	if err != nil {
		return local.ServerInfo{}, err
	}
	trust := secure.TrustOptions{CAFile: a.settings.get().CAFile}
	w, state, err := a.newClient(base).Meet(ctx)
	info := local.ServerInfo{URL: base.String(), Name: w.Name, Version: w.Version}
	var problem *api.Problem
	var refused *tls.CertificateVerificationError
	switch {
	case errors.As(err, &refused) && errors.As(err, &problem) && len(refused.UnverifiedCertificates) > 0:
		leaf := refused.UnverifiedCertificates[0]
		info.Certificate = describe(leaf, base, distrust(leaf, refused.Err, time.Now())) // as the handshake has it
		info.Untrusted = problem
	case err != nil:
		return local.ServerInfo{}, err
	case state != nil && len(state.PeerCertificates) > 0:
		kind := local.TrustSystem
		if trust.Vouched(state.VerifiedChains) {
			kind = local.TrustFile
		}
		info.Certificate = describe(state.PeerCertificates[0], base, kind)
	}
	return info, nil
}

// distrust says why a certificate was refused.
func distrust(c *x509.Certificate, err error, now time.Time) local.Trust {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && c.Equal(invalid.Cert) && now.After(c.NotAfter):
		return local.TrustExpired
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && c.Equal(invalid.Cert) && now.Before(c.NotBefore):
		return local.TrustEarly
	case errors.As(err, &name):
		return local.TrustOtherName
	case errors.As(err, &unknown):
		return local.TrustUnknown
	default:
		return local.TrustOdd
	}
}

func describe(c *x509.Certificate, base *url.URL, trust local.Trust) *local.Certificate {
	sum := sha256.Sum256(c.Raw)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return &local.Certificate{
		Subject: certificateText(subjectOf(c, base.Hostname())), Issuer: certificateText(issuerOf(c)),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Fingerprint: strings.Join(pairs, ":"), Trust: trust,
	}
}

// subjectOf is the name of a certificate that is for a host, or else the first that it has.
func subjectOf(c *x509.Certificate, host string) string {
	for _, name := range c.DNSNames {
		if (&x509.Certificate{DNSNames: []string{name}}).VerifyHostname(host) == nil {
			return name
		}
	}
	for _, ip := range c.IPAddresses {
		if ip.String() == host {
			return host
		}
	}
	switch {
	case len(c.DNSNames) > 0:
		return c.DNSNames[0]
	case len(c.IPAddresses) > 0:
		return c.IPAddresses[0].String()
	default:
		return c.Subject.CommonName
	}
}

// issuerOf is the organisation and the name of who has issued a certificate.
func issuerOf(c *x509.Certificate) string {
	name := c.Issuer.CommonName
	if len(c.Issuer.Organization) == 0 || c.Issuer.Organization[0] == "" {
		if name == "" {
			return c.Issuer.String()
		}
		return name
	}
	if organisation := c.Issuer.Organization[0]; name != "" && name != organisation {
		return organisation + " (" + name + ")"
	}
	return c.Issuer.Organization[0]
}

func certificateText(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxCertificateText)], "")
}
