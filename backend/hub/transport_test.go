package hub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"securepush/backend/hub/record"
)

// elsewhere is where requests go that are not the hub's.
type elsewhere struct{}

var errElsewhere = errors.New("elsewhere")

func (elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, errElsewhere
}

func TestRequestsToTheHubsOwnAddressStayInTheProcess(t *testing.T) {
	for _, c := range []struct {
		name, public, request string
		ours                  bool
	}{
		{"the address itself", "https://push.example", "https://push.example/hub1/registrationids", true},
		{"another case", "https://push.example", "https://PUSH.example/HUB1/registrationids", true},
		{"the port that goes without saying", "https://push.example:443", "https://push.example/hub1/registrationids", true},
		{"the same, the other way round", "https://push.example", "https://push.example:443/hub1/registrationids", true},
		{"a path before the hub", "https://push.example/a", "https://push.example/a/hub1/registrationids", true},
		{"plain HTTP on loopback", "http://localhost:8080", "http://localhost:8080/hub1/registrationids", true},
		{"without a hub's part", "https://push.example", "https://push.example/hub1", true},
		{"what is no address of the hub's", "https://push.example", "https://push.example/hub1/registrationids%2Fx", true},
		{"a trailing slash", "https://push.example/", "https://push.example/hub1/registrationids/", true},
		{"another port", "https://push.example", "https://push.example:8443/hub1/registrationids", false},
		{"another scheme", "https://push.example", "http://push.example/hub1/registrationids", false},
		{"another scheme at the same port", "https://push.example", "http://push.example:443/hub1/registrationids", false},
		{"another host", "https://push.example", "https://example/hub1/registrationids", false},
		{"another hub", "https://push.example", "https://push.example/hub2/registrationids", false},
		{"a hub with a longer name", "https://push.example", "https://push.example/hub11/registrationids", false},
		{"the push service beside it", "https://push.example", "https://push.example/wpush/x", false},
		{"not below the path", "https://push.example/a", "https://push.example/hub1/registrationids", false},
		{"the root", "https://push.example", "https://push.example/", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, func(o *Options) { o.PublicURL = must(url.Parse(c.public))(t) })
			client := &http.Client{Transport: b.hub.Transport(elsewhere{})}
			req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, c.request, nil))(t)
			req.Header.Set("Authorization", b.token(b.listen, c.request))
			res, err := client.Do(req)
			if !c.ours {
				if !errors.Is(err, errElsewhere) {
					t.Fatal(err)
				}
				return
			}
			check(t, err)
			defer func() { _ = res.Body.Close() }()
			if !strings.HasSuffix(strings.TrimSuffix(c.request, "/"), "/registrationids") {
				if res.StatusCode != 404 {
					t.Error(res.StatusCode)
				}
				return
			}
			if location := res.Header.Get("Location"); res.StatusCode != 201 || res.ContentLength != 0 ||
				!strings.HasPrefix(location, strings.TrimSuffix(c.public, "/")+"/hub1/registrationids/") {
				t.Errorf("%d, %q", res.StatusCode, location)
			}
		})
	}
}

func TestTheAnswerWithinTheProcessIsThatOfAConnection(t *testing.T) {
	b := newBench(t)
	inside := &http.Client{Transport: b.hub.Transport(elsewhere{})}
	for _, q := range []request{
		{method: "PUT", path: "/installations/dev-1?api-version=2020-06", body: installationBody},
		{method: "GET", path: "/installations/dev-1"},
		{method: "PUT", path: "/registrations/a%20b", body: apple("a", "AB")},
		{method: "GET", path: "/registrations/a%20b"},
		{method: "GET", path: "/tags/$InstallationId:%7Bdev-1%7D/registrations"},
		{method: "GET", path: "/installations/dev%2F1"},
		{method: "PATCH", path: "/installations/dev-1", body: "nonsense"},
		{method: "GET", path: "/messages/x", rule: b.listen},
		{method: "DELETE", path: "/installations/dev-1"},
	} {
		outside := b.do(q)
		req := must(http.NewRequestWithContext(t.Context(), q.method, b.server.URL+"/hub1"+q.path, strings.NewReader(q.body)))(t)
		req.Header.Set("Authorization", b.token(q.rule, b.server.URL))
		res := must(inside.Do(req))(t)
		body := must(io.ReadAll(res.Body))(t)
		_ = res.Body.Close()
		if res.StatusCode != outside.StatusCode || res.Status != outside.Status || res.ContentLength != outside.ContentLength || res.Request != req {
			t.Errorf("%s %s: %s with %d bytes, %s with %d bytes", q.method, q.path, res.Status, res.ContentLength, outside.Status, outside.ContentLength)
		}
		for _, name := range []string{"Content-Type", "Content-Location", "Content-Length"} {
			if res.Header.Get(name) != outside.Header.Get(name) {
				t.Errorf("%s %s: %s is %q and %q", q.method, q.path, name, res.Header.Get(name), outside.Header.Get(name))
			}
		}
		if timeless(string(body)) != timeless(outside.body) {
			t.Errorf("%s %s: %s\n%s", q.method, q.path, body, outside.body)
		}
	}
}

// timeless is a body without what differs each time: times, versions, and IDs that were drawn.
func timeless(body string) string {
	return regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|\d`).ReplaceAllString(body, "#")
}

func TestARequestWithinTheProcessEndsWithItsContext(t *testing.T) {
	b := newBench(t)
	transport := b.hub.Transport(elsewhere{})
	ctx, cancel := context.WithCancel(t.Context())
	pipe, never := io.Pipe()
	defer func() { _ = never.Close() }()
	req := must(http.NewRequestWithContext(ctx, http.MethodPut, b.server.URL+"/hub1/installations/dev-1", &tell{pipe, cancel}))(t)
	req.Header.Set("Authorization", b.token(b.listen, b.server.URL))
	if res, err := transport.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("while the body is read: %v, %v", res, err)
	}
	if res, err := transport.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("when the context has ended before: %v, %v", res, err)
	}
}

// tell is a body of which nothing comes. It ends the context when somebody waits for it.
type tell struct {
	*io.PipeReader
	cancel func()
}

func (r *tell) Read(p []byte) (int, error) {
	r.cancel()
	return r.PipeReader.Read(p)
}

func TestARequestWithinTheProcessMayPanic(t *testing.T) {
	for value, want := range map[any]int{"what a user wrote": 500, http.ErrAbortHandler: 0} {
		b := newBench(t)
		b.hub.table = []operation{{method: http.MethodGet, pattern: "boom", right: record.Listen, handle: func(*Hub, *call) error { panic(value) }}}
		req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/hub1/boom", nil))(t)
		req.Header.Set("Authorization", b.token(b.listen, b.server.URL))
		res, err := b.hub.Transport(elsewhere{}).RoundTrip(req)
		if want == 0 && err == nil || want != 0 && (err != nil || res.StatusCode != want) {
			t.Errorf("%v: %v, %v", value, res, err)
		}
		if strings.Contains(b.log.String(), "what a user wrote") {
			t.Error("content is in the log")
		}
	}
}
