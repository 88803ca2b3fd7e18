package presenttest

import (
	"context"
	"time"

	"securepush/agent/local"
)

// Pause notes a pause in Now. Its name in Fail and Block is "pause".
func (f *Agent) Pause(ctx context.Context, until time.Time) (local.Status, error) {
	return f.quieten(ctx, "pause", &local.Quiet{Reason: local.QuietPause, Until: &until, Urgent: f.Choices.UrgentBreaksThrough})
}

// Resume ends it. Its name in Fail and Block is "resume".
func (f *Agent) Resume(ctx context.Context) (local.Status, error) {
	return f.quieten(ctx, "resume", nil)
}

func (f *Agent) quieten(ctx context.Context, call string, q *local.Quiet) (local.Status, error) {
	if err := f.enter(ctx, call); err != nil {
		return local.Status{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Now.Quiet, f.Now.Conditions = q, nil
	if q != nil {
		f.Now.Conditions = []local.Condition{{Code: "paused", Severity: local.SeverityInfo, Title: "Paused"}}
	}
	return f.Now, nil
}
