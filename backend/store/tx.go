package store

import (
	"context"
	"database/sql"
	"errors"
)

// tx is the transaction under way, seen by one write. It lives in the writer's goroutine.
type tx struct {
	ctx context.Context // the writer's; it never ends
	w   *writer
}

// savepoint runs one write and sets its error. It returns false when the whole transaction is lost with it.
func (t *tx) savepoint(q *queued) bool {
	if q.err = t.exec(`SAVEPOINT one`); q.err != nil {
		return false
	}
	if q.err = q.do(t); q.err == nil {
		q.err = t.exec(`RELEASE one`)
		return q.err == nil
	}
	// After some errors, such as a full disk, SQLite has undone everything by itself and knows the savepoint no more.
	return t.exec(`ROLLBACK TO one`) == nil && t.exec(`RELEASE one`) == nil
}

func (t *tx) statement(text string) (*sql.Stmt, error) {
	if st := t.w.statements[text]; st != nil {
		return st, nil
	}
	st, err := t.w.conn.PrepareContext(t.ctx, text)
	if err != nil {
		return nil, err
	}
	t.w.statements[text] = st
	return st, nil
}

func (t *tx) exec(text string, args ...any) error {
	st, err := t.statement(text)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(t.ctx, args...)
	return err
}

// changes runs a statement and tells how many rows it changed.
func (t *tx) changes(text string, args ...any) (int64, error) {
	st, err := t.statement(text)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// changeOne runs a statement that must change a row; [ErrNotFound] if it did not.
func (t *tx) changeOne(text string, args ...any) error { return t.changeOr(ErrNotFound, text, args...) }

// changeOr runs a statement that must change a row; the error none if it did not.
func (t *tx) changeOr(none error, text string, args ...any) error {
	n, err := t.changes(text, args...)
	if err == nil && n == 0 {
		return none
	}
	return err
}

// queryRow reads the one row of a query with read; no row is the error none.
func (t *tx) queryRow(none error, read func(scan) error, text string, args ...any) error {
	st, err := t.statement(text)
	if err != nil {
		return err
	}
	err = read(st.QueryRowContext(t.ctx, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	return err
}

// blob is bytes as a parameter: nil would be NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// query calls each for every row.
func (t *tx) query(each func(scan) error, text string, args ...any) error {
	st, err := t.statement(text)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, each)
}
