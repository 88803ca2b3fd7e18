package delivery

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

	"securepush/webpush"
)

// Options configure a Sender. Signer is needed; the zero value of the rest works.
type Options struct {
	Signer *webpush.Signer

	// Trusted are origins of push services that may have a private address and, on loopback, plain HTTP: our own one, and
	// the one that whoever runs this has named.
	Trusted []*url.URL
	// HTTP sends the pushes; nil means NewTransport(Trusted...). Being below http.Client, it follows no redirect.
	HTTP http.RoundTripper

	Logger   *slog.Logger          // nil: none
	Registry prometheus.Registerer // nil: no metrics

	Workers    int           // pushes under way at once; 0: 32
	Queue      int           // pushes waiting, over all devices; 0: 262,144
	QueueBytes int           // of their bodies; 0: 128 MB
	PerDevice  int           // pushes waiting for one device, beyond which its oldest is dropped; 0: 10,000
	Timeout    time.Duration // for one request; 0: 20 s
	Drain      time.Duration // how long Run goes on sending what is due after its context ended; 0: 5 s
	GiveUp     time.Duration // for how long a push is tried that its service does not take; 0: 30 minutes, as Notification Hubs
}

// Sender sends pushes. It is safe for concurrent use.
type Sender struct {
	o       Options
	log     *slog.Logger
	rule    endpointRule
	queue   *queue
	metrics *metrics
	topics  []byte // key of the topics, drawn anew at each start
}

// New makes a sender. Nothing is sent or reported before [Sender.Run].
func New(o Options) (*Sender, error) {
	if o.Signer == nil {
		return nil, errors.New("delivery: Signer is needed")
	}
	o.setDefaults()
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	rule := newEndpointRule(o.Trusted)
	s := &Sender{o: o, log: o.Logger, rule: rule, queue: newQueue(o, rule, m), metrics: m, topics: make([]byte, 32)}
	_, _ = rand.Read(s.topics) // never fails since Go 1.24
	return s, nil
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
	setDefault(&o.QueueBytes, 128<<20)
	setDefault(&o.PerDevice, 10_000)
	setDefault(&o.Timeout, 20*time.Second)
	setDefault(&o.Drain, 5*time.Second)
	setDefault(&o.GiveUp, 30*time.Minute)
}

func setDefault[T int | time.Duration](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// CheckEndpoint says whether pushes can be sent to an endpoint: a URL of up to 1000 bytes, https on a public host or of a
// trusted origin. What a name resolves to is looked at when it is dialled, since it may change.
func (s *Sender) CheckEndpoint(raw string) error {
	_, err := s.rule.origin(raw)
	return err
}

// Add queues a push. It waits while the queue is full, until ctx ends. After an error the push was not taken and is never
// reported; a push that cannot be sent is no error, but reported as such.
func (s *Sender) Add(ctx context.Context, p Push) error {
	if err := s.queue.add(ctx, p); err != nil {
		return fmt.Errorf("delivery: queue: %w", err)
	}
	return nil
}

// Once makes one attempt now, past the queue, and says what came of it. It does not call p.Report. A push service that cannot
// take the push now has the outcome that says why, such as [Throttled].
func (s *Sender) Once(ctx context.Context, p Push) Result {
	origin, err := s.rule.origin(p.Endpoint)
	if err != nil {
		s.metrics.count(resultRefused)
		return Result{Outcome: BadChannel}
	}
	m := newMessage(p, time.Now(), s.o.GiveUp, s.o.Timeout)
	v := s.attempt(ctx, p.Endpoint, origin, push{message: &m, p256dh: p.P256DH, auth: p.Auth})
	switch {
	case v.retry:
		s.metrics.count(resultAbandoned)
	case v.Outcome == ExpiredChannel:
		s.queue.forget(p.Endpoint, v.Result)
	}
	if !v.retry {
		s.metrics.done(v.label, m.queued)
	}
	return v.Result
}

// Forget drops what is queued for an endpoint, as [Dropped]. A push that is under way is not tried again.
func (s *Sender) Forget(endpoint string) { s.queue.forget(endpoint, Result{Outcome: Dropped}) }

// Run sends what is queued until ctx ends, then what is due for [Options.Drain] more. It returns nil when every push has been
// reported, what was left as [Dropped]. It runs once.
func (s *Sender) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var workers, reporter sync.WaitGroup
	for range s.o.Workers {
		workers.Go(func() { s.work(work) })
	}
	reporter.Go(s.queue.tell)
	<-ctx.Done()
	s.queue.close()
	drain := time.AfterFunc(s.o.Drain, func() {
		s.queue.stop()
		cancel()
	})
	defer drain.Stop()
	workers.Wait()
	s.queue.end()
	reporter.Wait()
	return nil
}
