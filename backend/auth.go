package backend

import (
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

// access says who may call a route.
type access int

const (
	anyone   access = iota
	user            // a person with an access token
	sender          // a person, or a program with a sender key
	operator        // a program on this machine, or who has the manage claim
)

// admit lets a request pass, or says why not. Requests over the limit cost neither a database read nor a body.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, who access) (store.Principal, error) {
	token := bearer(r)
	bucket, known := s.clients.bucket(r, token)
	if wait := s.clients.take(bucket); wait > 0 {
		s.metrics.limited.Inc()
		return store.Principal{}, tryLater(api.CodeTooManyRequests, "Too many requests. Wait a little.", wait)
	}
	if who == anyone || who == operator && local(r) {
		return store.Principal{}, nil
	}
	p, err := s.authenticate(w, r, token)
	if err != nil {
		s.clients.forget(token)
		return store.Principal{}, err
	}
	if !known {
		s.clients.learn(token, p)
		s.clients.give(bucket)
	}
	switch {
	case who == operator && !p.Has(api.ClaimManage),
		who == user && p.Account == "",
		who == sender && p.Account == "" && !p.Has(api.ClaimSend):
		return store.Principal{}, api.NewProblem(api.CodeForbidden, "This sign-in or key does not have the right to do this.")
	}
	return p, nil
}

func (s *Server) authenticate(w http.ResponseWriter, r *http.Request, token api.Secret) (store.Principal, error) {
	if token.Empty() {
		return store.Principal{}, api.NewProblem(api.CodeUnauthorized, "Sign in first: the request has no bearer token.")
	}
	p, err := s.store.Authenticate(r.Context(), token)
	if errors.Is(err, store.ErrRefused) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="securepush", error="invalid_token"`)
		return store.Principal{}, api.NewProblem(api.CodeUnauthorized, "This sign-in is not valid, or no longer.").Because(err)
	}
	return p, err
}

// bearer is the token of the Authorization header (RFC 6750 section 2.1), empty when there is none that could be one.
func bearer(r *http.Request) api.Secret {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || len(token) > 512 || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return api.Secret{}
	}
	return api.NewSecret(token)
}

// clients limits what one client asks for. A client is a person or a sender key; whoever has shown no valid token yet
// counts as an address.
type clients struct {
	*buckets

	mu    sync.Mutex
	known map[[sha256.Size]byte]string // token that was valid → bucket of its holder
}

func newClients(l api.Limits, now func() time.Time) *clients {
	return &clients{
		buckets: newBuckets(float64(l.RequestsPerSecond), float64(l.RequestBurst), now),
		known:   map[[sha256.Size]byte]string{},
	}
}

func (c *clients) bucket(r *http.Request, token api.Secret) (key string, known bool) {
	if !token.Empty() {
		c.mu.Lock()
		key, known = c.known[sha256.Sum256([]byte(token.Reveal()))]
		c.mu.Unlock()
	}
	if !known {
		key = clientAddress(r)
	}
	return key, known
}

func (c *clients) learn(token api.Secret, p store.Principal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxBuckets {
		clear(c.known) // costs one database read for each
	}
	c.known[sha256.Sum256([]byte(token.Reveal()))] = "principal " + p.Account + p.Key
}

func (c *clients) forget(token api.Secret) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, sha256.Sum256([]byte(token.Reveal())))
}

// clientAddress is where a request comes from: the peer or, when that is a reverse proxy on this machine, what it says.
// A network of IPv6 counts as one, as every host has 2^64 addresses of it.
func clientAddress(r *http.Request) string {
	addr := peer(r)
	if addr.IsLoopback() {
		forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		last := forwarded[strings.LastIndexByte(forwarded, ',')+1:]
		if a, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
			addr = a.Unmap()
		}
	}
	if addr.Is6() && !addr.IsLoopback() {
		if net, err := addr.WithZone("").Prefix(64); err == nil {
			return net.String()
		}
	}
	return addr.String()
}

func peer(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.IPv6Unspecified()
	}
	return ap.Addr().Unmap()
}

// local says whether a request comes from a program on this machine, and not from elsewhere through a reverse proxy or a
// browser that was led here by a name.
func local(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via", "Origin"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return peer(r).IsLoopback() && api.IsLoopback(strings.Trim(host, "[]"))
}
