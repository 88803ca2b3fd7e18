package hub

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"securepush/backend/hub/record"
)

// Times of the schedule. The longest that a notification can be ahead is the service's; a minute more is for clocks that differ.
const (
	maxAhead = 7*24*time.Hour + time.Minute
	// maxScheduled bounds what the schedule takes of the disk, to 640 MB.
	maxScheduled = 10_000
	longestNap   = time.Minute // another process may have scheduled something
	dueAtOnce    = 50          // taken together
	// afterFailure is how long the schedule is left alone when it cannot be read.
	afterFailure = 5 * time.Second
)

// dueForms are the forms of the schedule's time: with a zone, or without one in UTC, as .NET and Java write it. Go reads
// fractions of seconds with all of them.
var dueForms = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"}

// readDue reads when a notification is to be sent. A time that has passed means now.
func readDue(header http.Header, now time.Time) (time.Time, error) {
	text := strings.TrimSpace(header.Get(headerDue))
	if text == "" {
		return time.Time{}, refuse(http.StatusBadRequest, "The header "+headerDue+" is missing.")
	}
	for _, form := range dueForms {
		due, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if due.After(now.Add(maxAhead)) {
			return time.Time{}, refuse(http.StatusBadRequest, "A notification can be scheduled 7 days ahead at the most.")
		}
		return due, nil
	}
	return time.Time{}, refuse(http.StatusBadRequest, "The header "+headerDue+" holds no time.")
}

// schedule takes a notification that is to be sent later: "Notification Hubs REST API, Schedule".
func (h *Hub) schedule(c *call) error {
	body, err := c.body(maxBody)
	if err != nil {
		return err
	}
	n, err := readNotification(c.r.Header, body)
	if err != nil {
		return err
	}
	due, err := readDue(c.r.Header, h.now())
	if err != nil {
		return err
	}
	if c.r.Header.Get(headerHandle) != "" {
		return refuse(http.StatusBadRequest, "A notification to one handle cannot be scheduled.")
	}
	ctx, s := c.r.Context(), h.sender
	id, err := s.repeats.once(ctx, c.rule.Name, s.requestKey(c.r.Header, &n), func() (string, error) {
		if err := s.mayScheduleMore(ctx); err != nil {
			return "", err
		}
		n.ID, n.Enqueued = newNotificationID(h.now()), h.now()
		if err := h.o.Store.AddScheduled(ctx, record.Scheduled{Due: due, Notification: n}); err != nil {
			return "", unavailable(err)
		}
		s.ledger.add(c.rule.Name, newAccount(&n, stateScheduled), h.now())
		return n.ID, nil
	})
	if err != nil {
		return err
	}
	select {
	case s.later <- struct{}{}:
	default: // it is about to look anyway
	}
	return h.created(c, h.location(c, "schedulednotifications", id))
}

// mayScheduleMore refuses while too much is scheduled.
func (s *sender) mayScheduleMore(ctx context.Context) error {
	n, err := s.o.Store.CountScheduled(ctx)
	switch {
	case err != nil:
		return unavailable(err)
	case n >= maxScheduled:
		return &failure{status: http.StatusTooManyRequests, text: "Too many notifications are scheduled.", retryAfter: longestNap}
	}
	return nil
}

// cancel takes a notification back whose time has not come: "Notification Hubs REST API, Cancel scheduled notification".
func (h *Hub) cancel(c *call) error {
	id := c.path[len(c.path)-1]
	switch err := h.o.Store.DeleteScheduled(c.r.Context(), id); {
	case errors.Is(err, record.ErrNotFound):
		return refuse(http.StatusNotFound, "There is no such scheduled notification, or no more.")
	case err != nil:
		return unavailable(err)
	}
	h.sender.ledger.find(id, h.now()).cancel(h.now())
	return c.empty(http.StatusOK)
}

// runSchedule sends what is due, until ctx ends.
func (s *sender) runSchedule(ctx context.Context) {
	var failed bool
	for {
		wait := s.untilDue(ctx)
		if failed { // what is due is due still
			wait = afterFailure
		}
		nap := time.NewTimer(wait)
		select {
		case <-nap.C:
		case <-s.later:
		case <-ctx.Done():
		}
		nap.Stop()
		if ctx.Err() != nil {
			return
		}
		err := s.sendDue(ctx)
		if failed = err != nil; failed && ctx.Err() == nil {
			s.log.Error("scheduled notifications could not be sent", "err", err)
		}
	}
}

// untilDue is how long there is nothing to do.
func (s *sender) untilDue(ctx context.Context) time.Duration {
	due, ok, err := s.o.Store.NextScheduled(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Error("the schedule could not be read", "err", err)
	}
	if err != nil || !ok {
		return longestNap
	}
	return min(due.Sub(s.now()), longestNap)
}

// sendDue accepts what is due. It waits while too much is accepted; what it cannot get accepted goes back.
func (s *sender) sendDue(ctx context.Context) error {
	for {
		taken, err := s.o.Store.TakeScheduled(ctx, s.now(), dueAtOnce)
		if err != nil {
			return err
		}
		for i, n := range taken {
			if err := s.acceptDue(ctx, n.Notification); err != nil {
				return errors.Join(err, s.putBack(ctx, taken[i:]))
			}
		}
		if len(taken) < dueAtOnce {
			return nil
		}
	}
}

// acceptDue accepts a notification whose time has come. The error says that nothing more is accepted.
func (s *sender) acceptDue(ctx context.Context, n record.Notification) error {
	n.Enqueued = s.now() // what it says of its time to live counts from here
	m, err := s.message("", n)
	if err != nil {
		s.log.Error("a scheduled notification cannot be sent", "notification", n.ID, "err", err)
		return nil // the others can
	}
	if known := s.ledger.find(n.ID, s.now()); known != nil {
		m.account = known
	} else { // scheduled before the last start
		s.ledger.add("", m.account, s.now())
	}
	m.account.enqueue()
	return s.inbox.wait(ctx, m)
}

func (s *sender) putBack(ctx context.Context, list []record.Scheduled) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), expireTime)
	defer cancel()
	var errs []error
	for _, n := range list {
		errs = append(errs, s.o.Store.AddScheduled(ctx, n))
	}
	return errors.Join(errs...)
}
