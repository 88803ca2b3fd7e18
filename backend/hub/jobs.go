package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// States of a job: "Notification Hubs REST API, Create notification hub job".
const (
	jobStarted   = "Started"
	jobRunning   = "Running"
	jobCompleted = "Completed"
	jobFailed    = "Failed"
)

// Bounds of jobs.
const (
	maxJobBody = 64 << 10 // bytes of the request
	maxJobs    = 100      // that wait
	maxJobTime = time.Hour
	jobNap     = time.Minute // another process may have submitted one
	jobsFormat = "job"       // tells a job's request from that of a notification
)

// submitJob takes an import or export in: "Notification Hubs REST API, Create notification hub job".
func (h *Hub) submitJob(c *call) error {
	body, err := c.body(maxJobBody)
	if err != nil {
		return err
	}
	j, err := atom.DecodeJob(body)
	if err != nil {
		return err
	}
	if !isHTTPS(j.OutputContainer) || j.ImportFile != "" && !isHTTPS(j.ImportFile) {
		return refuse(http.StatusBadRequest, "The addresses of a job begin with https://.")
	}
	ctx, s := c.r.Context(), h.sender
	key := s.requestKey(c.r.Header, &record.Notification{Format: jobsFormat, Body: body})
	id, err := s.repeats.once(ctx, c.rule.Name, key, func() (string, error) { return s.jobs.submit(ctx, j) })
	if err != nil {
		return err
	}
	if j, err = h.o.Store.Job(ctx, id); err != nil {
		return unavailable(err)
	}
	c.w.Header().Set("Location", h.location(c, "jobs", id))
	return c.reply(http.StatusCreated, typeEntry, atom.AppendJob(nil, j, h.links(c)))
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil
}

// job tells how a job is doing: "Notification Hubs REST API, Get notification hub job".
func (h *Hub) job(c *call) error {
	j, err := h.o.Store.Job(c.r.Context(), c.path[len(c.path)-1])
	if errors.Is(err, record.ErrNotFound) {
		return refuse(http.StatusNotFound, "There is no such job, or no more.")
	}
	if err != nil {
		return unavailable(err)
	}
	return c.reply(http.StatusOK, typeEntry, atom.AppendJob(nil, j, h.links(c)))
}

// jobs lists all jobs: "Notification Hubs REST API, Get all notification hub jobs".
func (h *Hub) jobs(c *call) error {
	all, err := h.o.Store.Jobs(c.r.Context())
	if err != nil {
		return unavailable(err)
	}
	return c.reply(http.StatusOK, typeFeed, atom.AppendJobs(nil, all, h.links(c), h.location(c, "jobs")))
}

// jobRunner does jobs, one at a time.
type jobRunner struct {
	store JobsStore
	files *jobFiles
	hub   string
	log   *slog.Logger
	now   func() time.Time
	more  chan struct{}
}

// JobsStore is what jobs work on.
type JobsStore interface {
	JobStore
	RegistrationStore
}

func newJobRunner(o Options) *jobRunner {
	if o.HTTP == nil {
		o.HTTP = delivery.NewTransport()
	}
	return &jobRunner{store: o.Store, files: &jobFiles{http: o.HTTP}, hub: o.Name, log: o.Logger, now: o.Now, more: make(chan struct{}, 1)}
}

// submit puts a job among those to be done.
func (r *jobRunner) submit(ctx context.Context, j record.Job) (id string, err error) {
	all, err := r.store.Jobs(ctx)
	if err != nil {
		return "", unavailable(err)
	}
	waiting := 0
	for i := range all {
		if all[i].Status == jobStarted {
			waiting++
		}
	}
	if waiting >= maxJobs {
		return "", &failure{status: http.StatusTooManyRequests, text: "Too many jobs wait to be done.", retryAfter: jobNap}
	}
	j.ID, j.Status = uuid.NewString(), jobStarted
	if err := r.store.PutJob(ctx, j); err != nil {
		return "", unavailable(err)
	}
	select {
	case r.more <- struct{}{}:
	default: // it is about to look anyway
	}
	return j.ID, nil
}

// run does jobs until ctx ends. What the last run has left undone has failed: nobody knows how far it came.
func (r *jobRunner) run(ctx context.Context) {
	if err := r.failInterrupted(ctx); err != nil {
		r.log.Error("interrupted jobs could not be marked as failed", "err", err)
	}
	for {
		done, err := r.next(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.Error("a job could not be kept", "err", err)
		}
		if done && err == nil && ctx.Err() == nil {
			continue
		}
		nap := time.NewTimer(jobNap)
		select {
		case <-nap.C:
		case <-r.more:
		case <-ctx.Done():
		}
		nap.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

func (r *jobRunner) failInterrupted(ctx context.Context) error {
	all, err := r.store.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range all {
		if j.Status == jobRunning {
			j.Status, j.Failure = jobFailed, "The hub was restarted while the job was running. Part of it may be done."
			if err := r.store.PutJob(ctx, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// next does the job that has waited longest. It reports false when there is none.
func (r *jobRunner) next(ctx context.Context) (done bool, err error) {
	all, err := r.store.Jobs(ctx)
	if err != nil {
		return false, err
	}
	for _, j := range all {
		if j.Status == jobStarted {
			return true, r.do(ctx, j)
		}
	}
	return false, nil
}

// do does a job and keeps how it ended. The error says that it could not be kept.
func (r *jobRunner) do(ctx context.Context, j record.Job) error {
	j.Status, j.OutputProperties = jobRunning, map[string]string{}
	if err := r.store.PutJob(ctx, j); err != nil {
		return err
	}
	work, cancel := context.WithTimeout(ctx, maxJobTime)
	defer cancel()
	err := r.work(work, &j)
	switch {
	case err == nil:
		j.Status, j.Progress = jobCompleted, 100
	case ctx.Err() != nil:
		j.Status, j.Failure = jobFailed, "The hub was stopped while the job was running. Part of it may be done."
	default:
		j.Status, j.Failure = jobFailed, jobWords(err)
		r.log.Warn("a job has failed", "job", j.ID, "type", j.Type, "err", err)
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), expireTime)
	defer stop()
	return r.store.PutJob(last, j)
}

func (r *jobRunner) work(ctx context.Context, j *record.Job) (err error) {
	defer func() {
		if v := recover(); v != nil { // the next one may do better
			err = fmt.Errorf("hub: job panicked: %T", v)
		}
	}()
	if j.Type == atom.ExportRegistrations {
		return r.export(ctx, j)
	}
	return r.importLines(ctx, j)
}

// jobError says in words for the client why a job failed. The cause is for the log.
type jobError struct {
	words string
	cause error
}

// Error is for the log.
func (e *jobError) Error() string {
	if e.cause == nil {
		return "hub: " + e.words
	}
	return "hub: " + e.words + ": " + e.cause.Error()
}

// Unwrap gives the cause.
func (e *jobError) Unwrap() error { return e.cause }

func jobWords(err error) string {
	if e, ok := errors.AsType[*jobError](err); ok {
		return e.words
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "The job took too long."
	}
	return "The hub has a problem. Its log has the cause."
}
