package backend

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

type stageRun = func(context.Context) error

func TestAStageEndsWhenTheOneBeforeHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var ended []string
		run := func(name string) stageRun {
			return func(ctx context.Context) error {
				<-ctx.Done()
				synctest.Wait() // whoever does not wait for this one has ended by now
				mu.Lock()
				defer mu.Unlock()
				ended = append(ended, name)
				return nil
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- runStages(ctx, [][]stageRun{{run("asks")}, {run("does")}, {run("carries")}}) }()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil || !slices.Equal(ended, []string{"asks", "does", "carries"}) {
			t.Errorf("%v %v", ended, err)
		}
	})
}

func TestAFailureOfOneStageEndsAll(t *testing.T) {
	broken := errors.New("broken")
	waits := func(ctx context.Context) error { <-ctx.Done(); return nil }
	fails := func(context.Context) error { return broken }
	for name, stages := range map[string][][]stageRun{
		"first":  {{waits, fails}, {waits}},
		"last":   {{waits}, {waits, fails}},
		"middle": {{waits}, {fails, waits}, {waits}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // which ends with a deadlock where nobody notices
				if err := runStages(t.Context(), stages); !errors.Is(err, broken) {
					t.Error(err)
				}
			})
		})
	}
}

func TestWhoHasNothingMoreToDoEndsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- runStages(ctx, [][]stageRun{{func(context.Context) error { return nil }}}) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("ended with %v", err)
		default:
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
