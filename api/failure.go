package api

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// clockTolerance is how far this machine's clock may be off before a failed call is blamed on it.
const clockTolerance = 5 * time.Minute

// ParseServer reads a server's address as a person types it. "clinic.example" means https; http is accepted for
// loopback only (CodePlainHTTP otherwise). User information, queries and fragments are refused.
func ParseServer(s string) (*url.URL, error) {
	bad := NewProblem(CodeInvalidField, "This is not the address of a server. It looks like https://push.example.org.")
	bad.Field = "server"
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 2048 || strings.ContainsFunc(s, noAddress) {
		return nil, bad
	}
	if !strings.Contains(s, "://") {
		scheme := "https://"
		if u, err := url.Parse("http://" + s); err == nil && IsLoopback(u.Hostname()) {
			scheme = "http://"
		}
		s = scheme + s
	}
	u, err := url.Parse(s)
	if err != nil || !canBeHost(u.Hostname()) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, bad.Because(err)
	}
	switch u.Scheme {
	case "https":
	case "http":
		if !IsLoopback(u.Hostname()) {
			p := NewProblem(CodePlainHTTP, "This address is not encrypted. Use https://…, or localhost for trying things out.")
			p.Field = "server"
			return nil, p
		}
	default:
		return nil, bad
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// noAddress says whether a character has no place in an address: it cannot be seen, or stands for one that could not be read.
func noAddress(r rune) bool {
	return r <= ' ' || r == 0x7f || r == unicode.ReplacementChar || unicode.In(r, unicode.C, unicode.Z)
}

// canBeHost says whether a name can be that of a computer, in any script, or is an address.
func canBeHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	odd := func(r rune) bool {
		return r != '-' && r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}
	return s != "" && !strings.ContainsFunc(s, odd)
}

// IsLoopback says whether a host name can only mean this machine: "localhost" or a loopback address.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// ParseRetryAfter reads both forms of the header (RFC 9110 section 10.2.3) and clamps to between a second and an hour;
// 0 when there is none or it makes no sense.
func ParseRetryAfter(v string, now time.Time) time.Duration {
	if v == "" {
		return 0
	}
	var d time.Duration
	if n, err := strconv.ParseInt(v, 10, 32); err == nil {
		if n < 0 {
			return 0
		}
		d = time.Duration(n) * time.Second
	} else if t, err := http.ParseTime(v); err == nil {
		d = t.Sub(now)
	} else {
		return 0
	}
	return min(max(d, time.Second), time.Hour)
}

func unknownServer(err error) *Problem {
	return NewProblem(CodeUnknownServer, "This address answers, but not as a SecurePush server.").Because(err)
}

// problem reads an error answer.
func (c *Client) problem(resp *http.Response, body []byte) error {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	retry := ParseRetryAfter(resp.Header.Get("Retry-After"), now())
	var wire struct {
		Problem
		OAuth       Code   `json:"error"`             // RFC 6749 section 5.2
		Description string `json:"error_description"` //
	}
	if err := DecodeStrict(body, &wire); err != nil {
		wire.Problem = Problem{}
	}
	p := wire.Problem
	if p.Code == "" {
		p.Code, p.Detail = wire.OAuth, wire.Description
	}
	p.Status, p.RetryAfter = resp.StatusCode, retry
	if p.Code == "" {
		p = *byStatus(resp.StatusCode)
		p.RetryAfter = retry
	}
	return &p
}

// byStatus makes a problem of an answer without a problem document, such as a proxy's.
func byStatus(status int) *Problem {
	code, detail := CodeUnknownServer, "This address answers, but not as a SecurePush server."
	switch {
	case status == http.StatusUnauthorized:
		code, detail = CodeUnauthorized, "Sign in again."
	case status == http.StatusForbidden:
		code, detail = CodeForbidden, "You do not have the right to do this."
	case status == http.StatusNotFound:
		code, detail = CodeNotFound, "There is nothing at this address."
	case status == http.StatusGone:
		code, detail = CodeGone, "It is gone."
	case status == http.StatusRequestEntityTooLarge:
		code, detail = CodeTooLarge, "This is too large to send."
	case status == http.StatusTooManyRequests:
		code, detail = CodeTooManyRequests, "The server asks to wait a little."
	case status == http.StatusServiceUnavailable:
		code, detail = CodeUnavailable, "The server is not available right now."
	case status >= 500:
		code, detail = CodeInternal, "The server has a problem."
	}
	p := NewProblem(code, detail)
	p.Status = status
	return p
}

// clockProblem says that the server's Date is far from ours; nil when it is near or was not sent.
func clockProblem(t, now time.Time) *Problem {
	if t.IsZero() || t.Sub(now).Abs() <= clockTolerance {
		return nil
	}
	return NewProblem(CodeClockSkew, "This computer's clock differs from the server's by "+
		t.Sub(now).Abs().Round(time.Minute).String()+". Set it right and try again.")
}

// TransportProblem gives the words for a connection to base that failed before an answer came; err is what the HTTP
// client returned. It is for callers that do not use [Client].
func TransportProblem(base *url.URL, err error) *Problem { return transportProblem(base, err) }

// transportProblem tells the ways apart in which no answer came.
func transportProblem(base *url.URL, err error) *Problem {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // the rest of it is the whole address, with IDs and searched words, which have no place in a log
	}
	host := ""
	if base != nil {
		host = base.Host
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return NewProblem(CodeUntrusted, certificateWords(err)).Because(err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return NewProblem(CodeUnknownServer, host+" does not speak https at this port. Check the address.").Because(err)
	}
	if words := proxyWords(host, err); words != "" {
		return NewProblem(CodeUnreachable, words).Because(err)
	}
	if strings.Contains(err.Error(), "malformed HTTP") {
		return unknownServer(err)
	}
	detail := host + " cannot be reached."
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		detail = "There is no server called " + host + "."
	}
	return NewProblem(CodeUnreachable, detail).Because(err)
}

// ProxyRefusal is the error of a transport whose proxy did not lead to the server.
type ProxyRefusal struct {
	Proxy  string // host and port, without a user and a password
	Status int    // what it answered
}

// Error is for the log.
func (r *ProxyRefusal) Error() string {
	return "the proxy " + r.Proxy + " answered " + strconv.Itoa(r.Status)
}

// proxyWords says what a proxy has to do with it that no answer came; "" when nothing.
func proxyWords(host string, err error) string {
	if r, ok := errors.AsType[*ProxyRefusal](err); ok {
		if r.Status == http.StatusProxyAuthRequired {
			return "The proxy " + r.Proxy + " wants a sign-in. Put the right user and password into HTTPS_PROXY, and restart the listener."
		}
		return "The proxy " + r.Proxy + " does not lead to " + host + ": it answers " + strconv.Itoa(r.Status) + "."
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" { // so net/http says it of the proxy itself
		return "The proxy on the way to " + host + " cannot be reached. Check the network, and HTTPS_PROXY."
	}
	return ""
}

func certificateWords(err error) string {
	const add = " Ask whoever runs it, or add its authority in Settings › Connection."
	if inv, ok := errors.AsType[x509.CertificateInvalidError](err); ok && inv.Reason == x509.Expired {
		return "The server's certificate is not valid at this time: it runs from " + inv.Cert.NotBefore.Format("2 January 2006") +
			" to " + inv.Cert.NotAfter.Format("2 January 2006") + ". Check this computer's clock, or ask whoever runs the server."
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return "The server's certificate is for another name than " + name.Host + ". Check the address, or ask whoever runs the server."
	}
	if ua, ok := errors.AsType[x509.UnknownAuthorityError](err); ok && ua.Cert != nil {
		return "The server's certificate is not trusted: issued by " + strconv.Quote(ua.Cert.Issuer.String()) + "." + add
	}
	return "The server's certificate is not trusted." + add
}
