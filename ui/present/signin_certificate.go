package present

import (
	"net/url"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/assets/words"
)

// Fact is a line of the details of a certificate.
type Fact struct{ Label, Words string }

// certificateRunes is how much of a certificate's own words is shown.
const certificateRunes = 80

// ToggleFacts shows the details of the certificate, or hides them.
func (p *SignIn) ToggleFacts() {
	p.ShowFacts = !p.ShowFacts
	p.Changed()
}

func (p *SignIn) forgetFacts() { p.Facts, p.ShowFacts = nil, false }

// distrust says why the certificate of the server is not trusted, where more is known than the problem says.
func (p *SignIn) distrust(info local.ServerInfo) {
	if c := info.Certificate; c != nil {
		if said := distrustWords(p.w, info.URL, *c); said != "" {
			p.CheckWords = said
			p.Untrusted = c.Trust == local.TrustUnknown
			p.Changed()
		}
	}
}

// distrustWords say what is wrong with a certificate and what to do, "" when that is not known.
func distrustWords(w *words.Words, address string, c local.Certificate) string {
	host := hostOf(address)
	switch c.Trust {
	case local.TrustExpired:
		return w.SigninExpired(host, w.Date(c.NotAfter.Local()))
	case local.TrustEarly:
		return w.SigninEarly(host, w.Date(c.NotBefore.Local()))
	case local.TrustOtherName:
		return w.SigninOtherHost(certificateLine(c.Subject), host)
	case local.TrustUnknown:
		return w.SigninUnknownIssuer(host, certificateLine(c.Issuer))
	case local.TrustSystem, local.TrustFile, local.TrustOdd:
	}
	return ""
}

// goodServer says in a line whose server answers.
func goodServer(w *words.Words, info local.ServerInfo) string {
	name := Line(info.Name)
	if name == "" {
		name = w.SigninNameless()
	}
	c := info.Certificate
	if c == nil {
		return w.SigninGoodLocal(name)
	}
	return w.SigninGood(name, certificateLine(c.Subject), certificateLine(c.Issuer), w.Date(c.NotAfter.Local()))
}

// factsOf are the details of a certificate, none without one.
func factsOf(w *words.Words, c *local.Certificate) []Fact {
	if c == nil {
		return nil
	}
	trust := w.SigninTrustNobody()
	switch c.Trust {
	case local.TrustSystem:
		trust = w.SigninTrustSystem()
	case local.TrustFile:
		trust = w.SigninTrustFile()
	case local.TrustExpired, local.TrustEarly, local.TrustOtherName, local.TrustUnknown, local.TrustOdd:
	}
	moment := func(t time.Time) string { return w.DateAndClock(t.Local()) }
	return []Fact{
		{w.SigninSubject(), certificateLine(c.Subject)},
		{w.SigninIssuer(), certificateLine(c.Issuer)},
		{w.SigninValid(), w.SigninSpan(moment(c.NotBefore), moment(c.NotAfter))},
		{w.SigninTrust(), trust},
		{w.SigninFingerprint(), fingerprintLines(c.Fingerprint)},
	}
}

func certificateLine(s string) string {
	if s = line(s, certificateRunes); s == "" {
		return "?"
	}
	return s
}

// fingerprintLines breaks a fingerprint where it can be compared, eight bytes at a time.
func fingerprintLines(s string) string {
	const eight = len("00:") * 8
	s = line(s, 2*lineRunes)
	var parts []string
	for len(s) > eight {
		parts, s = append(parts, s[:eight-1]), s[eight:]
	}
	return strings.Join(append(parts, s), "\n")
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
		return Line(u.Hostname())
	}
	return Line(address)
}
