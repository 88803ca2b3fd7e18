package backend

import (
	"net/http"
	"strings"

	"securepush/api"
)

// pushes limits the requests of one address that no sender in good faith makes many of: checking a signature costs. What
// is taken, and what only has to be sent later or elsewhere, is not limited; nor are our own pushes, which do not come by here.
func (s *Server) pushes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket := "pushes of " + clientAddress(r)
		if wait := s.clients.take(bucket); wait > 0 {
			s.metrics.limited.Inc()
			writeProblem(w, tryLater(api.CodeTooManyRequests, "Too many requests. Wait a little.", wait))
			return
		}
		a := &answer{ResponseWriter: w}
		next.ServeHTTP(a, r)
		if a.status < http.StatusBadRequest || a.status == http.StatusGone || a.status >= http.StatusInternalServerError {
			s.clients.give(bucket)
		}
	})
}

// socket lets through who asks for a WebSocket, and tells others what is here.
func socket(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			writeProblem(w, api.NewProblem(api.CodeNotFound, "Devices connect here by WebSocket. There is nothing else at this address."))
			return
		}
		next.ServeHTTP(w, r)
	})
}
