package store

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
)

func openForTest(t *testing.T, o Options) *Store {
	t.Helper()
	if o.Path == "" {
		o.Path = filepath.Join(t.TempDir(), "securepush.db")
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// hold keeps the writer busy until release is called. It returns when the writer is.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	busy, free, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	taken := sync.OnceFunc(func() { close(busy) })
	go func() {
		defer close(ended)
		if err := s.write(t.Context(), func(*tx) error { taken(); <-free; return nil }); err != nil {
			t.Error(err)
		}
	}()
	<-busy
	release = sync.OnceFunc(func() { close(free); <-ended })
	t.Cleanup(release)
	return release
}

// put stores a secret: a small write that can be seen afterwards.
func put(name string) func(*tx) error {
	return func(t *tx) error { return t.exec(`INSERT INTO secrets (name, value) VALUES (?, x'00')`, name) }
}

func names(t *testing.T, s *Store) string {
	t.Helper()
	var all []string
	err := s.query(t.Context(), func(scan scan) error {
		var name string
		err := scan(&name)
		all = append(all, name)
		return err
	}, `SELECT name FROM secrets ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// enqueue starts writes one after the other behind a held writer and returns their results when they are there.
func enqueue(t *testing.T, s *Store, do ...func(*tx) error) (results func() []error) {
	t.Helper()
	errs := make([]error, len(do))
	var all sync.WaitGroup
	for i, one := range do {
		waiting := len(s.writer.queue)
		all.Go(func() { errs[i] = s.write(t.Context(), one) })
		await(t, func() bool { return len(s.writer.queue) > waiting })
	}
	return func() []error { all.Wait(); return errs }
}

func await(t *testing.T, ready func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(time.Minute); !ready(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("waited in vain")
		}
	}
}

func TestAFailedWriteLeavesTheOthersOfItsTransactionAlone(t *testing.T) {
	s := openForTest(t, Options{})
	s.writer.batchTime = time.Hour // a busy machine takes longer than usual
	release := hold(t, s)
	broken := ErrConflict
	results := enqueue(t, s, put("a"), func(t *tx) error { _ = put("b")(t); return broken }, put("a"), put("c"))
	before := s.Stats()
	release()
	errs := results()
	if errs[0] != nil || !errors.Is(errs[1], broken) || !isUnique(errs[2]) || errs[3] != nil {
		t.Fatal(errs)
	}
	if got := names(t, s); got != "a c" {
		t.Fatalf("stored %q", got)
	}
	if after := s.Stats(); after.Commits != before.Commits+1 || after.Writes != before.Writes+5 {
		t.Fatalf("not one transaction: %+v, then %+v", before, after)
	}
}

func TestAWriteWhoseContextEndsBeforeItsTurnIsNotWritten(t *testing.T) {
	s := openForTest(t, Options{})
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { result <- s.write(ctx, put("a")) }()
	await(t, func() bool { return len(s.writer.queue) == 1 })
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	release()
	if err := s.write(t.Context(), put("b")); err != nil {
		t.Fatal(err)
	}
	if got := names(t, s); got != "b" {
		t.Fatalf("stored %q", got)
	}
}

func TestAWriteWhoseContextEndsDuringItsTurnTellsTheTruth(t *testing.T) {
	s := openForTest(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	err := s.write(ctx, func(t *tx) error { cancel(); return put("a")(t) })
	if err != nil || names(t, s) != "a" {
		t.Fatalf("error %v, stored %q", err, names(t, s))
	}
}

func TestMoreWritesThanMayWaitAreRefusedAtOnce(t *testing.T) {
	s := openForTest(t, Options{Queue: 2})
	release := hold(t, s)
	results := enqueue(t, s, put("a"), put("b"))
	if err := s.write(t.Context(), put("c")); !errors.Is(err, ErrBusy) {
		t.Fatal(err)
	}
	release()
	for _, err := range results() {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCloseWritesWhatWasAccepted(t *testing.T) {
	s := openForTest(t, Options{})
	release := hold(t, s)
	results := enqueue(t, s, put("a"), put("b"))
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	await(t, s.writer.isClosed)
	if err := s.write(t.Context(), put("c")); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	release()
	for _, err := range results() {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
}

func TestALargeBatchIsCutAndNothingIsLost(t *testing.T) {
	s := openForTest(t, Options{})
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			if err := s.write(t.Context(), put(string(api.NewID()))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(strings.Fields(names(t, s))); n != 1000 {
		t.Fatal(n)
	}
	if stats := s.Stats(); stats.Writes != 1000 || stats.Commits < 1000/batchWrites {
		t.Fatalf("%+v", stats)
	}
}

func TestAFullDiskIsNamedAndEndsWhenThereIsRoom(t *testing.T) {
	s := openForTest(t, Options{})
	err := s.write(t.Context(), func(t *tx) error { // SQLite makes it the present size, until the connection is dropped
		return t.queryRow(nil, func(scan scan) error { return scan(new(int)) }, `PRAGMA max_page_count = 1`)
	})
	if err != nil {
		t.Fatal(err)
	}
	large := func(t *tx) error {
		return t.exec(`INSERT INTO secrets (name, value) VALUES ('large', zeroblob(1000000))`)
	}
	release := hold(t, s)
	results := enqueue(t, s, put("a"), large, put("b"))
	release()
	errs := results()
	f, ok := errors.AsType[*Failure](errs[1])
	if !ok || !errors.Is(f, ErrDiskFull) || !errors.Is(f, ErrUnavailable) || !strings.Contains(f.Words, "full") {
		t.Fatal(errs)
	}
	if errs[0] != nil || errs[2] != nil || names(t, s) != "a b" {
		t.Fatalf("the large one harmed the others: %v, stored are %q", errs, names(t, s))
	}
	if err := s.write(t.Context(), large); err != nil {
		t.Fatal(err)
	}
}

func TestAnotherProcessesTransactionIsWaitedForAndThenNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "securepush.db")
	s, other := openForTest(t, Options{Path: path}), openForTest(t, Options{Path: path})
	s.writer.lockWait = time.Hour
	release := hold(t, other)
	result := make(chan error)
	go func() { result <- s.write(t.Context(), put("a")) }()
	await(t, func() bool { return len(s.writer.queue) == 0 })
	release()
	if err := <-result; err != nil {
		t.Fatal(err)
	}

	hold(t, other)
	s.writer.lockWait = 20 * time.Millisecond
	if err := s.write(t.Context(), put("b")); !errors.Is(err, ErrBusy) {
		t.Fatal(err)
	}
	if n := len(names(t, s)); n != 1 { // reading goes on
		t.Fatal(n)
	}
}

func TestACommitThatFailsIsNotAnswered(t *testing.T) {
	s := openForTest(t, Options{})
	// A reference that is checked only at the commit, which so fails although each write went well.
	err := s.write(t.Context(), func(t *tx) error {
		if err := t.exec(`PRAGMA defer_foreign_keys = 1`); err != nil {
			return err
		}
		return t.exec(`INSERT INTO installation_tags (tag, installation) VALUES ('t', 'nobody')`)
	})
	if !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	if err := s.write(t.Context(), put("a")); err != nil || names(t, s) != "a" {
		t.Fatal(err, names(t, s))
	}
}

func TestRunCleansUpAtEveryTurnAndEndsWithItsContext(t *testing.T) {
	s := openForTest(t, Options{CleanEvery: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	await(t, func() bool { return s.Stats().Writes >= 6 })
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}
