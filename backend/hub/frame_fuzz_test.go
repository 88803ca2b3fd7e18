package hub

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// FuzzRequests sends whatever a holder of the full right might: the hub answers, and never with a defect of its own.
func FuzzRequests(f *testing.F) {
	for _, seed := range []struct{ method, target, match, body string }{
		{"POST", "/hub1/registrationids?api-version=2020-06", "", ""},
		{"POST", "/hub1/registrations", "", registrationBody},
		{"PUT", "/hub1/registrations/1-2-3?api-version=2016-07", `W/"1"`, browser("a", "https://x")},
		{"DELETE", "/hub1/registrations/1-2-3", "*", ""},
		{"GET", "/hub1/registrations?$filter=Endpoint+eq+%27https%253A%252F%252Fpush.example%27&$top=2", "", ""},
		{"GET", "/hub1/registrations?$skip=1&continuationtoken=MQ", "", ""},
		{"GET", "/hub1/tags/$InstallationId:%7Bdev-1%7D/registrations/", "", ""},
		{"PUT", "/hub1/installations/dev-1", "", installationBody},
		{"PATCH", "/hub1/installations/dev-1", "", `[{"op":"replace","path":"/templates/t1","value":"{\"body\":\"{}\"}"}]`},
		{"GET", "/hub1/installations/%64ev-1", "", ""},
		{"DELETE", "/HUB1/installations/dev-1", `""`, ""},
		{"GET", "/hub1/../x/%2e%2E//%00", "", ""},
	} {
		f.Add(seed.method, seed.target, seed.match, seed.body)
	}
	b := newBench(f)
	token := b.token(b.full, b.server.URL)
	f.Fuzz(func(t *testing.T, method, target, match, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || method == "" || strings.ContainsFunc(method, func(r rune) bool { return !unicode.IsUpper(r) }) {
			return // a server would not let it in
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL = method, u
		r.Header["Authorization"], r.Header["If-Match"] = []string{token}, []string{match}
		w := httptest.NewRecorder()
		b.hub.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code < 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code >= 400 && w.Body.Len() > 0 && !errorForm.Match(w.Body.Bytes()) {
			t.Errorf("not the form of an error: %q", w.Body)
		}
		for name, values := range w.Header() {
			if strings.ContainsFunc(strings.Join(values, ""), unicode.IsControl) {
				t.Errorf("%s: %q", name, values)
			}
		}
	})
}
