package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

// errForbidden says that a push endpoint's name stands for an address that is not on the Internet.
var errForbidden = errors.New("delivery: address not allowed")

// notPublic are the addresses that endpoints, which devices name, must not lead to: this machine, its networks, the metadata
// services of clouds, and every form of IPv6 address that has an IPv4 address within. Source: the IANA special-purpose registries.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// forbidden says whether an address is not on the Internet. An IPv4 address in IPv6 form counts as what it stands for: the
// resolver gives that form to ordinary ones.
func forbidden(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return !a.IsValid() || slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// guard dials the addresses that it has looked at, so that a name cannot stand for another one in between.
type guard struct {
	trusted map[string]bool // host:port
	lookup  func(ctx context.Context, network, host string) ([]netip.Addr, error)
	dial    func(ctx context.Context, network, addr string) (net.Conn, error)
}

// NewTransport makes a transport for requests to addresses that devices have given: it resolves, refuses what is not on
// the Internet, and connects to the address that it has looked at. Trusted origins may be anywhere. It uses no proxy, which
// would resolve names by itself.
func NewTransport(trusted ...*url.URL) *http.Transport {
	d := &net.Dialer{Timeout: 5 * time.Second, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 3}}
	g := &guard{trusted: make(map[string]bool), lookup: net.DefaultResolver.LookupNetIP, dial: d.DialContext}
	for _, u := range trusted {
		g.trusted[net.JoinHostPort(u.Hostname(), port(u))] = true
	}
	return &http.Transport{
		DialContext:            g.DialContext,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  10 * time.Second,
		MaxResponseHeaderBytes: 16 << 10,
	}
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}

// DialContext connects to one of a host's addresses, if all of them are allowed.
func (g *guard) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if g.trusted[addr] {
		return g.dial(ctx, network, addr)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	found, err := g.lookup(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	if len(found) == 0 || slices.ContainsFunc(found, forbidden) {
		return nil, errForbidden
	}
	var errs []error
	for _, a := range found {
		conn, err := g.dial(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}
