package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"securepush/backend/store"
	"securepush/backend/store/storetest"
)

// open opens a store in a folder of the test's own, or the one in o.Path.
func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	if o.Path == "" {
		o.Path = filepath.Join(t.TempDir(), "data", "securepush.db")
	}
	s, err := store.Open(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLiteKeepsThePromisesOfTheStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		return open(t, store.Options{Now: now})
	})
}
