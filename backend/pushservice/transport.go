package pushservice

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"securepush/webpush"
)

// Transport serves requests for the service's own origin in process, through the same handler as those from outside: the
// protocol in full, without a socket. Everything else goes to next.
func (s *Service) Transport(next http.RoundTripper) http.RoundTripper {
	return transport{s: s, next: next}
}

type transport struct {
	s    *Service
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	origin, err := webpush.Origin(r.URL)
	if err != nil || origin != t.s.place.origin {
		return t.next.RoundTrip(r)
	}
	in, path := *r, *r.URL // a RoundTripper may not change the request
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer func() { _ = in.Body.Close() }() // a RoundTripper has to; there is nobody to tell
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	path.Path = strings.TrimPrefix(path.Path, t.s.place.prefix)
	in.URL, in.RequestURI, in.RemoteAddr = &path, path.RequestURI(), "in-process"
	a := answer{header: http.Header{}}
	t.s.serve(&a, &in)
	return a.response(r), nil
}

// answer collects what a handler writes.
type answer struct {
	header http.Header // as serve left it: it changes nothing there once the status is written
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *answer) response(r *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: r,
	}
}
