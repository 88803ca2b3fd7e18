package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
)

// Options say where the database is and how it is kept. Everything but Path may be zero.
type Options struct {
	// Path is the database file. Its folder is made if it does not exist (0700); the file is 0600.
	Path   string
	Logger *slog.Logger     // nil: silent
	Now    func() time.Time // nil: time.Now

	Readers     int           // connections that read; 0: 4
	Queue       int           // writes that may wait; 0: 4096. One more is ErrBusy
	CleanEvery  time.Duration // 0: 5 minutes
	KeepGone    time.Duration // how long a deleted or expired notification is told from an unknown one; 0: 30 days
	AccessLife  time.Duration // of an access token; 0: 15 minutes
	IdleLife    time.Duration // of a session that is not refreshed; 0: 30 days
	SessionLife time.Duration // of a session altogether; 0: 90 days
}

func (o *Options) setDefaults() {
	const day = 24 * time.Hour
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Readers = cmp.Or(o.Readers, 4)
	o.Queue = cmp.Or(o.Queue, 4096)
	o.CleanEvery = cmp.Or(o.CleanEvery, 5*time.Minute)
	o.KeepGone = cmp.Or(o.KeepGone, 30*day)
	o.AccessLife = cmp.Or(o.AccessLife, 15*time.Minute)
	o.IdleLife = cmp.Or(o.IdleLife, 30*day)
	o.SessionLife = cmp.Or(o.SessionLife, 90*day)
}

// Store is the open database. Its methods are safe for concurrent use.
type Store struct {
	o        Options
	log      *slog.Logger
	writer   *writer
	readers  *sql.DB
	searches chan struct{} // under way

	prepared sync.Map // of readers: text → *sql.Stmt
}

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the database, makes it when there is none, and brings its schema up to date. Every error is a [*Failure]
// or the context's; ErrNewer: a later version of the program has changed the schema.
func Open(ctx context.Context, o Options) (*Store, error) {
	o.setDefaults()
	path, err := prepareFile(o.Path)
	if err != nil {
		return nil, err
	}
	// secure_delete: what is deleted is overwritten, as content must not outlive its expiry in free pages.
	writing, err := sql.Open("sqlite", dsn(path, "secure_delete(1)", "journal_size_limit(16777216)"))
	if err != nil {
		return nil, failure(ErrUnavailable, err)
	}
	if err := migrate(ctx, writing, o.Now()); err != nil {
		return nil, errors.Join(typed(err), writing.Close())
	}
	reading, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(failure(ErrUnavailable, err), writing.Close())
	}
	reading.SetMaxOpenConns(o.Readers)
	reading.SetMaxIdleConns(o.Readers)
	return &Store{
		o: o, log: o.Logger, readers: reading, searches: make(chan struct{}, max(1, o.Readers/2)),
		writer: startWriter(writing, o.Queue), //nolint:contextcheck // the writer outlives the opening; Close ends it
	}, nil
}

// migrate runs what the database has not seen yet. Two processes may try at once: the one that comes second finds the
// other's work half done, so it tries again.
func migrate(ctx context.Context, db *sql.DB, now time.Time) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := migrateOnce(ctx, db, files, now)
		if err == nil || errors.Is(err, ErrNewer) || ctx.Err() != nil || try == 5 {
			return err
		}
		pause := time.NewTimer(time.Duration(try) * 20 * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

func migrateOnce(ctx context.Context, db *sql.DB, files fs.FS, now time.Time) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	have, known, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return failure(ErrNewer, nil)
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	return fillRules(ctx, db, now)
}

// Ping checks that the database can be read and that writing is not blocked.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	err := s.queryRow(ctx, nil, func(scan scan) error { return scan(&n) }, `SELECT COUNT(*) FROM secrets`)
	if err != nil {
		return err
	}
	return s.write(ctx, func(*tx) error { return nil })
}

// Close lets the writes that were accepted finish and closes the database. Later calls fail with ErrClosed.
func (s *Store) Close() error {
	err := s.writer.close()
	return errors.Join(err, s.readers.Close())
}

// Stats are counts since the store was opened.
type Stats struct {
	Writes  uint64 // that were committed
	Commits uint64 // transactions that they shared
	Waiting int    // writes that wait now
}

// Stats returns counts for the operator.
func (s *Store) Stats() Stats {
	return Stats{Writes: s.writer.writes.Load(), Commits: s.writer.commits.Load(), Waiting: len(s.writer.queue)}
}

func (s *Store) write(ctx context.Context, do func(*tx) error) error { return s.writer.do(ctx, do) }

// now is the time as the database keeps it.
func (s *Store) now() int64 { return s.o.Now().UnixMilli() }

func toTime(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// A time that may be zero is kept as 0 then.

func toMS(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return max(1, at.UnixMilli())
}

func orNever(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return toTime(ms)
}
