package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/backend/hub/record"
)

// broken is a store of which one part fails.
type broken struct {
	Store
	rules, rest error
}

func (s broken) HubRule(ctx context.Context, name string) (record.Rule, error) {
	if s.rules != nil {
		return record.Rule{}, s.rules
	}
	return s.Store.HubRule(ctx, name)
}

func (s broken) Registration(context.Context, string) (record.Registration, error) {
	return record.Registration{}, s.rest
}

func (s broken) Registrations(context.Context, record.Query) ([]record.Registration, error) {
	return nil, s.rest
}

func (s broken) HubInstallation(context.Context, string) (record.Installation, error) {
	return record.Installation{ID: "dev-1", Document: []byte("not JSON")}, s.rest
}

func (s broken) DeleteHubInstallation(context.Context, string) error { return s.rest }

func TestWhatTheStoreCannotDoMayBeTriedAgain(t *testing.T) {
	down := errors.New("the disk is full")
	for name, failing := range map[string]broken{"the rules": {rules: down}, "all but the rules": {rest: down}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(o *Options) { failing.Store = o.Store; o.Store = failing })
			for _, q := range []request{
				{method: "GET", path: "/registrations/1"},
				{method: "PUT", path: "/registrations/1", body: apple("a", "AB")},
				{method: "GET", path: "/registrations"},
				{method: "GET", path: "/installations/dev-1"},
				{method: "DELETE", path: "/installations/dev-1"},
			} {
				r := b.do(q)
				r.wantError(t, http.StatusServiceUnavailable, "The hub cannot do this now.")
				if after := r.Header.Get("Retry-After"); after != "5" {
					t.Errorf("Retry-After: %q", after)
				}
			}
			if log := b.log.String(); !strings.Contains(log, "the disk is full") || strings.Contains(log, "dev-1") {
				t.Errorf("logged: %s", log)
			}
		})
	}
}

func TestADefectIsAnsweredAndLoggedWithoutContent(t *testing.T) {
	b := newBench(t)
	const secret = "what a user wrote"
	b.hub.table = []operation{
		{method: http.MethodGet, pattern: "boom", right: record.Listen, handle: func(*Hub, *call) error { panic(secret) }},
		{method: http.MethodGet, pattern: "bounds", right: record.Listen, handle: func(_ *Hub, c *call) error { _ = c.path[len(c.path)]; return nil }},
		{method: http.MethodGet, pattern: "half", right: record.Listen, handle: func(_ *Hub, c *call) error {
			_, _ = c.w.Write([]byte("half"))
			panic(errors.New(secret))
		}},
		{method: http.MethodGet, pattern: "late", right: record.Listen, handle: func(_ *Hub, c *call) error {
			c.w.Header().Set("ETag", "x")
			return refuse(http.StatusBadRequest, "<no> & never")
		}},
	}
	for _, path := range []string{"/boom", "/bounds"} {
		b.do(request{method: "GET", path: path}).wantError(t, http.StatusInternalServerError, "The hub has a problem. Its log has the cause.")
	}
	if r := b.do(request{method: "GET", path: "/half"}).want(t, 200); r.body != "half" {
		t.Errorf("after half an answer: %q", r.body)
	}
	late := b.do(request{method: "GET", path: "/late"})
	late.wantError(t, http.StatusBadRequest, "&lt;no&gt; &amp; never")
	if late.Header.Get("ETag") != "" {
		t.Error("the error has the ETag of what was not given")
	}
	log := b.log.String()
	if strings.Contains(log, secret) || !strings.Contains(log, "index out of range") || strings.Count(log, "hub request panicked") != 3 {
		t.Errorf("logged: %s", log)
	}
}

func TestAStoredInstallationThatCannotBeReadIsADefect(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Store = broken{Store: o.Store} })
	b.do(request{method: "GET", path: "/installations/dev-1"}).wantError(t, http.StatusInternalServerError, "The installation cannot be read.")
}

func TestHeadersOfStrangersDoNoHarm(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		name, header, value string
		status              int
	}{
		{"a long token", "Authorization", "SharedAccessSignature " + long, 401},
		{"a token of nothing", "Authorization", "SharedAccessSignature", 401},
		{"a token of a thousand pairs", "Authorization", "SharedAccessSignature " + strings.Repeat("a=b&", 1000), 401},
		{"a rule with a long name", "Authorization", "SharedAccessSignature sr=a&sig=b&se=1&skn=" + strings.Repeat("x", 3000), 401},
		{"an expiry beyond all time", "Authorization", "SharedAccessSignature sr=a&sig=b&se=99999999999999999999&skn=x", 401},
		{"a long If-Match", "If-Match", `"` + long + `"`, 404},
		{"a long TrackingId", "TrackingId", long, 404},
		{"a long Content-Type", "Content-Type", long, 404},
		{"a range", "Range", "bytes=0-1", 404},
		{"another method", "X-HTTP-Method-Override", "DELETE", 404},
		{"another host", "X-Forwarded-Host", "evil.example", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.do(request{method: "GET", path: "/registrations/none", header: map[string]string{c.header: c.value}}).want(t, c.status)
		})
	}
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/hub1/registrationids", nil))(t)
	req.Host = "evil.example"
	req.Header.Set("Authorization", b.token(b.full, b.server.URL))
	res := must(b.server.Client().Do(req))(t)
	defer func() { _ = res.Body.Close() }()
	if location := res.Header.Get("Location"); !strings.HasPrefix(location, b.server.URL) {
		t.Errorf("Host decides the Location: %s", location)
	}
}

func TestAHubSaysWhatItLacks(t *testing.T) {
	b := newBench(t)
	good := b.hub.o
	for name, change := range map[string]func(*Options){
		"no store":              func(o *Options) { o.Store = nil },
		"no sender":             func(o *Options) { o.Sender = nil },
		"no address":            func(o *Options) { o.PublicURL = nil },
		"a name with a slash":   func(o *Options) { o.Name = "a/b" },
		"a name that is a dot":  func(o *Options) { o.Name = ".." },
		"devices that all pass": func(o *Options) { o.Device = &Device{} },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	registry := prometheus.NewRegistry()
	good.Registry = registry
	check(t, errors.Join(second(New(good))))
	if _, err := New(good); err == nil {
		t.Error("two hubs in one registry: no error")
	}
}

func second[T any](_ T, err error) error { return err }

func TestRequestsAreCountedByOperation(t *testing.T) {
	registry := prometheus.NewRegistry()
	b := newBench(t, func(o *Options) { o.Registry = registry })
	b.do(request{method: "GET", path: "/registrations/secret-id"})
	b.do(request{method: "GET", path: "/secret-path"})
	b.do(request{method: "POST", path: "/registrationids", token: "none"})
	var got []string
	for _, family := range must(registry.Gather())(t) {
		if family.GetName() != "securepush_hub_requests_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			got = append(got, fmt.Sprintf("%s: %v", strings.Join(labels, " "), m.GetCounter().GetValue()))
		}
	}
	want := "[GET registrations/{id} 404: 1 POST registrationids 401: 1 other other 404: 1]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v\nwant %s", got, want)
	}
}

func TestAHubRunsUntilItsContextEnds(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.hub.Run(ctx) }()
	cancel()
	select {
	case err := <-done:
		check(t, err)
	case <-time.After(time.Minute):
		t.Fatal("it goes on")
	}
}
