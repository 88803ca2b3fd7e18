package sas

import (
	"net/url"
	"slices"
	"strings"
)

// CoversURL says whether the token is for the path of a request, or for one above it, on a host that the function knows by its
// name in lower case. Case, scheme, port, query and a slash at the end do not matter, as official clients differ in all of
// them. A resource without a path covers every request. An escaped slash is part of its segment, and a path with "." or ".."
// is covered by nothing less than the whole host.
func (t *Token) CoversURL(host func(name string) bool, u *url.URL) bool {
	request, err := segments(u)
	return err == nil && t.covers(host, request)
}

// Covers is [Token.CoversURL] for a decoded path. It cannot tell an escaped slash from a real one: whoever routes by escaped
// paths uses the other.
func (t *Token) Covers(host func(name string) bool, requestPath string) bool {
	return t.covers(host, split(requestPath))
}

// Resource is what the token is for, as it was signed, without the escapes; nil when it is not a URL. What stands in its query
// covers nothing, but whoever signed may have put something there to find it again.
func (t *Token) Resource() *url.URL {
	u, err := url.Parse(t.resource)
	if err != nil {
		return nil
	}
	return u
}

func (t *Token) covers(host func(name string) bool, request []string) bool {
	u, err := url.Parse(t.resource)
	if err != nil || u.Hostname() == "" || !host(strings.ToLower(u.Hostname())) {
		return false
	}
	scope, err := segments(u)
	switch {
	case err != nil || len(scope) > len(request):
		return false
	case len(scope) == 0:
		return true
	}
	return !slices.ContainsFunc(request, isDots) && slices.EqualFunc(scope, request[:len(scope)], strings.EqualFold)
}

func isDots(segment string) bool { return segment == "." || segment == ".." }

// segments decodes what stands between the slashes of a URL's path.
func segments(u *url.URL) ([]string, error) {
	parts := split(u.EscapedPath())
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		if err != nil {
			return nil, err
		}
		parts[i] = decoded
	}
	return parts, nil
}

func split(path string) []string {
	path = strings.TrimRight(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}
