package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/backend/hub/installation"
	"securepush/backend/hub/record"
)

// Options say what a hub is. PublicURL, Store and Sender are needed; the zero value of the rest works.
type Options struct {
	// Name is the first segment of every path; empty: "securepush".
	Name string
	// PublicURL is under which address clients reach the server, without the hub's name. It stands in every Location.
	PublicURL *url.URL
	// Hosts are further host names that tokens may name, beside that of PublicURL and the names of this machine itself.
	Hosts []string

	Store  Store
	Sender Sender
	// HTTP reads and writes what jobs name. Addresses come from clients: it must refuse those that are not on the Internet.
	HTTP http.RoundTripper

	// Own is the rule of whoever runs the hub within its own process. It is nowhere stored or listed.
	Own *record.Rule
	// Device lets devices in that belong to somebody; nil: none.
	Device *Device

	Logger   *slog.Logger          // nil: none
	Registry prometheus.Registerer // nil: no metrics
	Now      func() time.Time      // nil: time.Now
}

// Device is the rule of tokens that open one installation each: the one that the token names.
type Device struct {
	// Rule is nowhere stored or listed. Its rights are those of its tokens: Listen.
	Rule record.Rule
	// Allow says whether the bearer of a token may still touch the installation that the token names; nil: yes. resource is
	// what the token signs, with whatever its maker has put into the query. Of an error the device gets to read an
	// [*api.Problem] alone.
	Allow func(ctx context.Context, resource *url.URL, id string) error
	// Admit returns what is to be stored of what a device wants, or an error, as above. It may be called more than once for one
	// request.
	Admit func(ctx context.Context, resource *url.URL, d *installation.Document) (*installation.Document, error)
}

func (o *Options) setDefaults() error {
	if o.Store == nil || o.Sender == nil {
		return errors.New("hub: Store and Sender are needed")
	}
	if o.PublicURL == nil || o.PublicURL.Host == "" {
		return errors.New("hub: PublicURL is needed")
	}
	if o.Device != nil && o.Device.Admit == nil {
		return errors.New("hub: a Device needs Admit")
	}
	if o.Name == "" {
		o.Name = "securepush"
	}
	if strings.ContainsAny(o.Name, "/?#") || o.Name == "." || o.Name == ".." {
		return fmt.Errorf("hub: %q cannot be a hub's name", o.Name)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

// Hub answers the requests of one hub. It is safe for concurrent use.
type Hub struct {
	o      Options
	log    *slog.Logger
	now    func() time.Time
	base   string // PublicURL and the hub's name: what locations begin with
	table  []operation
	nobody record.Rule // whose keys nobody has: unknown rules cost what known ones cost
	sender *sender

	requests *prometheus.CounterVec
}

// New makes a hub. Nothing is sent before [Hub.Run].
func New(o Options) (*Hub, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	s, err := newSender(o)
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	requests, err := newRequests(o.Registry)
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	return &Hub{
		o: o, log: o.Logger, now: o.Now, sender: s, table: operations(), requests: requests,
		nobody: record.Rule{Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()},
		base:   strings.TrimSuffix(o.PublicURL.String(), "/") + "/" + url.PathEscape(o.Name),
	}, nil
}

// Run sends what was accepted until ctx ends and everything under way has come to its end. It runs once.
func (h *Hub) Run(ctx context.Context) error { return h.sender.run(ctx) }
