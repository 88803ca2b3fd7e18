package hub

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
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
func unavailable(cause error) error {
	return &failure{status: http.StatusServiceUnavailable, text: "The hub cannot do this now.", retryAfter: 5 * time.Second, cause: cause}
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
