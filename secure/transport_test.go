package secure_test

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/secure"
)

// fetch asks the server in FETCH and prints what came of it: the environment's proxy is read once in a process.
func fetch() int {
	tr, err := secure.Transport(secure.TrustOptions{CAFile: os.Getenv("FETCH_CA")})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	base, _ := url.Parse(os.Getenv("FETCH"))
	w, err := (&api.Client{Base: base, HTTP: &http.Client{Transport: tr}}).WellKnown(context.Background())
	fmt.Println(w.Name, api.CodeOf(err))
	return 0
}

func TestAServerIsTrustedByTheSystemOrByTheOwnAuthorityOnly(t *testing.T) {
	srv := tlsServer(t, nil)
	plain, err := secure.Transport(secure.TrustOptions{})
	must(t, err)
	wantCode(t, api.CodeUntrusted, ask(t, srv.URL, plain))
	own, err := secure.Transport(secure.TrustOptions{CAFile: caFile(t, srv)})
	must(t, err)
	must(t, ask(t, srv.URL, own))
}

func TestOldTLSIsRefused(t *testing.T) {
	srv := tlsServer(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	own, err := secure.Transport(secure.TrustOptions{CAFile: caFile(t, srv)})
	must(t, err)
	if err := ask(t, srv.URL, own); err == nil {
		t.Fatal("spoke TLS 1.1")
	}
}

func TestNothingIsCompressedBehindTheCallersBack(t *testing.T) {
	var accepted string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accepted = r.Header.Get("Accept-Encoding")
		writeJSON(w, http.StatusOK, api.WellKnown{Product: api.Product})
	}))
	defer srv.Close()
	tr, err := secure.Transport(secure.TrustOptions{})
	must(t, err)
	defer tr.CloseIdleConnections()
	must(t, ask(t, srv.URL, tr))
	if accepted != "" {
		t.Fatalf("asked for %q", accepted)
	}
}

func TestEveryPhaseOfACallHasADeadline(t *testing.T) {
	tr, err := secure.Transport(secure.TrustOptions{})
	must(t, err)
	if tr.TLSHandshakeTimeout != 10*time.Second || tr.ResponseHeaderTimeout != 10*time.Second || tr.IdleConnTimeout == 0 ||
		tr.TLSClientConfig.MinVersion != tls.VersionTLS12 || tr.TLSClientConfig.RootCAs != nil {
		t.Fatalf("%+v", tr)
	}
}

func TestTheProxyOfTheEnvironmentIsUsed(t *testing.T) {
	var through string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		through = r.URL.String()
		writeJSON(w, http.StatusOK, api.WellKnown{Product: api.Product, Name: "by proxy"})
	}))
	defer proxy.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{childEnv + "=fetch", "FETCH=http://push.invalid", "http_proxy=" + proxy.URL}
	out, err := cmd.Output()
	must(t, err)
	if strings.TrimSpace(string(out)) != "by proxy" || !strings.HasPrefix(through, "http://push.invalid/") {
		t.Fatalf("%s, through %q", out, through)
	}
}

func TestACertificateFileThatCannotBeUsedIsSaidInWords(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"broken": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	for _, name := range []string{"empty", "text", "key", "broken", "missing", "."} {
		_, err := secure.Transport(secure.TrustOptions{CAFile: filepath.Join(dir, name)})
		p, ok := err.(*api.Problem) //nolint:errorlint // the type is promised
		if !ok || p.Code != api.CodeInvalidField || p.Field != "caFile" || !strings.Contains(p.Detail, "ertificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func tlsServer(t *testing.T, conf *tls.Config) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, api.WellKnown{Product: api.Product})
	}))
	srv.TLS = conf
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func caFile(t *testing.T, srv *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
	return file
}

func ask(t *testing.T, server string, tr *http.Transport) error {
	t.Helper()
	base, err := url.Parse(server)
	must(t, err)
	_, err = (&api.Client{Base: base, HTTP: &http.Client{Transport: tr}}).WellKnown(t.Context())
	return err
}
