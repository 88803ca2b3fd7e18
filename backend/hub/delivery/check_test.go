package delivery

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAnEndpointThatCannotBeSentToIsRefused(t *testing.T) {
	r := newRig(t, newService(nil), func(o *Options) {
		o.Trusted = []*url.URL{mustURL(t, "http://127.0.0.1:8700"), mustURL(t, "https://10.1.2.3")}
	})
	for name, c := range map[string]struct {
		endpoint string
		ok       bool
	}{
		"a good one":                       {endpointOf("dev"), true},
		"with a query":                     {"https://push.example/w/?token=abc%2f", true},
		"scheme and host in capitals":      {"HTTPS://PUSH.example:443/x", true},
		"1000 bytes":                       {long(1000), true},
		"the server's own push service":    {"http://127.0.0.1:8700/wpush/v2/x", true},
		"a trusted one in the own network": {"https://10.1.2.3/x", true},
		"a public address":                 {"https://93.184.216.34/x", true},
		"nothing":                          {"", false},
		"a word":                           {"foo", false},
		"1001 bytes":                       {long(1001), false},
		"no URL":                           {"https://[", false},
		"plain http":                       {"http://push.example/x", false},
		"another port of this machine":     {"http://127.0.0.1:8701/x", false},
		"a trusted address, other scheme":  {"http://10.1.2.3/x", false},
		"https to loopback":                {"https://127.0.0.1/x", false},
		"https to localhost":               {"https://LocalHost./x", false},
		"a name below localhost":           {"https://a.localhost/x", false},
		"the metadata service":             {"https://169.254.169.254/x", false},
		"an IPv4 address as IPv6":          {"https://[::ffff:8.8.8.8]/x", false},
		"a user and a password":            {"https://a:b@push.example/x", false},
		"a fragment":                       {"https://push.example/x#y", false},
		"a file":                           {"file:///etc/passwd", false},
		"a Kelvin sign for a k":            {"https://push.ban\u212a.example/x", false},
		"bytes that are no text":           {"https://push.example/\xff", false},
		"a line break":                     {"https://push.example/x\nTopic: y", false},
	} {
		err := r.sender.CheckEndpoint(c.endpoint)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && c.endpoint != "" && strings.Contains(err.Error(), c.endpoint) {
			t.Errorf("%s: the error quotes it: %v", name, err)
		}
	}
}

func long(n int) string {
	const start = "https://push.example/"
	return start + strings.Repeat("x", n-len(start))
}

func TestAddressesThatAreNotOnTheInternetAreNeverDialled(t *testing.T) {
	for _, c := range []struct {
		resolves []string
		dialled  string // "" when it must not be
	}{
		{[]string{"93.184.216.34"}, "93.184.216.34:443"},
		{[]string{"2606:2800:220:1:248:1893:25c8:1946"}, "[2606:2800:220:1:248:1893:25c8:1946]:443"},
		{[]string{"::ffff:93.184.216.34"}, "93.184.216.34:443"}, // the form in which resolvers give IPv4
		{nil, ""},
		{[]string{"127.0.0.1"}, ""},
		{[]string{"127.255.255.254"}, ""},
		{[]string{"0.0.0.0"}, ""},
		{[]string{"0.1.2.3"}, ""},
		{[]string{"10.1.2.3"}, ""},
		{[]string{"172.16.0.1"}, ""},
		{[]string{"172.31.255.255"}, ""},
		{[]string{"192.168.1.1"}, ""},
		{[]string{"169.254.169.254"}, ""},
		{[]string{"100.100.100.200"}, ""},
		{[]string{"198.18.0.1"}, ""},
		{[]string{"224.0.0.1"}, ""},
		{[]string{"255.255.255.255"}, ""},
		{[]string{"::"}, ""},
		{[]string{"::1"}, ""},
		{[]string{"::127.0.0.1"}, ""},
		{[]string{"::ffff:127.0.0.1"}, ""},
		{[]string{"::ffff:169.254.169.254"}, ""},
		{[]string{"64:ff9b::7f00:1"}, ""},
		{[]string{"2002:7f00:1::"}, ""},
		{[]string{"2001:0:1::"}, ""},
		{[]string{"fd00:ec2::254"}, ""},
		{[]string{"fe80::1%eth0"}, ""},
		{[]string{"ff02::1"}, ""},
		{[]string{"93.184.216.34", "127.0.0.1"}, ""},
	} {
		var dialled []string
		g := &guard{
			lookup: func(context.Context, string, string) ([]netip.Addr, error) {
				var out []netip.Addr
				for _, s := range c.resolves {
					out = append(out, netip.MustParseAddr(s))
				}
				return out, nil
			},
			dial: func(_ context.Context, _, addr string) (net.Conn, error) {
				dialled = append(dialled, addr)
				return nil, errors.New("no network here")
			},
		}
		_, err := g.DialContext(t.Context(), "tcp", "push.example:443")
		if c.dialled == "" && (len(dialled) > 0 || !errors.Is(err, errForbidden)) {
			t.Errorf("%v: dialled %v, %v", c.resolves, dialled, err)
		}
		if c.dialled != "" && !slices.Equal(dialled, []string{c.dialled}) {
			t.Errorf("%v: dialled %v", c.resolves, dialled)
		}
	}
}

func TestTheTransportReachesATrustedOriginAndNothingElseOnThisMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	get := func(transport *http.Transport, address string) error {
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	if err := get(NewTransport(mustURL(t, server.URL)), server.URL); err != nil {
		t.Errorf("trusted: %v", err)
	}
	byName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	for _, address := range []string{server.URL, byName} {
		if err := get(NewTransport(mustURL(t, "http://127.0.0.1:1")), address); !errors.Is(err, errForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Its name may have stood for something else when the device was registered.
func TestAPushToAForbiddenAddressIsGivenUp(t *testing.T) {
	r := newRig(t, NewTransport(), nil)
	p := r.push(t, "dev")
	m := newMessage(p, time.Now(), time.Hour, time.Second)
	for _, endpoint := range []string{"https://127.0.0.1/x", "https://localhost/x"} {
		v := r.sender.attempt(t.Context(), endpoint, "origin", push{message: &m, p256dh: p.P256DH, auth: p.Auth})
		if v.retry || v.Outcome != BadChannel || v.label != resultRefused {
			t.Errorf("%s: %+v", endpoint, v)
		}
	}
}

func FuzzCheckEndpoint(f *testing.F) {
	for _, s := range []string{
		endpointOf("x"), "http://push.example", "https://127.0.0.1", "https://[::1]:443/", "https://localhost", "https://a@b", "//x", "https://0x7f.1", "https://[fe80::1%25eth0]/",
		"HTTPS://PUSH.example:443/", "https://8.8.8.8/", "https://00İ", long(1001),
	} {
		f.Add(s)
	}
	rule := newEndpointRule(nil)
	f.Fuzz(func(t *testing.T, s string) {
		origin, err := rule.origin(s)
		if err != nil {
			if origin != "" || !errors.Is(err, errEndpoint) {
				t.Errorf("%q: %q, %v", s, origin, err)
			}
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Hostname() == "" || len(s) > maxEndpoint {
			t.Errorf("%q is allowed", s)
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && (a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.Is4In6()) {
			t.Errorf("%q is allowed", s)
		}
		if own, err := url.Parse(origin); err != nil || !strings.EqualFold(own.Hostname(), u.Hostname()) {
			t.Errorf("%q has the origin %q", s, origin)
		}
	})
}
