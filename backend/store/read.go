package store

import (
	"context"
	"database/sql"
	"errors"
)

// scan reads the values of one row, as [sql.Row.Scan] does.
type scan func(dest ...any) error

// statement prepares a text once; each connection keeps it compiled.
func (s *Store) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if st, ok := s.prepared.Load(text); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := s.readers.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if first, loaded := s.prepared.LoadOrStore(text, st); loaded {
		return first.(*sql.Stmt), st.Close()
	}
	return st, nil
}

// queryRow reads the one row of a query with read; no row is the error none.
func (s *Store) queryRow(ctx context.Context, none error, read func(scan) error, text string, args ...any) error {
	st, err := s.statement(ctx, text)
	if err != nil {
		return s.readError(err)
	}
	err = read(st.QueryRowContext(ctx, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	return s.readError(err)
}

// query calls each for every row.
func (s *Store) query(ctx context.Context, each func(scan) error, text string, args ...any) error {
	st, err := s.statement(ctx, text)
	if err != nil {
		return s.readError(err)
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return s.readError(err)
	}
	return s.readError(eachRow(rows, each))
}

// errEnough ends the reading of rows without an error.
var errEnough = errors.New("store: enough rows")

func eachRow(rows *sql.Rows, each func(scan) error) error {
	defer func() { _ = rows.Close() }() // rows.Err has the error, if there is one
	for rows.Next() {
		if err := each(rows.Scan); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return rows.Err()
}

// readError types an error of reading; after Close that is ErrClosed, whatever the driver calls it.
func (s *Store) readError(err error) error {
	if err == nil || isDecision(err) {
		return err
	}
	if s.writer.isClosed() {
		return failure(ErrClosed, err)
	}
	return typed(err)
}
