package hub

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// Limits of a test send: "Notification Hubs REST API, Test send"; the times are ours.
const (
	maxTested  = 10 // devices
	maxTests   = 10 // of one rule in testWindow
	testWindow = time.Minute
	pickTime   = 5 * time.Second  // to choose the devices
	testTime   = 12 * time.Second // to send to them
)

// quota allows so many test sends a minute for each rule.
type quota struct {
	now func() time.Time

	mu     sync.Mutex
	byRule map[string][]time.Time
}

func newQuota(now func() time.Time) *quota {
	return &quota{now: now, byRule: make(map[string][]time.Time)}
}

// take uses one up, or says how long to wait for the next.
func (q *quota) take(rule string) (wait time.Duration) {
	now := q.now()
	q.mu.Lock()
	defer q.mu.Unlock()
	used := q.byRule[rule]
	for len(used) > 0 && now.Sub(used[0]) >= testWindow {
		used = used[1:]
	}
	if len(used) < maxTests {
		used = append(used, now)
	} else {
		wait = testWindow - now.Sub(used[0])
	}
	q.byRule[rule] = used
	return wait
}

// test sends a notification to some of its targets, each once and at once, and answers with what came of it.
func (h *Hub) test(c *call, n record.Notification) error {
	if wait := h.sender.tests.take(c.rule.Name); wait > 0 {
		return &failure{status: http.StatusTooManyRequests, text: "A rule may make 10 test sends a minute.", retryAfter: wait}
	}
	n.ID, n.Enqueued = newNotificationID(h.now()), h.now()
	m, err := h.sender.message(c.rule.Name, n)
	if err != nil {
		return err
	}
	if m.account != nil {
		h.sender.ledger.add(c.rule.Name, m.account, h.now())
	}
	out, err := h.sender.try(c.r.Context(), m)
	if err != nil {
		return unavailable(err)
	}
	c.w.Header().Set("Location", h.location(c, "messages", n.ID)+"&test=true")
	return c.reply(http.StatusCreated, typeXML, atom.AppendOutcome(nil, out))
}

// try sends a message to some of its targets and waits for what comes of it.
func (s *sender) try(ctx context.Context, m *message) (atom.Outcome, error) {
	m.account.begin(s.now())
	chosen, err := s.pick(ctx, m)
	if err != nil {
		m.account.complete(true, s.now())
		return atom.Outcome{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	results := make([]delivery.Result, len(chosen))
	var all sync.WaitGroup
	for i := range chosen {
		p, outcome := m.work.to(&chosen[i]) // one after the other: it remembers
		if results[i].Outcome = outcome; outcome == "" {
			all.Go(func() { results[i] = s.o.Sender.Once(ctx, p) })
		}
	}
	all.Wait()
	var out atom.Outcome
	for i := range chosen {
		r, result := &chosen[i], results[i]
		if result.Outcome == delivery.Success {
			out.Success++
		} else {
			out.Failure++
		}
		s.expire(ctx, target{platform: r.Platform, handle: r.Handle, notification: m.ID}, result)
		m.account.count(r.Platform, result.Outcome)
		out.Results = append(out.Results, atom.Result{
			Platform: string(r.Platform), Handle: r.Handle, Registration: r.ID, Outcome: inWords(r.Platform, result.Outcome),
		})
	}
	m.account.complete(false, s.now())
	return out, nil
}

// inWords is what a test send says of an outcome.
func inWords(p record.Platform, outcome string) string {
	if !spoken(p) && outcome == delivery.InvalidCredentials {
		return "This hub has no credential for the Push Notification System of this platform and cannot send to it (InvalidCredentials)"
	}
	if words, ok := testWords[outcome]; ok {
		return words
	}
	return "The Push Notification System did not take the notification (" + outcome + ")"
}

// testWords are the outcomes in words. The first is the service's own.
var testWords = map[string]string{
	delivery.Success:                 "The Notification was successfully sent to the Push Notification System",
	delivery.ExpiredChannel:          "The Push Notification System has declared the handle dead (ExpiredChannel)",
	delivery.BadChannel:              "The handle or its keys cannot be those of a device (BadChannel)",
	delivery.InvalidCredentials:      "The Push Notification System did not accept the credential of this hub (InvalidCredentials)",
	delivery.InvalidNotificationSize: "The notification is too large for the Push Notification System (InvalidNotificationSize)",
	delivery.Throttled:               "The Push Notification System takes no more notifications for now (Throttled)",
	delivery.PnsUnreachable:          "The Push Notification System cannot be reached (PnsUnreachable)",
	delivery.PnsUnavailable:          "The Push Notification System is not available (PnsUnavailable)",
	delivery.PnsServerError:          "The Push Notification System has failed (PnsServerError)",
	outcomeSkipped:                   "The device has this notification by another registration (Skipped)",
}

// pick chooses targets of a message at random, each as likely as any other.
func (s *sender) pick(ctx context.Context, m *message) ([]record.Registration, error) {
	ctx, cancel := context.WithTimeout(ctx, pickTime)
	defer cancel()
	var chosen []record.Registration
	matching := 0
	offer := func(r *record.Registration) {
		if matching++; len(chosen) < maxTested {
			chosen = append(chosen, *r)
		} else if i := rand.IntN(matching); i < maxTested { //nolint:gosec // no secret
			chosen[i] = *r
		}
	}
	for _, to := range m.Handles {
		r := direct(m.Format, to)
		offer(&r)
	}
	for !m.Direct {
		found, err := s.page(ctx, m.work.audience)
		if err != nil && len(chosen) == 0 {
			return nil, err
		}
		for i := range found {
			if m.work.matches(&found[i]) {
				offer(&found[i])
			}
		}
		if err != nil || len(found) < targetPage { // those found in time will do
			break
		}
		m.work.audience.After = found[len(found)-1].ID
	}
	return chosen, nil
}
