package backend

import (
	"net/http"
	"strings"
	"testing"

	"securepush/api"
)

func TestPushesThatAreRefusedAreLimited(t *testing.T) {
	st := newSite(t, func(c *Config) {
		c.PushService = nil
		c.Limits = defaultLimits
		c.Limits.RequestsPerSecond, c.Limits.RequestBurst = 1, 5
		c.Now = newClock().now
	})
	for i := range 7 {
		want := http.StatusNotFound
		if i >= 5 {
			want = http.StatusTooManyRequests
		}
		resp, body := st.ask(http.MethodPost, "/wpush/v1/"+strings.Repeat("a", 98), "", "x")
		if resp.StatusCode != want || i >= 5 && (resp.Header.Get("Retry-After") == "" || code(body) != api.CodeTooManyRequests) {
			t.Errorf("request %d: %d %s", i, resp.StatusCode, body)
		}
	}
	if resp, _ := st.ask(http.MethodGet, "/healthz", "", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("other requests of the address: %d", resp.StatusCode)
	}
}

func TestWhoAsksTheSocketForAPageIsToldWhatItIs(t *testing.T) {
	st := newSite(t, func(c *Config) { c.PushService = nil })
	for _, path := range []string{"/", "/push"} {
		resp, body := st.ask(http.MethodGet, path, "", nil)
		if resp.StatusCode != http.StatusNotFound || code(body) != api.CodeNotFound || !strings.Contains(body, "WebSocket") {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}
