package hub

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
)

// ServeHTTP answers a request below the hub's name. It implements [http.Handler].
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, a := r.Context(), &answer{ResponseWriter: w}
	c := &call{w: a, r: r, version: defaultVersion, tracking: guid(r.Header.Get("TrackingId"))}
	a.Header().Set("TrackingId", c.tracking)
	a.Header().Set("x-ms-correlation-request-id", guid(r.Header.Get("x-ms-correlation-request-id")))
	op := operation{method: "other", pattern: "other"}
	defer func() {
		if v := recover(); v != nil {
			h.panicked(ctx, c, op, v)
		}
		h.requests.WithLabelValues(op.method, op.pattern, strconv.Itoa(a.status)).Inc()
	}()
	if err := h.serve(ctx, c, &op); err != nil {
		h.fail(ctx, c, op, err)
	}
}

// serve does what a request asks for, if there is such a thing and the client may. op becomes what it is.
func (h *Hub) serve(ctx context.Context, c *call, op *operation) error {
	found, err := h.route(c)
	if err != nil {
		return err
	}
	*op = found
	if err := h.authorise(ctx, c, found); err != nil {
		return err
	}
	return found.handle(h, c)
}

// guid is the one that the client gave, or a new one: clients find a request again by it, whichever side drew it.
func guid(given string) string {
	if _, err := uuid.Parse(given); err == nil && len(given) == 36 { // no braces, no prefix
		return given
	}
	return uuid.NewString()
}

// panicked answers for a defect of ours and logs where it was. The value may hold content, unless it is the runtime's own.
func (h *Hub) panicked(ctx context.Context, c *call, op operation, v any) {
	if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it like this
		panic(v)
	}
	what := fmt.Sprintf("%T", v)
	if err, ok := v.(runtime.Error); ok {
		what = err.Error()
	}
	h.log.ErrorContext(ctx, "hub request panicked", "method", op.method, "operation", op.pattern, "tracking_id", c.tracking,
		"panic", what, "stack", string(debug.Stack()))
	h.fail(ctx, c, op, refuse(http.StatusInternalServerError, "The hub has a problem. Its log has the cause."))
}

func newRequests(r prometheus.Registerer) (*prometheus.CounterVec, error) {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "securepush", Subsystem: "hub", Name: "requests_total", Help: "Requests to the hub by operation and status.",
	}, []string{"method", "operation", "status"})
	if r == nil {
		return v, nil
	}
	return v, r.Register(v)
}

// answer notes the status of an answer, so that half of one is not followed by another.
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

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
