package store

import (
	"context"
	"log/slog"
	"time"
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

// Store is the open database. Its methods are safe for concurrent use.
type Store struct{ o Options }

// Open opens the database, makes it when there is none, and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Store, error) { return nil, ErrUnavailable }

// Run cleans up now and then until ctx ends: it wipes what expired and forgets what nobody can ask for any more.
func (s *Store) Run(ctx context.Context) error { return nil }

// Clean does one clean-up.
func (s *Store) Clean(ctx context.Context) error { return nil }

// Ping checks that the database can be read and written.
func (s *Store) Ping(ctx context.Context) error { return nil }

// Close lets the writes that were accepted finish and closes the database.
func (s *Store) Close() error { return nil }

// Secret returns the server secret of a name, and makes it with create when there is none. Whoever is first wins, also
// against another process.
func (s *Store) Secret(ctx context.Context, name string, create func() ([]byte, error)) ([]byte, error) {
	return nil, ErrUnavailable
}
