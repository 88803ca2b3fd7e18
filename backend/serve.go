package backend

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"securepush/api"
)

// DefaultListen is where a server listens that is told nothing else.
const DefaultListen = "127.0.0.1:8700"

// Bounds of a connection. A WebSocket is taken out of them when it is hijacked and keeps its own.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	stopTimeout       = 10 * time.Second
)

// ServeOptions say where to listen. The zero value but for Config's folder works.
type ServeOptions struct {
	Config Config // PublicURL may be nil: it then follows from Listen
	// Listen is host:port; empty: DefaultListen. Other hosts than loopback need TLS. A proxy in front of loopback has to set
	// X-Forwarded-For, or all its clients count as one.
	Listen string
	// TLSCert and TLSKey are PEM files. They are read again when they change.
	TLSCert, TLSKey string
	// Ready is called once when the server accepts connections.
	Ready func(Ready)
}

// Ready tells what a server listens on.
type Ready struct {
	Addr      net.Addr
	PublicURL *url.URL
}

// Serve runs a server until ctx ends: it then accepts nothing new, asks the devices to come back later and lets what is
// under way finish, for ten seconds at the most. What whoever runs it can mend is an [*api.Problem] or a [*store.Failure].
func Serve(ctx context.Context, o ServeOptions) (err error) {
	ln, err := listen(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = ln.Close() }() // closed already after a start that went well
	if o.Config.Logger == nil {
		o.Config.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Config.PublicURL == nil {
		o.Config.PublicURL = publicURL(ln.Addr(), o)
	}
	s, err := Open(ctx, o.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	hs, err := newHTTPServer(s, o)
	if err != nil {
		return err
	}
	return s.serveUntil(ctx, hs, ln, o)
}

func (s *Server) serveUntil(ctx context.Context, hs *http.Server, ln net.Listener, o ServeOptions) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx until the requests are done
	defer stopWork()
	g, failed := errgroup.WithContext(work)
	g.Go(func() error { return s.Run(work) })
	g.Go(func() error {
		var err error
		if hs.TLSConfig != nil {
			err = hs.ServeTLS(ln, "", "")
		} else {
			err = hs.Serve(ln)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	})
	s.log.InfoContext(ctx, "server listens", "address", ln.Addr().String(), "public_url", s.cfg.PublicURL.String())
	if o.Ready != nil {
		o.Ready(Ready{Addr: ln.Addr(), PublicURL: s.cfg.PublicURL})
	}
	select {
	case <-ctx.Done():
	case <-failed.Done():
	}
	err := s.stop(work, hs)
	stopWork()
	return errors.Join(g.Wait(), err)
}

// stop closes the listener first: devices that are asked to reconnect must not find the server that is going.
func (s *Server) stop(ctx context.Context, hs *http.Server) error {
	s.log.InfoContext(ctx, "server stops")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	closed := make(chan struct{})
	hs.RegisterOnShutdown(func() { close(closed) })
	var g errgroup.Group
	g.Go(func() error { return hs.Shutdown(ctx) })
	g.Go(func() error {
		select {
		case <-closed: // Shutdown has closed the listener by then
		case <-ctx.Done():
		}
		return s.hangUp(ctx)
	})
	if err := g.Wait(); err != nil {
		s.log.WarnContext(ctx, "not everything ended in time", "err", err)
		return hs.Close()
	}
	return nil
}

func newHTTPServer(s *Server, o ServeOptions) (*http.Server, error) {
	hs := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	if o.TLSCert == "" {
		return hs, nil
	}
	c, err := loadCertificate(o.TLSCert, o.TLSKey, s.log)
	if err != nil {
		return nil, err
	}
	hs.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	return hs, nil
}

// listen opens the port. Without TLS it does so on loopback only: everything else would carry passwords in clear.
func listen(ctx context.Context, o ServeOptions) (net.Listener, error) {
	address := o.Listen
	if address == "" {
		address = DefaultListen
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, invalid("listen", "The address to listen on looks like 127.0.0.1:8700.").Because(err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, invalid("listen", "The port must be a number from 0 to 65535.").Because(err)
	}
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return nil, invalid("tls-key", "TLS needs both files: the certificate and its key.")
	}
	plain := api.NewProblem(api.CodePlainHTTP, "Without TLS the server listens on this machine only. Give it --tls-cert and --tls-key, "+
		"or let it listen on 127.0.0.1 behind a proxy that does TLS.")
	plain.Field = "listen"
	if o.TLSCert == "" && !api.IsLoopback(host) {
		return nil, plain
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, invalid("listen", "The server cannot listen on "+address+": "+reason(err)+".").Because(err)
	}
	if a, ok := ln.Addr().(*net.TCPAddr); o.TLSCert == "" && (!ok || !a.IP.IsLoopback()) {
		return nil, errors.Join(plain, ln.Close()) // localhost can be given another address
	}
	return ln, nil
}

// reason is the innermost cause, without the address that stands before it.
func reason(err error) string {
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		return e.Err.Error()
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// publicURL is where a server is reached that was not told: at its port, under the name of its certificate or machine.
func publicURL(addr net.Addr, o ServeOptions) *url.URL {
	host, port, _ := net.SplitHostPort(addr.String())
	u := &url.URL{Scheme: "http"}
	if o.TLSCert != "" {
		u.Scheme = "https"
	}
	if a, ok := addr.(*net.TCPAddr); ok && a.IP.IsUnspecified() {
		host = certificateHost(o.TLSCert, o.TLSKey)
	}
	u.Host = net.JoinHostPort(host, port)
	if u.Scheme == "https" && port == "443" {
		u.Host = host
	}
	return u
}

func certificateHost(cert, key string) string {
	if c, err := tls.LoadX509KeyPair(cert, key); err == nil && len(c.Leaf.DNSNames) > 0 {
		return c.Leaf.DNSNames[0]
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}
