package hubclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"securepush/api"
	"securepush/backend/hub/sas"
)

const (
	apiVersion = "2020-06"
	maxHubName = 260 // characters

	tokenLife  = 20 * time.Minute
	tokenRenew = tokenLife / 2 // so that a hub whose clock is ahead by less takes every token

	defaultTimeout = 15 * time.Second
)

// Options configure a Client. Connection and Hub are needed; the zero value of the rest works.
type Options struct {
	// Connection has a rule that may send and listen. Its endpoint is https, or http on loopback; a path is kept.
	Connection sas.ConnectionString
	// Hub is the hub's name within its namespace. Example: "securepush"
	Hub string
	// HTTP makes one request. Redirects are not followed. nil: over the network with TLS 1.2 or later.
	HTTP http.RoundTripper

	Logger  *slog.Logger     // nil: none
	Now     func() time.Time // wall clock; nil: time.Now
	Timeout time.Duration    // of one attempt; 0: 15 s
}

// Client is a hub as seen by those who use it. It is safe for concurrent use.
type Client struct {
	http    http.RoundTripper
	log     *slog.Logger
	now     func() time.Time
	timeout time.Duration
	base    string // of every request: "https://host/hub"

	connection sas.ConnectionString
	mu         sync.Mutex
	token      api.Secret // the value of Authorization, good for everything in the hub
	renew      time.Time  // when another token is needed
}

// New makes a client. It does not ask the hub anything yet.
func New(o Options) (*Client, error) {
	c := o.Connection
	if c.Endpoint == nil || c.Rule == "" || c.Key.Empty() {
		return nil, errors.New("hubclient: a connection string with endpoint, rule and key is needed")
	}
	endpoint, err := api.ParseServer(c.Endpoint.String())
	if err != nil {
		return nil, fmt.Errorf("hubclient: the connection string's endpoint: %w", err)
	}
	if !validName(o.Hub, maxHubName) {
		return nil, errors.New("hubclient: this is not the name of a hub")
	}
	if o.HTTP == nil {
		o.HTTP = newTransport()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return &Client{
		http: o.HTTP, log: o.Logger, now: o.Now, timeout: o.Timeout, connection: c,
		base: endpoint.String() + "/" + url.PathEscape(o.Hub),
	}, nil
}

// Format writes where the hub is, whatever the verb: fmt would look through the fields for the key.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("client of " + c.base)) }

// validName says whether a name can stand in a path as one segment, whatever is between here and the hub.
func validName(name string, most int) bool {
	return name != "" && len(name) <= most && name != "." && name != ".." && !strings.ContainsFunc(name, func(r rune) bool {
		return r == '/' || r == '\\' || r == unicode.ReplacementChar || unicode.IsControl(r)
	})
}

// newTransport is for a hub elsewhere, to which a proxy may lead.
func newTransport() *http.Transport {
	d := &net.Dialer{Timeout: 5 * time.Second, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 3}}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            d.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // answers are short, and bounded as they are
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        60 * time.Second, // less than the load balancer's before Azure
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  defaultTimeout,
		MaxResponseHeaderBytes: 32 << 10,
	}
}

// authorization is the value of the header. Signing is done once for many requests.
func (c *Client) authorization() api.Secret {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().Round(0) // the wall clock goes on while the machine sleeps
	if c.token.Empty() || !now.Before(c.renew) {
		c.token = sas.Sign(c.base, c.connection.Rule, c.connection.Key, now.Add(tokenLife))
		c.renew = now.Add(tokenRenew)
	}
	return c.token
}
