package agent

import (
	"context"
	"sync"
)

// maxTasks bounds what runs beside the agent's loops at one time.
const maxTasks = 8

// tasks are short pieces of work with one owner who waits for them. It is safe for concurrent use.
type tasks struct {
	wg    sync.WaitGroup
	slots chan struct{}
}

func newTasks() *tasks { return &tasks{slots: make(chan struct{}, maxTasks)} }

// start runs f, or drops it when too much is under way already.
func (t *tasks) start(ctx context.Context, f func(context.Context)) bool {
	select {
	case t.slots <- struct{}{}:
	default:
		return false
	}
	t.wg.Go(func() {
		defer func() { <-t.slots }()
		f(ctx)
	})
	return true
}

func (t *tasks) wait() { t.wg.Wait() }
