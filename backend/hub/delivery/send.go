package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"securepush/api"
	"securepush/webpush"
)

// Bounds of the back-off between attempts.
const (
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
)

// backoff is how long to wait after a number of failures: doubling, with jitter so that devices do not come back together.
func backoff(failures int) time.Duration {
	d := lastRetry
	if failures < 10 {
		d = min(firstRetry<<failures, lastRetry)
	}
	return d/2 + rand.N(d/2+1) //nolint:gosec // jitter is no secret
}

// work sends until the queue ends.
func (s *Sender) work(ctx context.Context) {
	for {
		l, p, ok := s.queue.take()
		if !ok {
			return
		}
		v := s.attempt(ctx, l.endpoint, l.origin.name, p)
		if !s.queue.done(l, p, v) {
			s.metrics.count(resultRetried)
			continue
		}
		s.metrics.done(v.label, p.queued)
		if p.report != nil {
			p.report(v.Result)
		}
	}
}

// attempt tries once.
func (s *Sender) attempt(ctx context.Context, endpoint, origin string, p push) verdict {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	req, err := s.request(ctx, endpoint, p)
	if err != nil {
		s.log.Error("push cannot be made", "origin", origin, "err", err)
		return verdict{Result: Result{Outcome: unsendable(err)}, label: resultUnsendable}
	}
	resp, err := s.o.HTTP.RoundTrip(req)
	if errors.Is(err, errForbidden) {
		s.log.Warn("push endpoint leads to an address that is not allowed", "origin", origin)
		return verdict{Result: Result{Outcome: BadChannel}, label: resultRefused}
	}
	if err != nil {
		s.log.Warn("push failed", "origin", origin, "err", err)
		return verdict{Result: Result{Outcome: PnsUnreachable}, retry: true}
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4096) // so that the connection can be used again
	_ = resp.Body.Close()
	return s.judge(origin, resp)
}

// unsendable names the reason why a push could not be made.
func unsendable(err error) string {
	switch {
	case errors.Is(err, webpush.ErrTooLong):
		return InvalidNotificationSize
	case errors.Is(err, webpush.ErrSubscription), errors.Is(err, errEndpoint):
		return BadChannel
	default:
		return UnknownError
	}
}

// judge decides by a push service's answer (RFC 8030 section 8.4 and what services are known to do).
func (s *Sender) judge(origin string, resp *http.Response) verdict {
	code := resp.StatusCode
	v := verdict{Result: Result{Outcome: outcome(code), Status: code}, label: resultRefused}
	switch v.Outcome {
	case Success:
		v.label = resultSent
	case ExpiredChannel:
		v.label = resultGone
		s.log.Info("push channel is gone", "origin", origin, "status", code)
	case Throttled, PnsUnavailable, PnsServerError:
		v.retry, v.after = true, api.ParseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
		s.log.Debug("push is to be tried again", "origin", origin, "status", code, "after", v.after)
	default:
		s.log.Error("push was refused", "origin", origin, "status", code)
	}
	return v
}

// outcome names an HTTP status.
func outcome(code int) string {
	switch {
	case code >= 200 && code < 300:
		return Success
	case code == http.StatusNotFound, code == http.StatusGone:
		return ExpiredChannel
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return InvalidCredentials
	case code == http.StatusRequestEntityTooLarge:
		return InvalidNotificationSize
	case code == http.StatusTooManyRequests, code == http.StatusNotAcceptable: // the latter is what Windows' service says
		return Throttled
	case code == http.StatusServiceUnavailable, code == http.StatusRequestTimeout:
		return PnsUnavailable
	case code >= 500:
		return PnsServerError
	case code < 400, code == http.StatusMethodNotAllowed: // who sends elsewhere, or knows no POST, takes no pushes
		return BadChannel
	default:
		return UnknownError
	}
}

// request makes the push: the text sealed to one of a few sizes, and headers that say nothing about it but how long and how
// urgently it is worth delivering.
func (s *Sender) request(ctx context.Context, endpoint string, p push) (*http.Request, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, errEndpoint
	}
	body, err := webpush.Seal(p.p256dh, p.auth, p.body)
	if err != nil {
		return nil, err
	}
	authorization, err := s.o.Signer.Authorization(u)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	req.URL = u
	ttl := max(0, (time.Until(p.deadline)+time.Second-1)/time.Second) // rounded up: one that is due now is still worth a try
	req.Header = http.Header{
		"Authorization":    {authorization},
		"Content-Encoding": {"aes128gcm"},
		"Content-Type":     {"application/octet-stream"},
		"Ttl":              {strconv.FormatInt(int64(ttl), 10)},
		"Urgency":          {p.urgency},
		"User-Agent":       {"SecurePush"},
	}
	if p.topic != "" {
		req.Header["Topic"] = []string{s.topic(endpoint, p.topic)}
	}
	return req, nil
}

// topic lets a later push take the place of an earlier one that still waits. It counts for one subscription only (RFC 8030
// section 5.4), so that it may be made unlike that of any other device: only this process can tell which two are the same.
func (s *Sender) topic(endpoint, name string) string {
	sum := sha256.Sum256(slices.Concat(s.topics, []byte(endpoint+"\n"+name))) // the key, of fixed length, and no part of what is kept
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}
