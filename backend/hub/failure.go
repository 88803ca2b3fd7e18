package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"securepush/api"
	"securepush/backend/hub/atom"
	"securepush/backend/hub/installation"
	"securepush/backend/hub/record"
	"securepush/backend/hub/tagexpr"
	"securepush/backend/hub/template"
)

// Content types of replies.
const (
	typeXML   = "application/xml; charset=utf-8"
	typeEntry = "application/atom+xml; type=entry; charset=utf-8"
	typeFeed  = "application/atom+xml; type=feed; charset=utf-8"
	typeJSON  = "application/json; charset=utf-8"
)

// failure is an answer that says why there is no other.
type failure struct {
	status     int
	text       string        // goes to the client
	retryAfter time.Duration // 0: none
	cause      error         // goes to the log
	bare       bool          // answered without a body
}

// Error is for the log.
func (f *failure) Error() string {
	if f.cause != nil {
		return fmt.Sprintf("hub: %d %s: %v", f.status, f.text, f.cause)
	}
	return fmt.Sprintf("hub: %d %s", f.status, f.text)
}

// Unwrap gives the cause.
func (f *failure) Unwrap() error { return f.cause }

// refuse is the error that is answered with a status and a text.
func refuse(status int, text string) error { return &failure{status: status, text: text} }

// unavailable is the error for what cannot be done now and may be tried again.
func unavailable(cause error) *failure {
	return &failure{status: http.StatusServiceUnavailable, text: "The hub cannot do this now.", retryAfter: 5 * time.Second, cause: cause}
}

// What the service says in its own words.
const (
	goneText     = "Cannot use specified location. Use a different registration ID."
	mismatchText = "The registration has another ETag."
)

// asFailure finds the answer to an error. What is not known comes from the store or the context: it may pass.
func asFailure(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return &failure{status: p.Status, text: p.Detail, retryAfter: p.RetryAfter, cause: err}
	}
	if words := wordsOf(err); words != "" {
		return &failure{status: http.StatusBadRequest, text: words, cause: err}
	}
	switch {
	case errors.Is(err, record.ErrNotFound):
		return &failure{status: http.StatusNotFound, cause: err} // without a text, as recorded
	case errors.Is(err, record.ErrMismatch):
		return &failure{status: http.StatusPreconditionFailed, text: mismatchText, cause: err}
	case errors.Is(err, record.ErrGone):
		return &failure{status: http.StatusGone, text: goneText, cause: err}
	}
	return unavailable(err)
}

// wordsOf is what is wrong with something that a client sent.
func wordsOf(err error) string {
	if e, ok := errors.AsType[*atom.Error](err); ok {
		return e.Words
	}
	if e, ok := errors.AsType[*installation.Error](err); ok {
		return e.Words
	}
	if e, ok := errors.AsType[*template.Error](err); ok {
		return e.Words
	}
	if e, ok := errors.AsType[*tagexpr.Error](err); ok {
		return e.Words
	}
	return ""
}

// fail answers with an error: "Notification Hubs REST API, REST API methods, error codes". The log gets the operation, never the
// path, whose parts are somebody's.
func (h *Hub) fail(ctx context.Context, c *call, op operation, err error) {
	f := asFailure(err)
	if f.status >= http.StatusInternalServerError && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "hub request failed", "method", op.method, "operation", op.pattern, "tracking_id", c.tracking,
			"status", f.status, "err", f.cause)
	}
	if c.answered() {
		return // half an answer cannot be taken back
	}
	for _, name := range []string{"Location", "Content-Location", "ETag", "x-ms-continuationtoken"} { // of an answer that was not given
		c.w.Header().Del(name)
	}
	if f.retryAfter > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.retryAfter.Seconds()))))
	}
	if f.bare {
		_ = c.empty(f.status)
		return
	}
	_ = c.reply(f.status, typeXML, atom.AppendError(nil, f.status, f.text, c.tracking+"_G0", h.now()))
}

// answered says whether the answer has begun.
func (c *call) answered() bool {
	a, ok := c.w.(*answer)
	return ok && a.status != 0
}

// reply answers with a body. A failed write has nobody left to be told.
func (c *call) reply(status int, contentType string, body []byte) error {
	h := c.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
	return nil
}

// empty answers without a body.
func (c *call) empty(status int) error {
	if status != http.StatusNoContent {
		c.w.Header().Set("Content-Length", "0")
	}
	c.w.WriteHeader(status)
	return nil
}

// body reads the whole body, at most limit bytes; one with more is refused with 413.
func (c *call) body(limit int64) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refuse(http.StatusRequestEntityTooLarge, "The body may have "+strconv.FormatInt(limit, 10)+" bytes at the most.")
	}
	if err != nil {
		return nil, &failure{status: http.StatusBadRequest, text: "The body could not be read to its end.", cause: err}
	}
	return b, nil
}
