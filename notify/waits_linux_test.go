package notify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"securepush/notify"
	"securepush/notify/notifytest"
)

// short is a deadline for calls that nothing answers, whenever they get to run.
const short = 50 * time.Millisecond

// patience is how long something may take that has to happen, on a machine that has other things to do.
const patience = time.Minute

// returns fails when f does not return.
func returns(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("did not return")
	}
}

// ending is a context whose deadline comes when the test says so.
type ending struct {
	context.Context
	now chan struct{}
}

// Done implements context.Context.
func (e ending) Done() <-chan struct{} { return e.now }

// Err implements context.Context.
func (e ending) Err() error {
	select {
	case <-e.now:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// givesUp calls show with a deadline that comes when the daemon, which does not answer, has got the toast.
func givesUp(t *testing.T, s *notifytest.Daemon, show func(ctx context.Context) error) {
	t.Helper()
	ctx := ending{t.Context(), make(chan struct{})}
	got := make(chan error, 1)
	go func() { got <- show(ctx) }()
	nextCall(t, s)
	close(ctx.now)
	if err := <-got; !errors.Is(err, notify.ErrTimeout) {
		t.Fatalf("got %v, want ErrTimeout", err)
	}
}

// expires shows a toast to a desktop that has one without an answer.
func expires(t *testing.T, d *notify.Desktop, title string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	if err := d.Show(ctx, notify.Toast{Tag: "a", Title: title, Actions: true}); !errors.Is(err, notify.ErrTimeout) {
		t.Fatalf("got %v, want ErrTimeout", err)
	}
}

// settles waits until ok holds.
func settles(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: never", what)
		}
	}
}
