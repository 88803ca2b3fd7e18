package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Transport sends requests to the hub's own address to the hub itself, within this process, and all others on to next.
func (h *Hub) Transport(next http.RoundTripper) http.RoundTripper {
	return &inProcess{hub: h, next: next}
}

// inProcess implements [http.RoundTripper]. It is safe for concurrent use.
type inProcess struct {
	hub  *Hub
	next http.RoundTripper
}

// RoundTrip answers as a connection would: with what the hub says, or with the context's error.
func (t *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	path, ours := t.hub.own(req.URL)
	if !ours {
		return t.next.RoundTrip(req)
	}
	body := req.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close() //nolint:errcheck // it was read as far as anybody wanted
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = body.Close() }) // who waits for more of it waits no longer
	defer stop()

	in := req.Clone(ctx)
	in.Body, in.URL.Path, in.URL.RawPath = body, path.Path, path.RawPath
	in.RequestURI, in.RemoteAddr, in.Proto, in.ProtoMajor, in.ProtoMinor = in.URL.RequestURI(), "in process", "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	out := &recording{header: make(http.Header)}
	if err := served(t.hub, out, in); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out.response(req), nil
}

// own says whether a request is for the hub, and where below the hub's origin.
func (h *Hub) own(u *url.URL) (*url.URL, bool) {
	public := h.o.PublicURL
	if u.Scheme != public.Scheme || !strings.EqualFold(u.Hostname(), public.Hostname()) || port(u) != port(public) {
		return nil, false
	}
	path, ok := strings.CutPrefix(u.EscapedPath(), strings.TrimSuffix(public.EscapedPath(), "/"))
	if !ok {
		return nil, false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if name, err := url.PathUnescape(first); err != nil || !strings.EqualFold(name, h.o.Name) {
		return nil, false
	}
	below, err := url.Parse(path)
	return below, err == nil
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

// served calls a handler as a server does: a handler that gives up costs the one request.
func served(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.New("hub: the request was aborted")
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// recording keeps an answer. It implements [http.ResponseWriter].
type recording struct {
	header http.Header
	sent   http.Header // as it was when the answer began
	status int
	body   bytes.Buffer
}

// Header is what the answer begins with.
func (w *recording) Header() http.Header { return w.header }

// WriteHeader begins the answer.
func (w *recording) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

// Write adds to the body.
func (w *recording) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func (w *recording) response(req *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req,
	}
}
