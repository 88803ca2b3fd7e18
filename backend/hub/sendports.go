package hub

import (
	"context"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// Sender delivers pushes; see package delivery.
type Sender interface {
	// Add queues a push, whose Report tells what became of it. It waits while the queue is full. An error says that the push
	// is not queued and that Report will not be called.
	Add(ctx context.Context, p delivery.Push) error
	// Once makes one attempt at a push and returns what came of it.
	Once(ctx context.Context, p delivery.Push) delivery.Result
	// Forget drops what is queued for an endpoint.
	Forget(endpoint string)
}

// SendStore keeps what sending needs: whom to send to, what is to be sent later, feedback, and jobs.
type SendStore interface {
	TargetStore
	ScheduleStore
	FeedbackStore
	JobStore
}

// TargetStore finds whom a send may concern.
type TargetStore interface {
	// Targets returns registrations of an audience, each once, in order of ID.
	Targets(ctx context.Context, a record.Audience) ([]record.Registration, error)
	// ExpireHandle removes what is registered with a handle that the push service has declared dead, and keeps the feedback.
	ExpireHandle(ctx context.Context, f record.Feedback) error
}

// ScheduleStore keeps what is to be sent later.
type ScheduleStore interface {
	AddScheduled(ctx context.Context, n record.Scheduled) error
	// CountScheduled returns how many there are.
	CountScheduled(ctx context.Context) (int, error)
	// DeleteScheduled forgets one, or returns [record.ErrNotFound].
	DeleteScheduled(ctx context.Context, id string) error
	// NextScheduled says when the earliest is due; ok is false when there is none.
	NextScheduled(ctx context.Context) (due time.Time, ok bool, err error)
	// TakeScheduled returns what is due, the earliest first, and forgets it: whoever else asks does not get it.
	TakeScheduled(ctx context.Context, now time.Time, limit int) ([]record.Scheduled, error)
}

// FeedbackStore keeps what push services have said about dead handles.
type FeedbackStore interface {
	// Feedback returns what was said on a day (UTC) behind a place, of which the first is 0, and the place of the last one.
	Feedback(ctx context.Context, day time.Time, after int64, limit int) (found []record.Feedback, last int64, err error)
	// FeedbackDays returns the days of which there is feedback, in order.
	FeedbackDays(ctx context.Context) ([]time.Time, error)
}

// JobStore keeps jobs.
type JobStore interface {
	// PutJob creates or replaces one and sets its times.
	PutJob(ctx context.Context, j record.Job) error
	// Job returns one, or [record.ErrNotFound].
	Job(ctx context.Context, id string) (record.Job, error)
	// Jobs returns all, the oldest first.
	Jobs(ctx context.Context) ([]record.Job, error)
}
