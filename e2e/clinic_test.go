//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/godbus/dbus/v5"

	"securepush/api"
)

// clinic is a back end with its own push service: one process, as a small site runs it.
type clinic struct {
	url, key string
	data     string // folder
	backEnd  *process
}

// clinic starts a back end with one user and one sender's key.
func (s *stack) clinic(args ...string) clinic {
	s.Helper()
	c := clinic{data: filepath.Join(s.dir, "backend")}
	c.backEnd, c.url = s.serve("backend", append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	c.key = s.accounts(c.data)
	return c
}

// accounts makes the user and returns a sender's key.
func (s *stack) accounts(data string) string {
	s.Helper()
	s.must(password+"\n", "user", "add", user, "--data", data, "--password-stdin")
	return strings.TrimSpace(s.must("", "key", "add", "lab", "--data", data, "--claims", "send"))
}

// behind starts a back end behind a proxy, which sees and may change every answer to a device.
func (s *stack) behind(answer func(*http.Response) error) clinic {
	s.Helper()
	address := freePort(s.T)
	target := &url.URL{Scheme: "http", Host: address}
	proxy := httptest.NewServer(&httputil.ReverseProxy{ModifyResponse: answer, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.Host = p.In.Host
		p.SetXForwarded()
	}})
	s.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	c := clinic{url: proxy.URL, data: filepath.Join(s.dir, "backend")}
	c.backEnd, _ = s.serve("backend", "--listen", address, "--public-url", proxy.URL)
	c.key = s.accounts(c.data)
	return c
}

// fixed is a token that is not renewed.
type fixed string

func (f fixed) Token(context.Context) (api.Secret, error) { return api.NewSecret(string(f)), nil }

func (f fixed) Renew(context.Context, api.Secret) (api.Secret, error) {
	return api.Secret{}, api.NewProblem(api.CodeSignInNeeded, "")
}

func mustURL(s *stack, address string) *url.URL {
	s.Helper()
	u, err := url.Parse(address)
	if err != nil {
		s.Fatal(err)
	}
	return u
}

// elsewhere is the same person on another device, which has no push channel.
func (s *stack) elsewhere(address string) *api.Client {
	s.Helper()
	return s.person(&api.Client{Base: mustURL(s, address)}, user)
}

// person signs somebody in.
func (s *stack) person(c *api.Client, name string) *api.Client {
	s.Helper()
	tokens, err := c.PasswordGrant(s.Context(), name, api.NewSecret(password))
	if err != nil {
		s.Fatal(err)
	}
	c.Tokens = fixed(tokens.AccessToken)
	return c
}

// signedIn starts a back end and a listener, and signs in.
func (s *stack) signedIn() clinic {
	s.Helper()
	c := s.clinic()
	s.listen()
	s.login(c.url)
	s.registered(c.url)
	return c
}

// registered waits until pushes can arrive, and returns the same person on another device.
func (s *stack) registered(address string) *api.Client {
	s.Helper()
	other := s.elsewhere(address)
	s.channel(other)
	return other
}

// channel waits until pushes can arrive at the one device of a person, and returns where.
func (s *stack) channel(other *api.Client) (endpoint string) {
	s.Helper()
	s.connected()
	s.until("the device is registered", func() bool {
		devices, err := other.Installations(s.Context())
		if err == nil && len(devices) == 1 {
			endpoint = devices[0].PushChannel.Endpoint
		}
		return endpoint != ""
	})
	return endpoint
}

// decode reads what a command wrote with --json.
func decode[T any](s *stack, out string) T {
	s.Helper()
	var v T
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		s.Fatalf("not JSON: %v: %s", err, out)
	}
	return v
}

// bus is a connection of the test's own to the session bus.
func (s *stack) bus() *dbus.Conn {
	s.Helper()
	conn, err := dbus.Connect(s.desk.BusAddress)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	return conn
}

// The services whose processes a test may stop.
const (
	toastService   = "org.freedesktop.Notifications"
	keyringService = "org.freedesktop.secrets"
)

// signal sends a signal to the process that owns a name on the bus.
func (s *stack) signal(name string, sig syscall.Signal) {
	s.Helper()
	var pid uint32
	err := s.bus().BusObject().CallWithContext(s.Context(), "org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&pid)
	if err != nil || pid == 0 {
		s.Fatalf("who owns %s: %v", name, err)
	}
	if err := syscall.Kill(int(pid), sig); err != nil {
		s.Fatal(err)
	}
}

// owned says whether a name on the bus has an owner.
func (s *stack) owned(name string) bool {
	s.Helper()
	var has bool
	if err := s.bus().BusObject().CallWithContext(s.Context(), "org.freedesktop.DBus.NameHasOwner", 0, name).Store(&has); err != nil {
		s.Fatal(err)
	}
	return has
}
