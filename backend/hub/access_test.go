package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/hub/installation"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
)

// place is one row of the operations as a client calls it.
type place struct {
	method, path string
	right        record.Rights
}

// places are all operations with the right that each takes: the documented table, written down once more.
var places = []place{
	{"POST", "/registrationids", record.Listen},
	{"POST", "/registrations", record.Listen},
	{"PUT", "/registrations/1-2-3", record.Listen},
	{"GET", "/registrations/1-2-3", record.Listen},
	{"DELETE", "/registrations/1-2-3", record.Listen},
	{"GET", "/registrations?$filter=Endpoint%20eq%20%27x%27", record.Listen},
	{"GET", "/registrations", record.Manage},
	{"GET", "/registrations?$top=3", record.Manage},
	{"GET", "/tags/news/registrations", record.Manage},
	{"PUT", "/installations/dev-1", record.Listen},
	{"GET", "/installations/dev-1", record.Listen},
	{"PATCH", "/installations/dev-1", record.Listen},
	{"DELETE", "/installations/dev-1", record.Listen},
	{"POST", "/messages", record.Send},
	{"POST", "/messages?direct", record.Send},
	{"POST", "/messages?test", record.Send},
	{"POST", "/messages/$batch?direct", record.Send},
	{"POST", "/schedulednotifications", record.Send},
	{"DELETE", "/schedulednotifications/x", record.Send},
	{"GET", "/messages/x", record.Send},
	{"GET", "/feedbackcontainer", record.Manage},
	{"GET", "/feedback", record.Manage},
	{"GET", "/feedback/2026-11-21", record.Manage},
	{"GET", "/messages/$batch/x", record.Send},
	{"POST", "/jobs", record.Manage},
	{"GET", "/jobs", record.Manage},
	{"GET", "/jobs/x", record.Manage},
}

func TestEveryOperationHasItsPlaceAmongThese(t *testing.T) {
	for _, op := range operations() {
		if !slices.ContainsFunc(places, func(p place) bool {
			path, query, _ := strings.Cut(p.path, "?")
			segments, _ := segments(path)
			return p.method == op.method && op.matches(segments) && p.right == op.right && strings.HasPrefix(query, op.query)
		}) {
			t.Errorf("%s %s with %v is not tried", op.method, op.pattern, op.right)
		}
	}
}

// isAccess says whether an answer is one that the check of access gives. Every other one shows that it has passed: the
// requests here have no body, and what they name is not there.
func isAccess(r reply) bool {
	return r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusForbidden
}

func TestEachRightOpensItsOperationsAndNoOther(t *testing.T) {
	b := newBench(t)
	nothing := record.Rule{Name: "Nothing", Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	manage := record.Rule{Name: "OnlyManage", Rights: record.Manage, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	check(t, b.store.AddHubRule(t.Context(), nothing))
	check(t, b.store.AddHubRule(t.Context(), manage))
	for _, p := range places {
		for _, rule := range []record.Rule{b.listen, b.send, manage, b.full, nothing} {
			t.Run(fmt.Sprintf("%s %s with %q", p.method, p.path, rule.Rights), func(t *testing.T) {
				r := b.do(request{method: p.method, path: p.path, rule: rule})
				allowed := rule.Rights&(p.right|record.Manage) != 0
				switch {
				case allowed && isAccess(r):
					t.Errorf("refused: %d %s", r.StatusCode, r.body)
				case !allowed && p.right == record.Manage:
					r.wantError(t, http.StatusUnauthorized, "Manage claim is required for this operation.")
				case !allowed:
					r.want(t, http.StatusForbidden)
					if r.body != "" || r.Header.Get("Content-Type") != "" || r.ContentLength != 0 {
						t.Errorf("a body %q of %q", r.body, r.Header.Get("Content-Type"))
					}
				}
				if r.Header.Get("Retry-After") != "" && isAccess(r) {
					t.Error("Retry-After makes .NET wait and try again")
				}
			})
		}
	}
}

func TestEveryOperationRefusesABadToken(t *testing.T) {
	b := newBench(t)
	hour := time.Now().Add(time.Hour)
	all, full := b.server.URL+"/", b.full
	good := b.token(full, all)
	for _, c := range []struct{ name, token, words string }{
		{"none", "none", "MissingToken: The request has no authorization token."},
		{"another scheme", "Bearer x", "MalformedToken: The token does not begin with SharedAccessSignature."},
		{"no signature", strings.Replace(good, "sig=", "gis=", 1), "SignatureNotFound: The token has no signature."},
		{"no expiry", strings.Replace(good, "se=", "es=", 1), "ExpiresOnNotFound: The token has no expiry."},
		{"signed with another key", sas.Sign(all, full.Name, b.listen.Primary, hour).Reveal(), "InvalidSignature: The token has an invalid signature."},
		{"an unknown rule", sas.Sign(all, "Nobody", full.Primary, hour).Reveal(), "InvalidSignature: The token has an invalid signature."},
		{"an empty key", sas.Sign(all, "Nobody", api.Secret{}, hour).Reveal(), "InvalidSignature: The token has an invalid signature."},
		{"a changed resource", strings.Replace(good, "sr=https", "sr=http", 1), "InvalidSignature: The token has an invalid signature."},
		{"expired", sas.Sign(all, full.Name, full.Primary, time.Now().Add(-time.Second)).Reveal(), "ExpiredToken: The token has expired."},
		{"another host", sas.Sign("https://hub.example/", full.Name, full.Primary, hour).Reveal(), "InvalidAudience: The token is for another resource."},
		{"another hub", sas.Sign(all+"hub2", full.Name, full.Primary, hour).Reveal(), "InvalidAudience: The token is for another resource."},
		{"half a segment", sas.Sign(all+"hub", full.Name, full.Primary, hour).Reveal(), "InvalidAudience: The token is for another resource."},
		{"another place of this hub", sas.Sign(all+"hub1/elsewhere", full.Name, full.Primary, hour).Reveal(), "InvalidAudience: The token is for another resource."},
	} {
		for _, p := range places {
			t.Run(c.name+": "+p.method+" "+p.path, func(t *testing.T) {
				b.do(request{method: p.method, path: p.path, token: c.token}).wantError(t, http.StatusUnauthorized, c.words)
			})
		}
	}
	if strings.Contains(b.log.String(), "sig=") || strings.Contains(b.log.String(), "SharedAccessSignature") {
		t.Error("a token is in the log")
	}
}

func TestTokensOfEveryScopeOpen(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Hosts = []string{"Push.Example"} })
	port := b.server.URL[strings.LastIndexByte(b.server.URL, ':'):]
	for _, resource := range []string{
		b.server.URL, b.server.URL + "/", b.server.URL + "/hub1", b.server.URL + "/HUB1/", "http://127.0.0.1/hub1/registrationids/",
		"https://localhost" + port + "/hub1/registrationids?api-version=2016-07", "sb://push.example/", "https://PUSH.EXAMPLE:1/hub1",
	} {
		b.do(request{method: "POST", path: "/registrationids?api-version=2016-07", token: b.token(b.full, resource)}).want(t, 201)
	}
}

func TestEitherKeyOpensAndAChangeCountsAtOnce(t *testing.T) {
	b := newBench(t)
	call := func(key api.Secret) int {
		return b.do(request{
			method: "POST", path: "/registrationids",
			token: sas.Sign(b.server.URL, strings.ToUpper(b.listen.Name), key, time.Now().Add(time.Hour)).Reveal(),
		}).StatusCode
	}
	old := b.listen
	if got := []int{call(old.Primary), call(old.Secondary)}; got[0] != 201 || got[1] != 201 {
		t.Fatalf("both keys: %v", got)
	}
	renewed := old
	renewed.Primary = record.NewRuleKey()
	check(t, b.store.SetHubRule(t.Context(), renewed))
	if got := []int{call(old.Primary), call(old.Secondary), call(renewed.Primary)}; got[0] != 401 || got[1] != 201 || got[2] != 201 {
		t.Fatalf("the old primary key, the secondary one, the new primary one: %v", got)
	}
	check(t, b.store.DeleteHubRule(t.Context(), old.Name))
	if got := call(renewed.Primary); got != 401 {
		t.Fatalf("a rule that was removed: %d", got)
	}
}

func TestTheOwnRuleIsNowhereStored(t *testing.T) {
	own := record.Rule{Name: "Own", Rights: record.Manage, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	b := newBench(t, func(o *Options) { o.Own = &own })
	b.do(request{method: "GET", path: "/registrations", rule: own}).want(t, 200)
	if _, err := b.store.HubRule(t.Context(), "Own"); !errors.Is(err, record.ErrNotFound) {
		t.Error(err)
	}
}

func TestAnotherHubCannotBeToldFromOneThatIsNot(t *testing.T) {
	b := newBench(t)
	b.raw(request{method: "GET", token: b.token(b.full, b.server.URL)}, "/hub2/registrations").
		wantError(t, http.StatusUnauthorized, "InvalidSignature: The token has an invalid signature.")
}

func TestMoreThanOneTokenIsNone(t *testing.T) {
	b := newBench(t)
	for _, second := range []string{"", b.token(b.full, b.server.URL)} {
		req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/hub1/registrationids", nil))(t)
		req.Header["Authorization"] = []string{b.token(b.full, b.server.URL), second}
		res := must(b.server.Client().Do(req))(t)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Error(res.StatusCode)
		}
	}
}

// admitAll is a back end that lets every device in and says whose it is.
func admitAll(_ context.Context, _ *url.URL, d *installation.Document) (*installation.Document, error) {
	return d.WithUser("owner", append(d.Tags(), "username:owner"))
}

func TestADevicesTokenOpensItsOwnInstallationAlone(t *testing.T) {
	device := record.Rule{Name: "Device", Rights: record.Listen, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	b := newBench(t, func(o *Options) { o.Device = &Device{Rule: device, Admit: admitAll} })
	mine := b.server.URL + "/hub1/installations/dev-1"
	for _, c := range []struct {
		name, method, path, resource string
		status                       int
	}{
		{"put", "PUT", "/installations/dev-1", mine, 200},
		{"get", "GET", "/installations/dev-1", mine, 200},
		{"patch", "PATCH", "/installations/dev-1", mine, 200},
		{"with a slash", "GET", "/installations/dev-1/", mine + "/", 200},
		{"the scope with a query", "GET", "/installations/dev-1", mine + "?api-version=2020-06", 200},
		{"another one", "GET", "/installations/dev-2", mine, 401},
		{"one with a longer name", "GET", "/installations/dev-11", mine, 401},
		{"a token for the whole server", "GET", "/installations/dev-1", b.server.URL + "/", 401},
		{"a token for the hub", "GET", "/installations/dev-1", b.server.URL + "/hub1", 401},
		{"a token for all installations", "GET", "/installations/dev-1", b.server.URL + "/hub1/installations", 401},
		{"all installations, with a slash", "GET", "/installations/dev-1", b.server.URL + "/hub1/installations/", 401},
		{"a token of a registration", "GET", "/registrations/1", b.server.URL + "/hub1/registrations/1", 401},
		{"new registration IDs", "POST", "/registrationids", b.server.URL + "/hub1/registrationids", 401},
		{"registering", "POST", "/registrations", b.server.URL + "/hub1/registrations", 401},
		{"a list", "GET", "/registrations?$filter=Endpoint%20eq%20%27x%27", b.server.URL + "/hub1/registrations", 401},
		{"sending", "POST", "/messages", b.server.URL + "/hub1/messages", 401},
		{"delete", "DELETE", "/installations/dev-1", mine, 204},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := request{method: c.method, path: c.path, token: b.token(device, c.resource), body: installationBody}
			if c.method == "PATCH" {
				q.body = `[{"op":"add","path":"/tags","value":"more"}]`
			}
			b.do(q).want(t, c.status)
			if c.method != "PUT" && c.method != "PATCH" {
				return
			}
			got := b.do(request{method: "GET", path: c.path}).want(t, 200).body
			if !strings.Contains(got, `"userId":"owner"`) || !strings.Contains(got, `"username:owner"`) {
				t.Errorf("not what was admitted: %s", got)
			}
		})
	}
}

func TestADeviceThatIsNotAdmittedChangesNothing(t *testing.T) {
	device := record.Rule{Name: "Device", Rights: record.Listen, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	var answer error
	b := newBench(t, func(o *Options) {
		o.Device = &Device{Rule: device, Admit: func(_ context.Context, _ *url.URL, d *installation.Document) (*installation.Document, error) {
			if answer == errOther { //nolint:errorlint // the very same
				return installation.Decode("dev-2", []byte(strings.Replace(installationBody, "dev-1", "dev-2", 1)))
			}
			return d, answer
		}}
	})
	token := b.token(device, b.server.URL+"/hub1/installations/dev-1")
	b.do(request{method: "PUT", path: "/installations/dev-1", body: installationBody}).want(t, 200)
	before := b.do(request{method: "GET", path: "/installations/dev-1"}).body
	for _, c := range []struct {
		err    error
		status int
		words  string
	}{
		{api.NewProblem(api.CodeForbidden, "This device is somebody else's."), 403, "This device is somebody else's."},
		{fmt.Errorf("wrapped: %w", api.NewProblem(api.CodeGone, "Subscribe anew.")), 410, "Subscribe anew."},
		{errors.New("no database"), 503, "The hub cannot do this now."},
		{errOther, 500, "The installation cannot be written."},
	} {
		answer = c.err
		b.do(request{method: "PUT", path: "/installations/dev-1", token: token, body: strings.Replace(installationBody, "news", "sport", 1)}).wantError(t, c.status, c.words)
		b.do(request{method: "PATCH", path: "/installations/dev-1", token: token, body: `[{"op":"remove","path":"/tags"}]`}).wantError(t, c.status, c.words)
		if after := b.do(request{method: "GET", path: "/installations/dev-1"}).body; after != before {
			t.Errorf("%v: %s", c.err, after)
		}
	}
}

func TestTheBackEndHasItsSayOnEachRequestOfADevice(t *testing.T) {
	device := record.Rule{Name: "Device", Rights: record.Listen, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	asked := 0
	b := newBench(t, func(o *Options) {
		o.Device = &Device{Rule: device, Admit: admitAll, Allow: func(_ context.Context, resource *url.URL, id string) error {
			asked++
			if account := resource.Query().Get("account"); account != "a&b=" || id != "dev-1" {
				t.Errorf("asked about %q of %q", id, account)
			}
			return api.NewProblem(api.CodeForbidden, "Sign in again.")
		}}
	})
	b.do(request{method: "PUT", path: "/installations/dev-1", body: installationBody}).want(t, 200)
	before := b.do(request{method: "GET", path: "/installations/dev-1"}).body
	token := b.token(device, b.server.URL+"/hub1/installations/dev-1?account=a%26b%3d")
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		b.do(request{method: method, path: "/installations/dev-1", token: token, body: installationBody}).wantError(t, 403, "Sign in again.")
	}
	if after := b.do(request{method: "GET", path: "/installations/dev-1"}).body; after != before || asked != 4 {
		t.Errorf("asked %d times: %s", asked, after)
	}
}
