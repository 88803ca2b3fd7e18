package sas

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// tokenFor is a token for a resource as it is, in whatever case.
func tokenFor(tb testing.TB, resource string) *Token {
	tb.Helper()
	return mustParse(tb, token("sr="+url.QueryEscape(resource), signature, expiry, ruleName))
}

func TestATokenCoversThePathsBelowItsOwn(t *testing.T) {
	for _, c := range []struct {
		name, resource, path string // path is escaped
		want                 bool
	}{
		{"the root covers everything", "https://localhost:9443/", "/hub/messages", true},
		{"the root without slash does too", "https://localhost", "/hub/messages", true},
		{"the root covers the root", "https://localhost", "/", true},
		{"another scheme does not matter", "sb://localhost/hub", "/hub/messages", true},
		{"another port does not matter", "https://localhost:1/hub", "/hub/messages", true},
		{"the host's case does not matter", "https://LOCALHOST/hub", "/hub/messages", true},
		{"query and fragment do not matter", "https://localhost/hub?a=/b#c", "/hub/messages", true},
		{"the path's case does not matter", "https://localhost/hub/MESSAGES", "/HUB/messages", true},
		{"nor that of other letters", "https://localhost/hub/tags/%C3%84nne", "/hub/tags/%c3%a4NNE/registrations", true},
		{"a slash at the end does not matter", "https://localhost/hub/", "/hub", true},
		{"on either side", "https://localhost/hub", "/hub/", true},
		{"an IPv6 host is a host", "https://[::1]:8700/hub", "/hub/messages", true},
		{"a space may be escaped", "https://localhost/hub/tags/template%20name", "/hub/tags/Template%20Name/registrations", true},
		{"or not, as .NET and Java would make it a plus", "https://localhost/hub/tags/template name", "/hub/tags/Template%20Name/registrations", true},
		{"a plus is no space", "https://localhost/hub/tags/template+name", "/hub/tags/Template%20Name/registrations", false},
		{"braces need no escape", "https://localhost/hub/tags/$InstallationId:{dev-1}", "/hub/tags/$InstallationId:%7Bdev-1%7D/registrations", true},
		{"an escaped number sign is part of the path", "https://localhost/hub/tags/%23news", "/hub/tags/%23news/registrations", true},
		{"an escaped slash on both sides is the same", "https://localhost/hub/tags/a%2fb", "/hub/tags/a%2Fb/registrations", true},

		{"half a segment is another", "https://localhost/hub", "/hub1/messages", false},
		{"a path above is not covered", "https://localhost/hub/installations/a", "/hub/installations", false},
		{"nor is one beside", "https://localhost/hub/installations/a", "/hub/installations/b", false},
		{"nor the root", "https://localhost/hub", "/", false},
		{"another host", "https://example.org/hub", "/hub", false},
		{"a host that begins alike", "https://localhost.example.org/hub", "/hub", false},
		{"a host as user name", "https://localhost@example.org/hub", "/hub", false},
		{"no host", "/hub", "/hub", false},
		{"no URI", "hub", "/hub", false},
		{"no host but a scheme", "https:///hub", "/hub", false},
		{"an opaque URI", "https:localhost/hub", "/hub", false},
		{"a port that is none", "https://localhost:x/hub", "/hub", false},
		{"an escape that is none", "https://localhost/%zz", "/%25zz", false},

		{"dots do not climb out of the token", "https://localhost/hub/installations/a", "/hub/installations/a/../b", false},
		{"nor encoded ones", "https://localhost/hub/installations/a", "/hub/installations/a/%2e%2e/b", false},
		{"nor a single one", "https://localhost/hub", "/hub/./messages", false},
		{"dots in the token do not climb", "https://localhost/hub/installations/a/..", "/hub/installations/b", false},
		{"nor to the root", "https://localhost/hub/..", "/other", false},
		{"nor are they the root", "https://localhost/..", "/hub", false},
		{"nor a single one in it", "https://localhost/.", "/hub", false},
		{"nor do they match themselves", "https://localhost/hub/..", "/hub/../other", false},
		{"dots within a name are a name", "https://localhost/hub/installations/..a", "/hub/installations/..a", true},
		{"the root covers dots, as it is everything", "https://localhost/", "/hub/../x", true},
		{"an escaped slash in the request makes no segment", "https://localhost/hub/registrations/a", "/hub/registrations/a%2Fb", false},
		{"nor in the token", "https://localhost/hub%2fregistrations", "/hub/registrations", false},
		{"nor escaped twice", "https://localhost/hub%252fregistrations", "/hub/registrations", false},
		{"two slashes are not one", "https://localhost//hub", "/hub", false},
		{"in the request either", "https://localhost/hub/messages", "/hub//messages", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := url.ParseRequestURI(c.path)
			if err != nil {
				t.Fatal(err)
			}
			host := func(name string) bool { return local(name) || name == "::1" }
			if got := tokenFor(t, c.resource).CoversURL(host, u); got != c.want {
				t.Errorf("CoversURL: %v", got)
			}
			if got := tokenFor(t, c.resource).Covers(host, u.Path); got != c.want && !strings.Contains(strings.ToLower(c.path), "%2f") {
				t.Errorf("Covers: %v", got)
			}
		})
	}
}

func TestTheHostIsAskedForOnceInLowerCase(t *testing.T) {
	var asked []string
	host := func(name string) bool { asked = append(asked, name); return true }
	tokenFor(t, "https://Hub.Example.ORG:1/").Covers(host, "/hub")
	tokenFor(t, "/hub").Covers(host, "/hub")
	if !slices.Equal(asked, []string{"hub.example.org"}) {
		t.Errorf("%q", asked)
	}
}

// climb resolves the dots of a path, as a router might.
func climb(request []string) []string {
	var out []string
	for _, segment := range request {
		switch segment {
		case ".":
		case "..":
			out = out[:max(0, len(out)-1)]
		default:
			out = append(out, segment)
		}
	}
	return out
}

func FuzzCovers(f *testing.F) {
	f.Add("/hub/installations/a", "/hub/installations/a/../b")
	f.Add("/hub/..", "/other")
	f.Add("/hub%2f..", "/hub/%2e%2e/x")
	f.Add("//hub/", "/HUB/x")
	f.Fuzz(func(t *testing.T, scope, request string) {
		signed := Sign("https://localhost"+"/"+scope, "r", api.NewSecret("k"), time.Unix(9, 0)).Reveal()
		token, err := Parse(signed)
		if err != nil {
			return // too long
		}
		u, err := url.ParseRequestURI("/" + request)
		if err != nil || !token.CoversURL(local, u) {
			return
		}
		parts, err := url.Parse(token.resource)
		if err != nil {
			t.Fatal(err)
		}
		above, err := segments(parts)
		if err != nil {
			t.Fatal(err)
		}
		if len(above) == 0 {
			return
		}
		at, err := segments(u)
		if err != nil {
			t.Fatal(err)
		}
		if at = climb(at); len(at) < len(above) || !slices.EqualFunc(at[:len(above)], above, strings.EqualFold) {
			t.Errorf("%q covers %q", scope, request)
		}
	})
}
