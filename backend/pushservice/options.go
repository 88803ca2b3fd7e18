package pushservice

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/webpush"
)

// Bounds of the protocol, as devices and senders of autopush know them.
const (
	maxBody     = 4096                // bytes of one message, RFC 8291's header included (RFC 8030 section 7.2 asks for as much)
	maxTTL      = 30 * 24 * time.Hour // longer ones are shortened; the answer says so
	maxTopic    = 32                  // characters, RFC 8030 section 5.4
	maxFrame    = 64 << 10            // bytes of one WebSocket message from a device
	maxInFlight = 128                 // messages sent to a device and not acknowledged
	recordLife  = 60 * 24 * time.Hour // of a device that does not come back
	pingGap     = 45 * time.Second    // least time between two application pings
	overhead    = 256                 // bytes that a pending message counts beside its body
)

// Options configure a Service. Origin and Secret are needed; the zero value of the rest works.
type Options struct {
	// Origin is where senders reach the service, such as "https://push.example". It may have a path, under which Handler
	// is mounted with the path cut off; VAPID tokens are for the origin alone.
	Origin string
	// Secret seals endpoints: 32 random bytes, kept across restarts, so that an old endpoint is told from garbage.
	Secret []byte

	Logger   *slog.Logger          // nil: none
	Registry prometheus.Registerer // nil: no metrics
	Now      func() time.Time      // wall clock; nil: time.Now

	Connections       int   // devices connected at once; 0: 100,000
	Records           int   // devices remembered, connected or not; 0: 200,000. Beyond it one that is away is forgotten
	Channels          int   // subscriptions of one device; 0: 100
	MessagesPerDevice int   // messages pending for one device; 0: 1,000
	Bytes             int64 // bytes pending for all devices, overhead included; 0: 256 MiB. Half is for those that are away

	HelloTimeout time.Duration // until the first message; 0: 5 s
	PingInterval time.Duration // between the server's PINGs; 0: 300 s
	PongTimeout  time.Duration // until a sign of life after a PING; 0: 4 s
	WriteTimeout time.Duration // of one frame to a device; 0: 5 s
}

func (o *Options) setDefaults() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	setDefault(&o.Connections, 100_000)
	setDefault(&o.Records, 200_000)
	setDefault(&o.Channels, 100)
	setDefault(&o.MessagesPerDevice, 1000)
	setDefault(&o.Bytes, 256<<20)
	setDefault(&o.HelloTimeout, 5*time.Second)
	setDefault(&o.PingInterval, 300*time.Second)
	setDefault(&o.PongTimeout, 4*time.Second)
	setDefault(&o.WriteTimeout, 5*time.Second)
}

func setDefault[T int | int64 | time.Duration](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// place is where the service is reached from outside.
type place struct {
	origin string // scheme, host and unusual port, as in a VAPID token
	prefix string // path before /wpush/, without a slash at its end
}

func parseOrigin(s string) (place, error) {
	u, err := url.Parse(s)
	if err != nil {
		return place{}, fmt.Errorf("pushservice: origin: %w", err)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return place{}, errors.New("pushservice: origin with more than scheme, host and path")
	}
	origin, err := webpush.Origin(u)
	if err != nil {
		return place{}, fmt.Errorf("pushservice: origin: %w", err)
	}
	return place{origin: origin, prefix: strings.TrimRight(u.EscapedPath(), "/")}, nil
}
