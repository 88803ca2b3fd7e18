package backend

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"securepush/api"
)

// FuzzRequests holds that every request has an answer of the contract's form and none is a defect, whoever asks.
func FuzzRequests(f *testing.F) {
	s, err := Open(f.Context(), Config{PublicURL: mustURL(f, "http://127.0.0.1:1"), DataDir: f.TempDir()}) // it does no work: nothing is dialled
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	admin := &Admin{store: s.store, hasher: s.hasher}
	_, key, err := admin.AddKey(f.Context(), "plant", []string{api.ClaimSend})
	if err != nil {
		f.Fatal(err)
	}
	id := string(api.NewID())
	for _, seed := range []struct{ method, path, contentType, body string }{
		{"GET", "/.well-known/securepush", "", ""},
		{"GET", "/api/notifications?after=x&limit=3", "", ""},
		{"POST", "/api/notifications", "application/json", `{"to":"anna","payload":"x"}`},
		{"PATCH", "/api/notifications/" + id, "application/json", `{"read":true}`},
		{"GET", "/api/notifications/" + id + "/status", "", ""},
		{"PUT", "/api/installations/desk", "application/json", `{"platform":"browser","pushChannel":{"endpoint":"https://a.example/x"}}`},
		{"POST", "/api/receipts", "application/json", `{"installationId":"desk","shown":[{"id":"` + id + `"}]}`},
		{"POST", "/oauth/token", "application/x-www-form-urlencoded", "grant_type=refresh_token&refresh_token=spr_x"},
		{"POST", "/oauth/revoke", "application/x-www-form-urlencoded", "token=spa_x&installation_id=desk"},
		{"POST", "/wpush/v2/x", "", "x"},
		{"PUT", "/securepush/installations/desk?api-version=2020-06", "application/json", `{}`},
		{"POST", "/securepush/messages/?api-version=2020-06", "application/json", `{}`},
		{"GET", "/%2e%2e/api/me", "", ""},
	} {
		f.Add(seed.method, seed.path, seed.contentType, seed.body, true)
	}
	handler := s.Handler()
	f.Fuzz(func(t *testing.T, method, path, contentType, body string, signed bool) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:1", strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		u, err := r.URL.Parse(path)
		if err != nil || u.Host != r.URL.Host {
			t.Skip()
		}
		r.URL, r.RequestURI, r.RemoteAddr = u, u.RequestURI(), "127.0.0.1:2"
		r.Header.Set("Content-Type", contentType)
		if signed {
			r.Header.Set("Authorization", "Bearer "+key.Reveal())
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code >= 500 && answer.Code != http.StatusServiceUnavailable && answer.Code != http.StatusNotImplemented {
			t.Errorf("%s %q: %d %s", method, path, answer.Code, answer.Body)
		}
		if location := answer.Header().Get("Location"); answer.Code >= 300 && answer.Code < 400 && !strings.HasPrefix(location, "/") {
			t.Errorf("%s %q leads to %q", method, path, location)
		}
		if answer.Code >= 400 && answer.Header().Get("Content-Type") == "application/problem+json" && !json.Valid(answer.Body.Bytes()) {
			t.Errorf("%s %q: %s", method, path, answer.Body)
		}
	})
}
