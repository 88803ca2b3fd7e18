package hub

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
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

// target is where a push goes.
type target struct {
	installation string
	origin       string
	endpoint     *url.URL
	channel      api.PushChannel
}

// LogValue shows who runs the push service and the beginning of the installation's ID: an endpoint is a capability.
func (t target) LogValue() slog.Value {
	return slog.GroupValue(slog.String("installation", api.ID(t.installation).Short()), slog.String("origin", t.origin))
}

// work sends until the queue ends.
func (h *Hub) work(ctx context.Context) {
	for {
		l, t, p, ok := h.queue.take()
		if !ok {
			return
		}
		o := h.deliver(ctx, t, p)
		if o.result == resultSent {
			h.metrics.sent(p.queued)
		} else {
			h.metrics.count(o.result, 1)
		}
		h.queue.done(l, t, p, o)
	}
}

// deliver makes one attempt.
func (h *Hub) deliver(ctx context.Context, t target, p push) outcome {
	ctx, cancel := context.WithTimeout(ctx, h.o.Timeout)
	defer cancel()
	req, err := h.request(ctx, t, p)
	if err != nil {
		h.log.Error("push cannot be made", "target", t, "id", p.id, "err", err)
		return outcome{result: resultUnsendable}
	}
	resp, err := h.o.HTTP.RoundTrip(req)
	if errors.Is(err, errForbidden) {
		h.log.Warn("push endpoint leads to an address that is not allowed", "target", t, "id", p.id)
		return outcome{result: resultRefused}
	}
	if err != nil {
		h.log.Warn("push failed", "target", t, "id", p.id, "err", err)
		return outcome{result: resultRetried, retry: true}
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4096) // so that the connection can be used again
	_ = resp.Body.Close()
	return h.judge(ctx, t, p, resp)
}

// judge decides by a push service's answer (RFC 8030 section 8.4 and what services are known to do).
func (h *Hub) judge(ctx context.Context, t target, p push, resp *http.Response) outcome {
	switch code := resp.StatusCode; {
	case code >= 200 && code < 300:
		return outcome{result: resultSent}
	case code == http.StatusNotFound, code == http.StatusGone:
		h.log.Info("push channel is gone", "target", t, "status", code)
		if err := h.o.Store.MarkInstallationGone(ctx, t.installation, t.channel.Endpoint); err != nil {
			h.log.Error("push channel could not be marked as gone", "target", t, "err", err)
		}
		return outcome{result: resultGone, gone: true}
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= 500:
		after := api.ParseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
		h.log.Debug("push is to be tried again", "target", t, "id", p.id, "status", code, "after", after)
		return outcome{result: resultRetried, retry: true, after: after}
	default:
		h.log.Error("push was refused", "target", t, "id", p.id, "status", code)
		return outcome{result: resultRefused}
	}
}

// request makes the push: the ID sealed to one fixed size, and headers that say nothing about the notification but how
// long it is worth delivering.
func (h *Hub) request(ctx context.Context, t target, p push) (*http.Request, error) {
	body, err := webpush.Seal(t.channel.P256DH, t.channel.Auth, api.EncodePush(p.id))
	if err != nil {
		return nil, err
	}
	authorization, err := h.o.Signer.Authorization(t.endpoint)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.origin, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	req.URL = t.endpoint                                              // read already, when it was queued
	ttl := max(0, (time.Until(p.deadline)+time.Second-1)/time.Second) // rounded up: one that is due now is still worth a try
	req.Header = http.Header{
		"Authorization":    {authorization},
		"Content-Encoding": {"aes128gcm"},
		"Content-Type":     {"application/octet-stream"},
		"Topic":            {h.topic(t.installation, p.id)},
		"Ttl":              {strconv.FormatInt(int64(ttl), 10)},
		"Urgency":          {p.urgency},
		"User-Agent":       {"SecurePush"},
	}
	return req, nil
}

// topic lets a later push about a notification take the place of an earlier one that still waits (RFC 8030 section 5.4).
// Only this process can tell which two pushes have the same one, and only for one device.
func (h *Hub) topic(installation string, id api.ID) string {
	m := hmac.New(sha256.New, h.topics)
	_, _ = io.WriteString(m, installation+"\n"+string(id)) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:24])
}
