package backend

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

// invalid is the problem of one field. detail is a sentence for the person.
func invalid(field, detail string) *api.Problem {
	p := api.NewProblem(api.CodeInvalidField, detail)
	p.Field = clip(field, 64)
	return p
}

// tryLater is a problem that passes: wait says when.
func tryLater(code api.Code, detail string, wait time.Duration) *api.Problem {
	p := api.NewProblem(code, detail)
	p.RetryAfter = max(wait, time.Second)
	return p
}

// notFoundWords are the same for what does not exist and for what is somebody else's.
const notFoundWords = "There is nothing of yours at this address."

// asProblem gives every error its place in the table of codes. What is not known is our defect.
func asProblem(err error) *api.Problem {
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return p
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return api.NewProblem(api.CodeNotFound, notFoundWords).Because(err)
	case errors.Is(err, store.ErrGone):
		return api.NewProblem(api.CodeGone, "It has expired or was deleted.").Because(err)
	case errors.Is(err, store.ErrConflict):
		return api.NewProblem(api.CodeConflict, "This Idempotency-Key was used with another request.").Because(err)
	case errors.Is(err, store.ErrUnavailable):
		return tryLater(api.CodeUnavailable, "The server cannot use its database right now. Try again in a moment.", 5*time.Second).Because(err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return tryLater(api.CodeUnavailable, "The server did not get to it in time. Try again.", time.Second).Because(err)
	}
	return api.NewProblem(api.CodeInternal, "The server has a problem. Its log has the cause.").Because(err)
}

// writeProblem answers with a problem document (RFC 9457).
func writeProblem(w http.ResponseWriter, p *api.Problem) {
	setRetryAfter(w.Header(), p.RetryAfter)
	if p.Code == api.CodeUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="securepush"`)
	}
	writeBody(w, p.Status, "application/problem+json", p)
}

func setRetryAfter(h http.Header, d time.Duration) {
	if d > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(d.Seconds()))))
	}
}

// writeJSON answers with a JSON value.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	writeBody(w, status, "application/json", v)
	return nil
}

// writeBody leaves <, > and & as they are: escaped, they would make the largest page six times as long, and nosniff with
// a JSON type keeps a browser from reading them as markup. A failed write has nobody left to be told.
func writeBody(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}
