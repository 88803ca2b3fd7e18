package delivery

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"securepush/webpush"
)

const maxEndpoint = 1000 // bytes, as UnifiedPush has it

// errEndpoint does not quote the endpoint, which is a capability.
var errEndpoint = errors.New("delivery: endpoint not allowed")

// endpointRule says which endpoints a device may name: https on a public host, or a trusted origin.
type endpointRule struct{ trusted map[string]bool }

func newEndpointRule(trusted []*url.URL) endpointRule {
	r := endpointRule{trusted: make(map[string]bool, len(trusted))}
	for _, u := range trusted {
		if o, err := webpush.Origin(u); err == nil {
			r.trusted[o] = true
		}
	}
	return r
}

// origin is that of an endpoint, if the endpoint may be sent to; errEndpoint otherwise.
func (r endpointRule) origin(raw string) (string, error) {
	if len(raw) > maxEndpoint || strings.ContainsFunc(raw, func(r rune) bool { return r > unicode.MaxASCII }) { // RFC 3986: a URL is ASCII
		return "", errEndpoint
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Fragment != "" {
		return "", errEndpoint
	}
	origin, err := webpush.Origin(u)
	if err != nil || !r.trusted[origin] && (u.Scheme != "https" || !publicHost(u.Hostname())) {
		return "", errEndpoint
	}
	return origin, nil
}

func publicHost(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err != nil || !addr.Is4In6() && !forbidden(addr)
}
