package backend

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

func (s *Server) wellKnown(w http.ResponseWriter, _ *http.Request, _ store.Principal) error {
	return writeJSON(w, http.StatusOK, api.WellKnown{
		Product: api.Product, Name: s.cfg.Name, Version: s.cfg.Version, API: api.APIVersion, SignIn: []string{"password"},
		VAPIDPublicKey: s.vapid, PushURL: s.pushURL().String(), Limits: s.limits,
	})
}

// pushURL is where devices open their WebSocket.
func (s *Server) pushURL() *url.URL {
	u := s.cfg.PushService
	if u == nil {
		u = s.cfg.PublicURL.JoinPath("push")
	}
	c := *u
	switch c.Scheme {
	case "http":
		c.Scheme = "ws"
	case "https":
		c.Scheme = "wss"
	}
	return &c
}

// httpURL is the origin to which the senders of a push service post.
func httpURL(u *url.URL) *url.URL {
	c := &url.URL{Scheme: u.Scheme, Host: u.Host}
	switch c.Scheme {
	case "ws":
		c.Scheme = "http"
	case "wss":
		c.Scheme = "https"
	}
	return c
}

func (s *Server) me(w http.ResponseWriter, _ *http.Request, who store.Principal) error {
	return writeJSON(w, http.StatusOK, api.Me{Account: who.Account, User: who.Name, Claims: who.Claims})
}

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request, _ store.Principal) error {
	w.Header().Set("Content-Type", "application/yaml") // RFC 9512
	_, _ = w.Write(api.OpenAPI)
	return nil
}

// health is the answer of the probes.
//
// Example: {"status":"ok"}.
type health struct {
	Status string `json:"status"`
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request, _ store.Principal) error {
	return writeJSON(w, http.StatusOK, health{"ok"})
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request, _ store.Principal) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		return tryLater(api.CodeUnavailable, "The database cannot be used.", 5*time.Second).Because(err)
	}
	return writeJSON(w, http.StatusOK, health{"ok"})
}
