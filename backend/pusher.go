package backend

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/api"
	"securepush/backend/hubclient"
)

const (
	pushQueue   = 1 << 16          // pushes that may wait for the hub
	pushWorkers = 16               // requests to the hub at once
	pushGiveUp  = 30 * time.Minute // after which devices have asked by themselves
	pushTTL     = 30 * 24 * time.Hour
	pushDrain   = 3 * time.Second // for what waits when the server ends
)

// Results of a push; labels of a metric.
const (
	pushTaken     = "taken"
	pushRefused   = "refused"
	pushAbandoned = "abandoned"
	pushOverflow  = "overflow"
)

// push tells the devices that a tag expression names that something about an ID has changed.
type push struct {
	tags   string
	id     api.ID
	queued time.Time
}

// pusher hands pushes to the hub. They are hints: what is lost here, devices find out when they next ask.
type pusher struct {
	hub   *hubclient.Client
	log   *slog.Logger
	queue chan push
	topic []byte // key of the topics, drawn anew at each start
	count *prometheus.CounterVec
}

func newPusher(hub *hubclient.Client, log *slog.Logger, r prometheus.Registerer) (*pusher, error) {
	p := &pusher{
		hub: hub, log: log, queue: make(chan push, pushQueue), topic: make([]byte, 32),
		count: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "securepush_pushes_total", Help: "Pushes handed to the notification hub, by what became of them.",
		}, []string{"result"}),
	}
	_, _ = rand.Read(p.topic) // never fails since Go 1.24
	return p, r.Register(p.count)
}

// add queues a push. It never waits: when the hub is that far behind, devices are better served by asking.
func (p *pusher) add(tags string, id api.ID) {
	select {
	case p.queue <- push{tags: tags, id: id, queued: time.Now()}:
	default:
		p.count.WithLabelValues(pushOverflow).Inc()
		p.log.Warn("push not queued: the hub is too far behind", "id", id)
	}
}

// run hands on what is queued until ctx ends, and then, for a moment, what is still there.
func (p *pusher) run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var workers sync.WaitGroup
	for range pushWorkers {
		workers.Go(func() { p.work(ctx, work) })
	}
	<-ctx.Done()
	drain := time.AfterFunc(pushDrain, cancel)
	defer drain.Stop()
	workers.Wait()
	return nil
}

// work sends until ctx has ended and nothing waits.
func (p *pusher) work(ctx, work context.Context) {
	for {
		select {
		case x := <-p.queue:
			p.send(work, x)
			continue
		default:
		}
		select {
		case x := <-p.queue:
			p.send(work, x)
		case <-ctx.Done():
			return
		}
	}
}

// send hands one push on. It is repeated also when the hub may have it already: an ID that is pushed twice is shown once.
func (p *pusher) send(ctx context.Context, x push) {
	m := hubclient.Message{
		Tags: x.tags, Body: api.EncodePush(x.id), TTL: pushTTL, Urgency: "high", Topic: p.topicOf(x.id), RequestID: string(api.NewID()),
	}
	for attempt := 0; ; attempt++ {
		_, err := p.hub.Send(ctx, m)
		switch {
		case err == nil:
			p.count.WithLabelValues(pushTaken).Inc()
			return
		case errors.Is(err, hubclient.ErrRefused), isOwnRefusal(err):
			p.count.WithLabelValues(pushRefused).Inc()
			p.log.ErrorContext(ctx, "push refused by the hub", "id", x.id, "err", err)
			return
		case ctx.Err() != nil || time.Since(x.queued) > pushGiveUp:
			p.count.WithLabelValues(pushAbandoned).Inc()
			p.log.WarnContext(ctx, "push abandoned", "id", x.id, "err", err)
			return
		}
		p.log.DebugContext(ctx, "push is to be tried again", "id", x.id, "err", err)
		pause(ctx, attempt)
	}
}

// pause waits longer with each attempt, up to a minute, and not as long as others that wait.
func pause(ctx context.Context, attempt int) {
	d := min(time.Second<<min(attempt, 6), time.Minute)
	t := time.NewTimer(d/2 + mathrand.N(d/2)) //nolint:gosec // jitter is no secret
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// topicOf lets a later push about a notification take the place of an earlier one that still waits (RFC 8030 section 5.4), and
// tells nobody else which notification it is.
func (p *pusher) topicOf(id api.ID) string {
	m := hmac.New(sha256.New, p.topic)
	_, _ = io.WriteString(m, string(id)) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:24])
}
