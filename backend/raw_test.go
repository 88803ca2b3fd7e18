package backend

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// rawRequest is a request as a handler sees it, from this machine.
func rawRequest(method, path, body, token string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// discard is an http.ResponseWriter that keeps the status only.
type discard struct {
	h      http.Header
	status int
}

func newDiscard() *discard { return &discard{h: http.Header{}} }

// Header is the header.
func (d *discard) Header() http.Header { return d.h }

// WriteHeader keeps the status.
func (d *discard) WriteHeader(status int) { d.status = status }

// Write drops the body.
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// serveHandler serves h and returns the address.
func serveHandler(t *testing.T, h http.Handler) string {
	t.Helper()
	hs := httptest.NewServer(h)
	t.Cleanup(hs.Close)
	return hs.URL
}

// clock is a wall clock that goes when it is told to.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time { return time.Unix(0, c.ns.Load()) }

func (c *clock) pass(d time.Duration) { c.ns.Add(int64(d)) }
