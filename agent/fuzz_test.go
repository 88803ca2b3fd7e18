package agent

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/secure"
)

// FuzzSettings holds that of any file what is used is within its bounds, and that whatever cannot be used is told.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		"", "theme = \"dark\"\nlanguage = \"de\"\ntext_size = 120\n", "toast_content = \"nothing\"\nkeep_days = 30\n", "theme = 3\nx = 1\n",
		"[[quiet]]\nfrom = \"22:00\"\nto = \"07:00\"\ndays = [1, 2]\n", "= broken", "a = [[[[", "theme = \"dark\"\ntheme = \"light\"\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := openSettings(path)
		if err != nil {
			t.Fatal(err)
		}
		used := s.get()
		if troubles := settingTroubles(used); len(troubles) > 0 {
			t.Errorf("used: %+v: %+v", used, troubles)
		}
		if s.broken != "" && used.ToastContent != local.ToastNothing {
			t.Errorf("a file that cannot be read makes toasts of %q", used.ToastContent)
		}
		if len(s.bad) > 0 && len(s.conditions()) == 0 {
			t.Error("what cannot be used is not told")
		}
		if _, _, err := s.change(func(n *local.Settings) { n.Theme = "dark" }); err != nil {
			t.Fatalf("it cannot be changed any more: %v", err)
		}
		again, err := openSettings(path)
		if err != nil || again.get().Theme != "dark" {
			t.Errorf("chosen, and read again as %q, %v", again.get().Theme, err)
		}
	})
}

// FuzzLocalRequest holds that the socket answers whatever comes with a problem or with what was asked for, and web pages with nothing.
func FuzzLocalRequest(f *testing.F) {
	dir := f.TempDir()
	a, err := Open(f.Context(), Options{
		Paths: Paths{ConfigDir: dir + "/c", StateDir: dir + "/s", RuntimeDir: dir + "/r"}, Executable: "/bin/false", Vault: secure.NewMemory(),
		StartWindow: func([]string) error { return nil },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = a.Close() })
	for path, method := range map[string]string{
		"/v1/status": "GET", "/v1/notifications?limit=x": "GET", "/v1/notifications/7Jb0m3Zl3oWm4m0x0n9L9w": "PATCH", "/v1/settings": "PUT",
		"/v1/pause": "POST", "/v1/notifications/read": "POST", "/v1/../v1/status": "GET",
	} {
		f.Add(method, path, "agent", "", `{"read":true}`)
	}
	f.Add("GET", "/v1/status", "evil.example", "https://evil.example", "")
	handler := a.Handler()
	f.Fuzz(func(t *testing.T, method, path, host, origin, body string) {
		if strings.Contains(path, "sign-in") || strings.Contains(path, "server") || strings.Contains(path, "changes") {
			t.Skip() // they dial, or last
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://agent", strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		if u, err := r.URL.Parse(path); err == nil {
			r.URL = u
		}
		r.Host = host
		r.Header.Set(local.VersionHeader, "1")
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code == http.StatusInternalServerError {
			t.Errorf("%s %q: %s", method, path, answer.Body)
		}
		if (host != "agent" || origin != "") && answer.Code < 400 {
			t.Errorf("host %q, origin %q: %d", host, origin, answer.Code)
		}
	})
}
