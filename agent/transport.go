package agent

import (
	"bytes"
	"io"
	"net/http"
)

// Transport reaches the agent from within its own process, for a command that acts without a running listener. It holds
// whole answers, so it is not for the stream of changes.
func (a *Agent) Transport() http.RoundTripper { return inProcess{a.Handler()} }

type inProcess struct{ handler http.Handler }

// RoundTrip calls the handler.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.Host = r.URL.Host
	in.RequestURI = r.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &heldAnswer{status: http.StatusOK, header: http.Header{}}
	t.handler.ServeHTTP(w, in)
	return &http.Response{
		StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(w.body.Len()),
	}, nil
}

type heldAnswer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header returns the answer's header.
func (w *heldAnswer) Header() http.Header { return w.header }

// WriteHeader sets the status.
func (w *heldAnswer) WriteHeader(status int) { w.status = status }

// Write holds the body.
func (w *heldAnswer) Write(b []byte) (int, error) { return w.body.Write(b) }
