package store_test

import (
	"context"
	"errors"
	"os"
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

// TestSQLiteKeepsThePromisesOfTheStore gives each test a copy of one new database: making the tables takes longer than most
// of them.
func TestSQLiteKeepsThePromisesOfTheStore(t *testing.T) {
	var empty []byte
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		path := filepath.Join(t.TempDir(), "securepush.db")
		if empty == nil {
			empty = newDatabase(t, path+".new", now)
		}
		if err := os.WriteFile(path, empty, 0o600); err != nil {
			t.Fatal(err)
		}
		return open(t, store.Options{Path: path, Now: now})
	})
}

// newDatabase makes a database at path and returns what then stands in its file.
func newDatabase(t *testing.T, path string, now func() time.Time) []byte {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: path, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("there is more than one file: %v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
