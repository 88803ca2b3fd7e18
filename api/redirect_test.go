package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// redirects are all statuses that make a client go elsewhere, and those that once did.
var redirects = []int{300, 301, 302, 303, 304, 305, 307, 308}

// calls is one call of each kind: with and without a token, with and without a body, with what is secret in the body.
func calls(t *testing.T, c *Client) map[string]func() error {
	return map[string]func() error{
		"GET":    func() error { _, err := c.Notification(t.Context(), testID); return err },
		"page":   func() error { _, err := c.Notifications(t.Context(), Query{}); return err },
		"POST":   func() error { _, err := c.Send(t.Context(), SendRequest{Payload: "secret"}, "once"); return err },
		"DELETE": func() error { return c.Delete(t.Context(), testID) },
		"PUT": func() error {
			_, err := c.PutInstallation(t.Context(), Installation{InstallationID: "desk"})
			return err
		},
		"password": func() error { _, err := c.PasswordGrant(t.Context(), "anna", NewSecret("secret")); return err },
		"refresh":  func() error { _, err := c.RefreshGrant(t.Context(), NewSecret("secret")); return err },
		"revoke":   func() error { return c.Revoke(t.Context(), NewSecret("secret"), "desk") },
		"who":      func() error { _, err := c.WellKnown(t.Context()); return err },
	}
}

func TestNoRedirectOfAnyKindIsFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	plain, otherTLS := httptest.NewServer(count), httptest.NewTLSServer(count)
	defer plain.Close()
	defer otherTLS.Close()
	var status int
	var location string
	var asked atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/again") {
			elsewhere.Add(1)
			return
		}
		asked.Add(1)
		w.Header().Set("Location", location)
		w.WriteHeader(status)
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.CheckRedirect = nil // not even a client of the caller's that follows
	for where, to := range map[string]string{
		"TLS to plain, another port": plain.URL, "another port": otherTLS.URL,
		"another name": strings.Replace(plain.URL, "127.0.0.1", "localhost", 1),
		"same place":   "/again", "no scheme": strings.TrimPrefix(plain.URL, "http:"), "a user in it": "https://user@" + otherTLS.Listener.Addr().String(),
	} {
		for _, status = range redirects {
			location = to
			for name, call := range calls(t, &Client{Base: base, HTTP: client, Tokens: &tokens{}}) {
				before := asked.Load()
				if err := call(); err == nil {
					t.Errorf("%s: %d %s: no error", name, status, where)
				} else if p, ok := errors.AsType[*Problem](err); !ok {
					t.Errorf("%s: %d %s: %v", name, status, where, err)
				} else if text := fmt.Sprint(p, p.Detail, p.Title); strings.Contains(text, to) {
					t.Errorf("%s: %d %s: the address stands in %s", name, status, where, text)
				}
				if n := asked.Load() - before; n != 1 {
					t.Errorf("%s: %d %s: asked %d times", name, status, where, n)
				}
			}
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}
