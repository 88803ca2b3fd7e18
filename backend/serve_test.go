package backend

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"securepush/api"
)

// served is a server under Serve.
type served struct {
	Ready
	stop context.CancelFunc
	done chan error
}

func serve(t *testing.T, o ServeOptions) *served {
	t.Helper()
	if o.Config.DataDir == "" {
		o.Config.DataDir = t.TempDir()
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &served{stop: stop, done: make(chan error, 1)}
	ready := make(chan Ready, 1)
	o.Ready = func(r Ready) { ready <- r }
	go func() { s.done <- Serve(ctx, o) }()
	select {
	case s.Ready = <-ready:
	case err := <-s.done:
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(t) })
	return s
}

// end stops the server and waits; a second time it does nothing.
func (s *served) end(t *testing.T) {
	t.Helper()
	s.stop()
	select {
	case err, open := <-s.done:
		if open {
			close(s.done)
		}
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("Serve does not end")
	}
}

func TestServeTellsItsAddressAndStops(t *testing.T) {
	s := serve(t, ServeOptions{Listen: "127.0.0.1:0"})
	if s.PublicURL.String() != "http://"+s.Addr.String() {
		t.Errorf("public URL %s, address %s", s.PublicURL, s.Addr)
	}
	c := &api.Client{Base: s.PublicURL}
	if _, err := c.WellKnown(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.end(t)
	if _, err := c.WellKnown(t.Context()); api.CodeOf(err) != api.CodeUnreachable {
		t.Errorf("after the stop: %v", err)
	}
}

func TestServeRefusesWhatCannotBeSafe(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, tt := range map[string]struct {
		o    ServeOptions
		code api.Code
	}{
		"plain on all addresses":   {ServeOptions{Listen: ":0"}, api.CodePlainHTTP},
		"plain on 0.0.0.0":         {ServeOptions{Listen: "0.0.0.0:0"}, api.CodePlainHTTP},
		"plain on another address": {ServeOptions{Listen: "192.0.2.1:0"}, api.CodePlainHTTP},
		"plain on a name":          {ServeOptions{Listen: "push.example:0"}, api.CodePlainHTTP},
		"no port":                  {ServeOptions{Listen: "127.0.0.1"}, api.CodeInvalidField},
		"no number":                {ServeOptions{Listen: "127.0.0.1:http"}, api.CodeInvalidField},
		"port taken":               {ServeOptions{Listen: taken.Addr().String()}, api.CodeInvalidField},
		"half of TLS":              {ServeOptions{Listen: "127.0.0.1:0", TLSCert: "x"}, api.CodeInvalidField},
		"TLS files not there":      {ServeOptions{Listen: "127.0.0.1:0", TLSCert: "/nothing/c", TLSKey: "/nothing/k"}, api.CodeInvalidField},
	} {
		t.Run(name, func(t *testing.T) {
			tt.o.Config.DataDir = t.TempDir()
			err := Serve(t.Context(), tt.o)
			if api.CodeOf(err) != tt.code || !strings.HasSuffix(api.Words(err), ".") {
				t.Errorf("%v: %s", err, api.Words(err))
			}
		})
	}
}

func TestCertificateIsReadAgainWhenItChanges(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeCertificate(t, cert, key, 1)
	c, err := loadCertificate(cert, key, discardLog())
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		c.checked = time.Time{} // the second between two looks is over
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("serial %d", got)
	}
	writeCertificate(t, cert, key, 2)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("after the renewal: serial %d", got)
	}
	if err := os.WriteFile(key, []byte("half a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("with half a renewal: serial %d", got)
	}
}

func TestServeOverTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	roots := writeCertificate(t, cert, key, 1)
	s := serve(t, ServeOptions{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key})
	if s.PublicURL.Scheme != "https" {
		t.Errorf("public URL %s", s.PublicURL)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer tr.CloseIdleConnections()
	c := &api.Client{Base: s.PublicURL, HTTP: &http.Client{Transport: tr}}
	w, err := c.WellKnown(t.Context())
	if err != nil || !strings.HasPrefix(w.PushURL, "wss://") {
		t.Fatalf("%+v %v", w, err)
	}
	if _, err := (&api.Client{Base: s.PublicURL}).WellKnown(t.Context()); api.CodeOf(err) != api.CodeUntrusted {
		t.Errorf("without the authority: %v", err)
	}
	conn, _, err := websocket.Dial(t.Context(), w.PushURL, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: tr}, Subprotocols: []string{"push-notification"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.CloseNow()
	old := &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	if conn, err := (&tls.Dialer{Config: old}).DialContext(t.Context(), "tcp", s.Addr.String()); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

func TestPublicURLOfAnAddressForAll(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeCertificate(t, cert, key, 1)
	o := ServeOptions{TLSCert: cert, TLSKey: key}
	for addr, want := range map[string]string{
		"0.0.0.0:8443": "https://push.example:8443", "[::]:443": "https://push.example", "192.0.2.1:443": "https://192.0.2.1",
	} {
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := publicURL(a, o).String(); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

func TestStopTellsDevicesToReconnect(t *testing.T) {
	s := serve(t, ServeOptions{Listen: "127.0.0.1:0"})
	conn, _, err := websocket.Dial(t.Context(), "ws://"+s.Addr.String()+"/push",
		&websocket.DialOptions{Subprotocols: []string{"push-notification"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"messageType":"hello","use_webpush":true}`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.stop()
	ctx, cancel := context.WithTimeout(t.Context(), stopTimeout/2) // it is told, not merely cut off at the end
	defer cancel()
	_, _, err = conn.Read(ctx)
	if got := websocket.CloseStatus(err); got != websocket.StatusGoingAway && got != websocket.StatusServiceRestart {
		t.Errorf("close %v: %v", got, err)
	}
	s.end(t)
}

func TestRequestUnderWayIsFinishedAtTheStop(t *testing.T) {
	s := serve(t, ServeOptions{Listen: "127.0.0.1:0"})
	body, feed := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.PublicURL.String()+"/oauth/revoke", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status := make(chan int, 1)
	go func() {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		_ = resp.Body.Close()
		status <- resp.StatusCode
	}()
	if _, err := feed.Write([]byte("token=")); err != nil { // returns when the transport has taken it
		t.Fatal(err)
	}
	// The server has the request when it has answered a later one of another connection.
	if _, err := (&api.Client{Base: s.PublicURL}).WellKnown(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.stop()
	for { // until the listener is closed
		conn, err := net.Dial("tcp", s.Addr.String())
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	if _, err := feed.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	_ = feed.Close()
	if got := <-status; got != http.StatusOK {
		t.Errorf("status %d", got)
	}
	s.end(t)
}

func TestConnectionsAreBounded(t *testing.T) {
	st := newSite(t)
	hs, err := newHTTPServer(st.Server, ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if hs.ReadHeaderTimeout != 5*time.Second || hs.ReadTimeout == 0 || hs.WriteTimeout == 0 || hs.IdleTimeout == 0 || hs.MaxHeaderBytes != 16<<10 {
		t.Errorf("%+v", hs)
	}
	s := serve(t, ServeOptions{Listen: "127.0.0.1:0"})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.PublicURL.String()+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Big", strings.Repeat("a", 32<<10))
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("32 KiB of headers: %d", resp.StatusCode)
	}
}

// writeCertificate makes a certificate for loopback and push.example that is its own authority.
func writeCertificate(t *testing.T, certFile, keyFile string, serial int64) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"push.example"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, b := range map[string][]byte{certFile: certPEM, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return pool
}
