package hubclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"securepush/api"
)

const (
	attempts   = 4 // as the official clients make
	firstRetry = 500 * time.Millisecond
	lastRetry  = 30 * time.Second // a hub that says to come back later is asked again after this long
	maxAnswer  = 256 << 10        // bytes of a body
)

var errSlow = errors.New("no answer in time")

// call is a request that may be made several times.
type call struct {
	op     string
	method string
	path   string // below the hub, escaped
	header map[string]string
	body   []byte
	twice  bool   // making it again changes nothing
	id     string // the same on all attempts
}

// answer is one with a status of 2xx.
type answer struct {
	header http.Header
	body   []byte
}

// do makes a call until it succeeds, fails for good, or there is no time for another attempt.
func (c *Client) do(ctx context.Context, q call) (*answer, error) {
	if q.id == "" {
		q.id = uuid.NewString()
	}
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("hubclient: %s: %w", q.op, err)
		}
		a, err := c.attempt(ctx, q)
		if err == nil {
			return a, nil
		}
		after, again := retry(err)
		if !again || n == attempts || ctx.Err() != nil {
			return nil, err
		}
		wait := delay(n, after)
		c.log.WarnContext(ctx, "hub is to be asked again", "op", q.op, "attempt", n, "wait", wait, "request_id", q.id, "err", err)
		if !sleep(ctx, wait) {
			if ctx.Err() != nil {
				err = fmt.Errorf("%w: %w", err, ctx.Err())
			}
			return nil, err
		}
	}
}

// retry says whether another attempt may help, and when the hub wants to see it; 0: it did not say.
func retry(err error) (time.Duration, bool) {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter, e.Is(ErrThrottled) || e.Is(ErrUnavailable)
	}
	var untrusted *tls.CertificateVerificationError
	return 0, !errors.Is(err, ErrUnclear) && !errors.As(err, &untrusted)
}

// delay is how long to wait after a number of attempts: never less than the hub asks for, up to a bound, and with jitter, so
// that those it has turned away do not come back together.
func delay(n int, after time.Duration) time.Duration {
	if after > 0 {
		after = min(after, lastRetry)
		return after + rand.N(after/10+1) //nolint:gosec // jitter is no secret
	}
	d := firstRetry << (n - 1)
	return d/2 + rand.N(d/2+1) //nolint:gosec // jitter is no secret
}

// sleep says whether the time has passed. It does not begin to wait for what comes after the context's deadline.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt makes a call once. The error is an *Error or a *lost.
func (c *Client) attempt(ctx context.Context, q call) (*answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, errSlow)
	defer cancel()
	var w written
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, w.trace()), q.method, c.base+q.path+"?api-version="+apiVersion, bytes.NewReader(q.body))
	if err != nil {
		return nil, &lost{op: q.op, twice: q.twice, cause: errors.New("the request cannot be made")} // the cause would repeat its path
	}
	for name, value := range q.header {
		req.Header.Set(name, value)
	}
	req.Header.Set("Authorization", c.authorization().Reveal())
	req.Header.Set("User-Agent", "SecurePush")
	req.Header.Set("X-Ms-Client-Request-Id", q.id)
	req.Header.Set("X-Ms-Version", apiVersion)
	resp, err := c.http.RoundTrip(req)
	if err != nil {
		return nil, &lost{op: q.op, sent: w.maybe(err), twice: q.twice, cause: cause(ctx, err)}
	}
	defer resp.Body.Close() //nolint:errcheck // it is read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, &Error{Op: q.op, Status: resp.StatusCode, Detail: detail(body), RetryAfter: api.ParseRetryAfter(resp.Header.Get("Retry-After"), c.now())}
	}
	if err != nil && q.method == http.MethodGet { // else the status says all
		return nil, &lost{op: q.op, sent: true, twice: q.twice, cause: cause(ctx, err)}
	}
	return &answer{header: resp.Header, body: body}, nil
}

// cause prefers our own reason for giving up to what the transport makes of it.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// written notes how far a request came. What a transport does not tell counts as written.
type written struct{ began, sent atomic.Bool }

func (w *written) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { w.began.Store(true) }, // the transport is one that tells
		WroteHeaders: func() { w.sent.Store(true) },
	}
}

// maybe says whether the hub may have a request that ended with err.
func (w *written) maybe(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	return w.sent.Load() || !w.began.Load()
}
