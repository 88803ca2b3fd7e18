package hub

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const registrationBody = `<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml"><BrowserRegistrationDescription ` +
	`xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect"><Tags>username:alice,x</Tags>` +
	`<Endpoint>https://push.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth></BrowserRegistrationDescription></content></entry>`

const installationBody = `{"installationId":"dev-1","userId":"alice","tags":["username:alice","news"],` +
	`"pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},` +
	`"templates":{"t1":{"body":"{\"title\":\"$(title)\"}","headers":{},"tags":["x"]}},"platform":"browser"}`

func TestAnAddressIsReadAsTheClientsWriteIt(t *testing.T) {
	b := newBench(t)
	b.do(request{method: "PUT", path: "/installations/dev-1", body: installationBody}).want(t, http.StatusOK)
	for _, c := range []struct {
		name, method, path string
		status             int
	}{
		{"as it is", "GET", "/hub1/installations/dev-1?api-version=2020-06", 200},
		{"without a version", "GET", "/hub1/installations/dev-1", 200},
		{"another version", "GET", "/hub1/installations/dev-1?api-version=2013-10", 200},
		{"a name of the query in capitals", "GET", "/hub1/installations/dev-1?API-VERSION=2015-01", 200},
		{"segments in capitals", "GET", "/HUB1/INSTALLATIONS/dev-1", 200},
		{"the spelling of js", "POST", "/hub1/registrationIDs?api-version=2020-06", 201},
		{"a slash at the end", "GET", "/hub1/installations/dev-1/?api-version=2020-06", 200},
		{"a slash at the end of a list", "GET", "/hub1/registrations/?$filter=ChannelUri+eq+%27x%27", 200},
		{"an unknown name in the query", "GET", "/hub1/installations/dev-1?nobody=knows&this", 200},
		{"the flag that .NET adds to everything", "GET", "/hub1/installations/dev-1?api-version=2020-06&test", 200},
		{"a percent-encoded segment", "GET", "/hub1/installations/%64ev-1", 200},
		{"a percent-encoded name", "GET", "/hub1/%69nstallations/dev-1", 200},
		{"a tag with a dollar sign and braces", "GET", "/hub1/tags/$InstallationId:%7Bdev-1%7D/registrations", 200},

		{"encoded twice is another name", "GET", "/hub1/installations/%2564ev-1", 404},
		{"the hub itself", "GET", "/hub1", 404},
		{"the hub with a slash", "GET", "/hub1/", 404},
		{"the root", "GET", "/", 404},
		{"nothing of that name", "GET", "/hub1/nothing", 404},
		{"too many segments", "GET", "/hub1/installations/dev-1/more", 404},
		{"an empty segment", "GET", "/hub1//installations/dev-1", 404},
		{"two slashes at the end", "GET", "/hub1/installations/dev-1//", 404},
		{"an empty segment as an ID", "GET", "/hub1/installations//", 404},
		{"a dot as an ID", "GET", "/hub1/installations/.", 404},
		{"a dot", "GET", "/hub1/./installations/dev-1", 404},
		{"two dots", "GET", "/hub1/x/../installations/dev-1", 404},
		{"two encoded dots", "GET", "/hub1/installations/%2e%2e", 404},
		{"an encoded slash", "GET", "/hub1/installations%2Fdev-1", 404},
		{"an encoded slash in an ID", "GET", "/hub1/installations/dev-1%2F..", 404},
		{"an encoded zero", "GET", "/hub1/installations/dev-1%00", 404},
		{"an encoded line break", "GET", "/hub1/installations/dev-1%0d%0aX:%20y", 404},
		{"not UTF-8", "GET", "/hub1/installations/%ff", 404},

		{"a method that the address has not", "POST", "/hub1/installations/dev-1", 405},
		{"a method that nothing has", "BREW", "/hub1/registrations", 405},
		{"a query that is none", "GET", "/hub1/installations/dev-1?x=%zz", 400},
		{"a version that cannot be one", "GET", "/hub1/installations/dev-1?api-version=%0d%0aX:1", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := *b
			b.t = t
			r := b.raw(request{method: c.method}, c.path).want(t, c.status)
			if words := nowhere; c.status == http.StatusNotFound {
				if c.name == "encoded twice is another name" {
					words = "Installation not found"
				}
				r.wantError(t, http.StatusNotFound, words)
			}
			if allow := r.Header.Get("Allow"); (c.status == http.StatusMethodNotAllowed) != (allow != "") {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

func TestTheVersionIsEchoedInEveryAddress(t *testing.T) {
	b := newBench(t)
	for version, want := range map[string]string{"": "2020-06", "?api-version=2016-07": "2016-07", "?Api-Version=2017-04": "2017-04"} {
		location := b.do(request{method: "POST", path: "/registrationids" + version}).want(t, 201).Header.Get("Location")
		if !regexp.MustCompile(`^` + regexp.QuoteMeta(b.server.URL) + `/hub1/registrationids/\d+-\d+-1\?api-version=` + want + `$`).MatchString(location) {
			t.Errorf("%q: %s", version, location)
		}
		r := b.do(request{method: "POST", path: "/registrations" + version, body: registrationBody}).want(t, 200)
		if at := r.Header.Get("Content-Location"); !strings.HasPrefix(at, b.server.URL+"/hub1/registrations/") || !strings.HasSuffix(at, "?api-version="+want) {
			t.Errorf("%q: %s", version, at)
		}
		if !strings.Contains(r.body, "?api-version="+want+"</id>") || !strings.Contains(r.body, `?api-version=`+want+`"/>`) {
			t.Errorf("%q: %s", version, r.body)
		}
	}
}

var guidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func TestEveryReplyCanBeFoundAgain(t *testing.T) {
	b := newBench(t)
	const given = "c0f4869e-6b6e-49bd-804a-c28cf17d929a"
	for _, q := range []request{
		{method: "POST", path: "/registrationids"},
		{method: "GET", path: "/registrations"},
		{method: "GET", path: "/installations/nobody"},
		{method: "GET", path: "/nothing"},
		{method: "GET", path: "/registrations", token: "none"},
		{method: "POST", path: "/messages", rule: b.listen},
		{method: "DELETE", path: "/installations/nobody"},
	} {
		r := b.do(q)
		for _, name := range []string{"TrackingId", "x-ms-correlation-request-id"} {
			if !guidForm.MatchString(r.Header.Get(name)) {
				t.Errorf("%s %s: %s is %q", q.method, q.path, name, r.Header.Get(name))
			}
		}
		q.header = map[string]string{"TrackingId": given}
		r = b.do(q)
		if r.Header.Get("TrackingId") != given {
			t.Errorf("%s %s: the client's TrackingId is not echoed", q.method, q.path)
		}
		if r.body != "" && r.StatusCode >= 400 && !strings.Contains(r.body, ".TrackingId:"+given+"_G0,TimeStamp:") {
			t.Errorf("%s %s: %s", q.method, q.path, r.body)
		}
		for _, other := range []string{"{" + given + "}", "urn:uuid:" + given, given + "<script>", strings.ReplaceAll(given, "-", "")} {
			q.header["TrackingId"] = other
			if got := b.do(q).Header.Get("TrackingId"); !guidForm.MatchString(got) {
				t.Errorf("TrackingId: %q is echoed", got)
			}
		}
	}
}

var errorForm = regexp.MustCompile(`^<Error><Code>(\d{3})</Code><Detail>(.*)\.TrackingId:[0-9a-f-]{36}_G\d+,TimeStamp:\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M</Detail></Error>$`)

// wantError checks the recorded form of an error and its words.
func (r reply) wantError(t testing.TB, status int, words string) {
	t.Helper()
	r.want(t, status)
	if ct := r.Header.Get("Content-Type"); ct != "application/xml; charset=utf-8" {
		t.Errorf("Content-Type: %q", ct)
	}
	m := errorForm.FindStringSubmatch(r.body)
	if m == nil || m[1] != strconv.Itoa(status) || m[2] != words {
		t.Errorf("%s\nwant %d %q", r.body, status, words)
	}
}
