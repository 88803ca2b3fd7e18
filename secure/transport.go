package secure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"securepush/api"
)

const (
	dialTimeout   = 10 * time.Second
	tlsTimeout    = 10 * time.Second
	headerTimeout = 10 * time.Second
	keepAlive     = 15 * time.Second
	idleTimeout   = 90 * time.Second
	maxCAFile     = 1 << 20 // bytes
)

// TrustOptions says whom to trust beside the system's own authorities. The zero value trusts those alone.
type TrustOptions struct {
	CAFile string // PEM certificates of an organisation's own authority
}

// Transport makes the transport for everything a device asks of a server: TLS 1.2 or later, the system's roots and those of
// CAFile, the proxy of the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY; its refusal is an [*api.ProxyRefusal]), a deadline
// on every phase of a call, no compression (so that what arrives is as long as it says), HTTP/1.1.
//
// A CAFile that cannot be used is an [*api.Problem] with CodeInvalidField and Field "caFile". Without CAFile the system's
// roots are read at the first https handshake, not here: reading them costs 12 ms and 2.6 MB.
func Transport(o TrustOptions) (*http.Transport, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		roots, err := rootsWith(o.CAFile)
		if err != nil {
			return nil, err
		}
		conf.RootCAs = roots
	}
	dialer := &net.Dialer{
		Timeout:         dialTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepAlive, Count: 3},
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: ledByProxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    4, // as many as fetch at once
		DisableCompression:     true,
		Protocols:              protocols,
	}, nil
}

// ledByProxy tells a proxy's refusal from a server that cannot be reached.
func ledByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &api.ProxyRefusal{Proxy: proxy.Host, Status: answer.StatusCode}
}

func rootsWith(file string) (*x509.CertPool, error) {
	pem, err := readCAFile(file)
	if err != nil {
		return nil, caProblem(caWords(file, err), err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a system without roots still has the file's
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, caProblem(fmt.Sprintf("%q holds no certificate. It must be a file in PEM form, which begins with "+
			"-----BEGIN CERTIFICATE-----.", file), nil)
	}
	return roots, nil
}

func readCAFile(file string) ([]byte, error) {
	info, err := os.Stat(file) // before it is opened: opening a pipe would wait for its other end
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, os.ErrInvalid
	}
	f, err := os.Open(file) //nolint:gosec // the person's own setting
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxCAFile))
}

func caWords(file string, err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("There is no certificate file %q.", file)
	case errors.Is(err, os.ErrPermission):
		return fmt.Sprintf("The certificate file %q may not be read by you.", file)
	default:
		return fmt.Sprintf("The certificate file %q cannot be read.", file)
	}
}

func caProblem(words string, cause error) *api.Problem {
	p := api.NewProblem(api.CodeInvalidField, words).Because(cause)
	p.Field = "caFile"
	return p
}
