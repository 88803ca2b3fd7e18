package backend

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// defaultHubName is the first segment of the hub's paths, unless it is told another.
const defaultHubName = "securepush"

// hubName is what a hub can be called: a path segment that is nothing else's. Azure has the same limit.
var hubName = shape{regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`), 260}

// checkHubName refuses names that would hide another path.
func checkHubName(name string) error {
	for _, taken := range []string{"api", "oauth", "push", "wpush", "healthz", "readyz", "metrics"} {
		if strings.EqualFold(name, taken) {
			return invalid("hub-name", "The hub cannot be called "+name+": the server has something else at this path.")
		}
	}
	if !hubName.MatchString(name) {
		return invalid("hub-name", "A hub's name has letters of English, digits and . _ -, 260 at the most.")
	}
	return nil
}

// hubPath says whether a path is the embedded hub's.
func (s *Server) hubPath(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return s.embedded != nil && strings.EqualFold(first, s.cfg.HubName)
}

// forSomeHub says whether a request to a path at which there is nothing is meant for a hub, if of another name: it gets a hub's
// answer, which does not tell which hubs there are.
func (s *Server) forSomeHub(r *http.Request) bool {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return s.embedded != nil && strings.EqualFold(scheme, "SharedAccessSignature")
}

// hubRequests limits what one address asks of the hub without a right to it: a token that does not count costs as much to check
// as one that does. What is answered is not limited; our own requests do not come by here.
func (s *Server) hubRequests(next http.Handler) http.Handler {
	rt := route{path: "/{hub}/", method: "ANY"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.now()
		bucket := "hub of " + clientAddress(r)
		a := &answer{ResponseWriter: w}
		defer func() { s.finished(a, r, rt, s.now().Sub(start)) }()
		if wait := s.clients.take(bucket); wait > 0 {
			s.metrics.limited.Inc()
			setRetryAfter(a.Header(), max(wait, 1))
			a.Header().Set("Content-Type", "application/xml; charset=utf-8")
			a.WriteHeader(http.StatusTooManyRequests)
			_, _ = fmt.Fprintf(a, "<Error><Code>%d</Code><Detail>Too many requests.</Detail></Error>", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(a, r)
		if a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
			s.clients.give(bucket)
		}
	})
}
