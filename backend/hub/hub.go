package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/api"
	"securepush/webpush"
)

// MaxTTL is the longest that a push may wait for its device; push services cap it at this, too.
const MaxTTL = 30 * 24 * time.Hour

// Devices keeps installations.
type Devices interface {
	// PutInstallation stores a device of an account as a whole. Its errors are returned by [Hub.Put] unchanged.
	PutInstallation(ctx context.Context, account string, in api.Installation) error
	// DeleteInstallation forgets a device of an account. Its errors are returned by [Hub.Delete] unchanged.
	DeleteInstallation(ctx context.Context, account, id string) error
}

// Targets finds the devices of a send.
type Targets interface {
	// InstallationsByTag returns up to limit devices that have a tag and are not gone, in order of ID, after the ID given.
	InstallationsByTag(ctx context.Context, tag, after string, limit int) ([]api.Installation, error)
	// MarkInstallationGone notes that a device's channel is dead, unless the device has another endpoint by now.
	MarkInstallationGone(ctx context.Context, id, endpoint string) error
}

// Store is where installations are.
type Store interface {
	Devices
	Targets
}

// Options configure a Hub. Store and Signer are needed; the zero value of the rest works.
type Options struct {
	Store  Store
	Signer *webpush.Signer

	// Trusted are origins of push services that may have a private address and, on loopback, plain HTTP: our own one, and
	// the one that whoever runs this has named.
	Trusted []*url.URL
	// HTTP sends the pushes; nil means NewTransport(Trusted...). Being below http.Client, it follows no redirect.
	HTTP http.RoundTripper

	Logger   *slog.Logger          // nil: none
	Registry prometheus.Registerer // nil: no metrics

	Workers   int           // pushes under way at once; 0: 32
	Queue     int           // pushes waiting, over all devices; 0: 262,144
	PerDevice int           // pushes waiting for one device, beyond which its oldest is dropped; 0: 10,000
	Timeout   time.Duration // for one request; 0: 20 s
	Drain     time.Duration // how long Run goes on sending what is due after its context ended; 0: 5 s
}

// Hub sends pushes. It is safe for concurrent use.
type Hub struct {
	o       Options
	log     *slog.Logger
	allow   func(*url.URL) error
	queue   *queue
	metrics *metrics
	topics  []byte // key of the topics, drawn anew at each start
}

// New makes a hub. Nothing is sent before [Hub.Run].
func New(o Options) (*Hub, error) {
	if o.Store == nil || o.Signer == nil {
		return nil, errors.New("hub: Store and Signer are needed")
	}
	o.setDefaults()
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	h := &Hub{
		o: o, log: o.Logger, metrics: m,
		allow:  endpointRule(o.Trusted),
		queue:  newQueue(o, m),
		topics: make([]byte, 32),
	}
	_, _ = rand.Read(h.topics) // never fails since Go 1.24
	return h, nil
}

func (o *Options) setDefaults() {
	if o.HTTP == nil {
		o.HTTP = NewTransport(o.Trusted...)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	setDefault(&o.Workers, 32)
	setDefault(&o.Queue, 1<<18)
	setDefault(&o.PerDevice, 10_000)
	setDefault(&o.Timeout, 20*time.Second)
	setDefault(&o.Drain, 5*time.Second)
}

func setDefault[T int | time.Duration](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// Put checks a device and stores it under an account. The tag "username:…" follows from in.UserID alone. A device that
// cannot be sent to is an [*api.Problem] with CodeInvalidField; other errors are the store's.
func (h *Hub) Put(ctx context.Context, account string, in api.Installation) error {
	in, err := h.check(in)
	if err != nil {
		return err
	}
	return h.o.Store.PutInstallation(ctx, account, in)
}

// Delete forgets a device and what is queued for it. The errors are the store's.
func (h *Hub) Delete(ctx context.Context, account, id string) error {
	if err := h.o.Store.DeleteInstallation(ctx, account, id); err != nil {
		return err
	}
	h.queue.forget(id)
	return nil
}

// SendOptions say how a push travels and to which devices of the tag.
type SendOptions struct {
	Urgency string        // RFC 8030 section 5.3; empty: normal. See [Urgency]
	TTL     time.Duration // how long the push is worth delivering, at most MaxTTL; 0: MaxTTL. Not sent when negative
	Except  string        // an installation to leave out
	Only    string        // the one installation to send to
}

// Urgency is the header of RFC 8030 section 5.3 for a notification's priority.
func Urgency(p api.Priority) string {
	switch p {
	case api.PriorityLow:
		return "low"
	case api.PriorityHigh, api.PriorityUrgent:
		return "high"
	default:
		return "normal"
	}
}

// page is how many devices of a tag are looked at together.
const page = 500

// Send queues a push of id for the devices of a tag and returns how many there are. It waits while the queue is full,
// until ctx ends. An error says that devices were left out; devices counts those that were not.
func (h *Hub) Send(ctx context.Context, tag string, id api.ID, o SendOptions) (devices int, err error) {
	if o.TTL < 0 {
		return 0, nil
	}
	if o.TTL == 0 || o.TTL > MaxTTL {
		o.TTL = MaxTTL
	}
	if o.Urgency == "" {
		o.Urgency = Urgency(api.PriorityNormal)
	}
	now := time.Now().Round(0) // by the wall clock, which goes on while the machine sleeps
	p := push{id: id, urgency: o.Urgency, queued: now, deadline: now.Add(o.TTL)}
	for after := ""; ; {
		found, err := h.o.Store.InstallationsByTag(ctx, tag, after, page)
		if err != nil {
			return devices, fmt.Errorf("hub: devices of a tag: %w", err)
		}
		for _, in := range found {
			if in.InstallationID == o.Except || o.Only != "" && in.InstallationID != o.Only {
				continue
			}
			if err := h.queue.add(ctx, in, p); err != nil {
				return devices, fmt.Errorf("hub: queue: %w", err)
			}
			devices++
		}
		if len(found) < page {
			return devices, nil
		}
		after = found[len(found)-1].InstallationID
	}
}

// Run sends what is queued until ctx ends, then what is due for [Options.Drain] more, and returns nil. It runs once.
func (h *Hub) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var workers sync.WaitGroup
	for range h.o.Workers {
		workers.Go(func() { h.work(work) })
	}
	<-ctx.Done()
	h.queue.close()
	drain := time.AfterFunc(h.o.Drain, cancel)
	defer drain.Stop()
	workers.Wait()
	return nil
}
