package delivery

import (
	"slices"
	"strings"
	"time"
)

// MaxTTL is the longest that a push may wait for its device; push services cap it at this, too.
const MaxTTL = 30 * 24 * time.Hour

// Push is one message to one device.
type Push struct {
	Endpoint     string // URL at which the device's push service takes messages for it
	P256DH, Auth string // public values of the subscription, base64url
	// Body is the plaintext, up to [webpush.MaxPlaintext] bytes. It may be shared by many pushes; nobody may write to it.
	Body     []byte
	Urgency  string    // RFC 8030 section 5.3: "very-low", "low", "normal" or "high"; anything else stands for normal
	Topic    string    // of pushes to a device with the same topic, its push service keeps the last; empty: all
	Queued   time.Time // zero: when it is added
	Deadline time.Time // until when it is worth delivering, at most MaxTTL from Queued; zero: MaxTTL. Queued: now or never

	// Report is called exactly once for each push that [Sender.Add] has taken, by the goroutines of [Sender.Run], with
	// what became of it. It must not call Add, which may wait for room that only reporting makes. It may be nil.
	Report func(Result)
}

// Result is what became of a push.
type Result struct {
	Outcome   string // one of the names below
	Abandoned bool   // the push service has not taken it for as long as [Options.GiveUp]
	Status    int    // the HTTP status of the push service's last answer; 0: there was none
}

// Outcomes of a push, as Notification Hubs names them ("Get notification message telemetry").
const (
	Success                 = "Success"
	ExpiredChannel          = "ExpiredChannel"          // the device is no longer subscribed: 404, 410
	BadChannel              = "BadChannel"              // endpoint or keys cannot be those of a subscription
	InvalidCredentials      = "InvalidCredentials"      // not subscribed with our VAPID key: 401, 403
	InvalidNotificationSize = "InvalidNotificationSize" // too long for a push, or for this push service: 413
	Throttled               = "Throttled"               // too many: 429
	PnsUnreachable          = "PnsUnreachable"          // no answer
	PnsUnavailable          = "PnsUnavailable"          // 503
	PnsServerError          = "PnsServerError"          // any other 5xx
	Dropped                 = "Dropped"                 // not taken in time, or not even sent
	UnknownError            = "UnknownError"            // refused for another reason
)

// message is what pushes to many devices have in common.
type message struct {
	body     []byte
	urgency  string
	topic    string
	queued   time.Time // by the wall clock, which goes on while the machine sleeps; so are the others
	deadline time.Time
	end      time.Time // when the queue gives up: at the deadline, or before
}

// newMessage reads p. What is to be delivered now or never is tried for as long as one request may take.
func newMessage(p Push, now time.Time, giveUp, once time.Duration) message {
	m := message{body: p.Body, urgency: urgency(p.Urgency), topic: p.Topic, queued: p.Queued.Round(0), deadline: p.Deadline.Round(0)}
	if p.Queued.IsZero() {
		m.queued = now.Round(0)
	}
	if last := m.queued.Add(MaxTTL); p.Deadline.IsZero() || m.deadline.After(last) {
		m.deadline = last
	}
	m.end = m.queued.Add(giveUp)
	switch {
	case m.deadline.Equal(m.queued):
		m.end = m.queued.Add(min(giveUp, once))
	case m.deadline.Before(m.end):
		m.end = m.deadline
	}
	return m
}

// same says whether both are one message, its body being one and the same slice.
func (m *message) same(o *message) bool {
	return len(m.body) == len(o.body) && (len(m.body) == 0 || &m.body[0] == &o.body[0]) &&
		m.urgency == o.urgency && m.topic == o.topic && m.queued.Equal(o.queued) && m.deadline.Equal(o.deadline) && m.end.Equal(o.end)
}

// over is the result of a push that has not been taken until its end. last is that of the attempt before, if there was one.
func (m *message) over(last Result) Result {
	if !m.end.Before(m.deadline) {
		return Result{Outcome: Dropped, Status: last.Status}
	}
	last.Abandoned = true
	if last.Outcome == "" {
		last.Outcome = Dropped
	}
	return last
}

// urgency is a word of RFC 8030 section 5.3.
func urgency(s string) string {
	words := [...]string{"very-low", "low", "normal", "high"}
	if i := slices.IndexFunc(words[:], func(w string) bool { return strings.EqualFold(w, s) }); i >= 0 {
		return words[i]
	}
	return "normal"
}

// push is a message to one device. There may be hundreds of thousands of them.
type push struct {
	*message
	p256dh, auth string
	report       func(Result)
}
