package hub

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serveAgain measures a request without the connection: what the hub and its store do.
func serveAgain(b *testing.B, method, path, body string, want int) {
	hub := newBench(b)
	hub.do(request{method: "PUT", path: "/registrations/r", body: browser("a,b", "https://push.example/abc")}).want(b, 200)
	token := hub.token(hub.listen, hub.server.URL)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), method, hub.server.URL+"/hub1"+path, strings.NewReader(body))
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		hub.hub.ServeHTTP(w, r)
		if w.Code != want {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func BenchmarkReadARegistration(b *testing.B) {
	serveAgain(b, http.MethodGet, "/registrations/r?api-version=2020-06", "", 200)
}

func BenchmarkPutAnInstallation(b *testing.B) {
	serveAgain(b, http.MethodPut, "/installations/dev-1?api-version=2020-06", installationBody, 200)
}
