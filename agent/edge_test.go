package agent

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"securepush/pushlistener"
)

// deaf is a handler that hears nothing.
type deaf struct{ pushlistener.Handler }

// Link ignores.
func (deaf) Link(bool, error) {}

func TestConnectionsFromBeforeALossAreNotUsedAgain(t *testing.T) {
	var made atomic.Int64
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			made.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	ask := func(want int64) {
		t.Helper()
		resp, err := (&http.Client{Transport: transport}).Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body) // or the connection is not kept
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if n := made.Load(); n != want {
			t.Errorf("%d connections, want %d", n, want)
		}
	}
	link := &linkWatch{Handler: deaf{}, down: make(chan struct{}, 1), lost: transport.CloseIdleConnections}
	ask(1)
	link.Link(true, nil)
	ask(1)
	link.Link(false, errors.New("no answer to a ping"))
	ask(2)
}
