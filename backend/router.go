package backend

import (
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

// handler answers a request, or returns the error to answer with.
type handler func(w http.ResponseWriter, r *http.Request, who store.Principal) error

// route is one method of one path.
type route struct {
	method, path string
	who          access
	handle       handler
}

func (s *Server) routes() []route {
	return []route{
		{http.MethodGet, "/.well-known/securepush", anyone, s.wellKnown},
		{http.MethodPost, "/oauth/token", anyone, s.token},
		{http.MethodPost, "/oauth/revoke", anyone, s.revoke},
		{http.MethodGet, "/api/openapi.yaml", anyone, s.openAPI},
		{http.MethodGet, "/api/me", user, s.me},
		{http.MethodGet, "/api/installations", user, s.installations},
		{http.MethodGet, "/api/installations/{id}", user, s.installation},
		{http.MethodPut, "/api/installations/{id}", user, s.putInstallation},
		{http.MethodDelete, "/api/installations/{id}", user, s.deleteInstallation},
		{http.MethodGet, "/api/listen-token", user, s.listenToken},
		{http.MethodPost, "/api/notifications", sender, s.send},
		{http.MethodGet, "/api/notifications", user, s.notifications},
		{http.MethodPost, "/api/notifications/read", user, s.readMany},
		{http.MethodPost, "/api/notifications/receipts", user, s.receipts},
		{http.MethodPost, "/api/notifications/test", user, s.test},
		{http.MethodGet, "/api/notifications/{id}", user, s.notification},
		{http.MethodPatch, "/api/notifications/{id}", user, s.readOne},
		{http.MethodDelete, "/api/notifications/{id}", user, s.deleteNotification},
		{http.MethodGet, "/api/notifications/{id}/status", sender, s.status},
		{http.MethodGet, "/api/sent", user, s.sent},
		{http.MethodGet, "/healthz", anyone, s.healthz},
		{http.MethodGet, "/readyz", anyone, s.readyz},
		{http.MethodGet, "/metrics", operator, s.serveMetrics},
	}
}

// newHandler puts the routes together. The push service answers for itself: its devices hijack the connection, its
// senders get the errors of RFC 8030.
func (s *Server) newHandler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.Handle(rt.method+" "+rt.path, s.serve(rt))
	}
	if s.push != nil {
		mux.Handle("/wpush/", s.pushes(s.push.Handler()))
		mux.Handle("GET /push", socket(s.push.WebSocket()))
		mux.Handle("GET /{$}", socket(s.push.WebSocket()))
	}
	embedded := s.hubRequests(s.embedded)
	nothing := s.serve(route{path: "other", who: anyone, handle: s.other(mux)})
	other := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.forSomeHub(r) {
			embedded.ServeHTTP(w, r)
			return
		}
		nothing.ServeHTTP(w, r)
	})
	mux.Handle("/", other)
	mux.Handle("/wpush", other) // or the mux would redirect to /wpush/
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if s.hubPath(r.URL.Path) {
			embedded.ServeHTTP(w, r)
			return
		}
		if !clean(r.URL.Path) { // the mux would redirect, and a redirect is an invitation to send the token elsewhere
			writeProblem(w, api.NewProblem(api.CodeNotFound, notFoundWords))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// clean says whether a path is written in the one way that the mux takes.
func clean(p string) bool {
	return p == "/" || strings.TrimSuffix(p, "/") == path.Clean(p) && !strings.HasSuffix(p, "//")
}

// serve wraps a route in what all have in common.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.now()
		a := &answer{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil {
				s.panicked(a, r, rt, v)
			}
			s.finished(a, r, rt, s.now().Sub(start))
		}()
		if err := s.admitAndHandle(a, r, rt); err != nil {
			s.fail(a, r, rt, err)
		}
	})
}

func (s *Server) admitAndHandle(w *answer, r *http.Request, rt route) error {
	who, err := s.admit(w, r, rt.who)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w.ResponseWriter, r.Body, s.limits.BodyBytes)
	return rt.handle(w, r, who)
}

// fail answers with an error. The causes of our own defects go to the log, with the route and never with the path, whose
// IDs are nobody's business.
func (s *Server) fail(w *answer, r *http.Request, rt route, err error) {
	p := asProblem(err)
	if p.Status >= http.StatusInternalServerError && r.Context().Err() == nil {
		s.log.ErrorContext(r.Context(), "request failed", "method", rt.method, "route", rt.path, "code", p.Code, "err", p.Cause)
	}
	if w.status != 0 {
		return // half an answer cannot be taken back
	}
	if strings.HasPrefix(rt.path, "/oauth/") {
		writeOAuthError(w, p)
		return
	}
	writeProblem(w, p)
}

// panicked logs where it was. The value may hold content, unless it is the runtime's own.
func (s *Server) panicked(w *answer, r *http.Request, rt route, v any) {
	if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it like this
		panic(v)
	}
	s.metrics.panics.Inc()
	what := fmt.Sprintf("%T", v)
	if err, ok := v.(runtime.Error); ok {
		what = err.Error()
	}
	s.log.ErrorContext(r.Context(), "request panicked", "method", rt.method, "route", rt.path, "panic", what, "stack", string(debug.Stack()))
	if w.status == 0 {
		s.fail(w, r, rt, api.NewProblem(api.CodeInternal, "The server has a problem. Its log has the cause."))
	}
}

func (s *Server) finished(w *answer, r *http.Request, rt route, took time.Duration) {
	s.metrics.request(rt, w.status, took)
	s.log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("method", rt.method), slog.String("route", rt.path),
		slog.Int("status", w.status), slog.Duration("took", took))
}

// other answers for paths that are not there and for methods that a path does not have.
func (s *Server) other(mux *http.ServeMux) handler {
	methods := []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete}
	return func(w http.ResponseWriter, r *http.Request, _ store.Principal) error {
		var allow []string
		for _, m := range methods {
			probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
			if _, pattern := mux.Handler(probe); pattern != "/" && pattern != "/wpush" {
				allow = append(allow, m)
			}
		}
		if allow == nil {
			return api.NewProblem(api.CodeNotFound, notFoundWords)
		}
		if allow[0] == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
		w.Header().Set("Allow", strings.Join(append(allow, http.MethodOptions), ", "))
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		return api.NewProblem(api.CodeMethodNotAllowed, "This address does not take the method "+clip(r.Method, 16)+".")
	}
}

// answer notes the status of an answer.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts as 200 when nothing else was said.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
