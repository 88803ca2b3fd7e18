package present

import (
	"context"
	"sync"
	"time"
)

// Work runs calls off the drawing goroutine and brings their results back to it. It owns every goroutine it starts:
// Stop ends them and waits.
type Work struct {
	post   func(func())
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// NewWork makes one. post queues a function for the drawing goroutine and returns; it is called from any goroutine.
func NewWork(post func(func())) *Work {
	ctx, cancel := context.WithCancel(context.Background())
	return &Work{post: post, ctx: ctx, cancel: cancel}
}

// Go calls f in the background, and what f returns, if anything, on the drawing goroutine. f returns soon after its
// context ends; after Stop nothing more comes back.
func (w *Work) Go(f func(ctx context.Context) func()) {
	if w.ctx.Err() != nil {
		return
	}
	w.wg.Go(func() { w.Post(f(w.ctx)) })
}

// GoUntil does so until stop is called, which ends the context of f. It may be called more than once.
func (w *Work) GoUntil(f func(ctx context.Context) func()) (stop func()) {
	quit := make(chan struct{})
	w.Go(func(ctx context.Context) func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		w.wg.Go(func() {
			select {
			case <-quit:
				cancel()
			case <-ctx.Done():
			}
		})
		return f(ctx)
	})
	return sync.OnceFunc(func() { close(quit) })
}

// Post calls f on the drawing goroutine. It may be called from any goroutine.
func (w *Work) Post(f func()) {
	if f == nil || w.ctx.Err() != nil {
		return
	}
	w.post(func() {
		if w.ctx.Err() == nil {
			f()
		}
	})
}

// After calls f on the drawing goroutine when d has passed, unless stop is called before, on that goroutine too.
func (w *Work) After(d time.Duration, f func()) (stop func()) {
	over := false // known to the drawing goroutine only
	quit := make(chan struct{})
	w.Go(func(ctx context.Context) func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-quit:
			return nil
		case <-ctx.Done():
			return nil
		}
		return func() {
			if !over {
				over = true
				f()
			}
		}
	})
	return func() {
		if !over {
			over = true
			close(quit)
		}
	}
}

// Stop cancels what runs and waits for its end. It is called on the drawing goroutine.
func (w *Work) Stop() {
	w.cancel()
	w.wg.Wait()
}
