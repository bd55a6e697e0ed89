package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/shape"
)

// dialect is everything in which two database engines differ. All other SQL of
// the room is one text for both, with $1 placeholders, bound arguments,
// row-value comparison and ON CONFLICT.
type dialect interface {
	// open opens the database and returns the handle for writes, which has a
	// single connection, and the one for reads.
	open(ctx context.Context, o Options) (writes, reads *sql.DB, err error)
	// begin starts a transaction that writes.
	begin() string
	// problem turns an error of the driver into one that people can act on.
	problem(err error) *problem.Problem
	// typ is the engine's name of a column type.
	typ(t colType) string
	// noBytes is an empty colBytes.
	noBytes() string
	// suffix ends a CREATE TABLE.
	suffix() string
	// columns lists the columns of a table with their types as typ spells them.
	columns(ctx context.Context, s session, table string) (map[string]string, error)
	// words: full text. text and words are folded; see fold.
	wordTables() []string
	putWords(ctx context.Context, s session, kind, id, text string) error
	dropWords(ctx context.Context, s session, id string) error
	// findWords is a query for the ids of a kind whose text holds all words.
	findWords(c *clause, kind string, words []string) string
}

// colType is a portable column type.
type colType int

const (
	colText   colType = iota // compared by code point
	colInt                   // 64 bits; times are microseconds since 1970, truth is 0 or 1
	colReal                  // 64-bit floating point
	colBytes                 // compared byte by byte
	colSerial                // primary key that counts up
)

// column is one column; all are NOT NULL and default to empty or zero.
type column struct {
	name string
	typ  colType
	json bool // a text that is JSON
}

func columnType(v shape.Value) colType {
	switch v {
	case shape.Int:
		return colInt
	case shape.Real:
		return colReal
	}
	return colText
}

// empty is the default of a column, as SQL.
func (c column) empty(d dialect) string {
	switch {
	case c.json:
		return "'null'"
	case c.typ == colInt, c.typ == colReal:
		return "0"
	case c.typ == colBytes:
		return d.noBytes()
	}
	return "''"
}

// maxStatements bounds the prepared statements of a pool; list queries of many
// forms come beyond it and are prepared each time.
const maxStatements = 400

// source is what statements are prepared on: the read handle (*sql.DB) or the
// one connection of the writer (*sql.Conn).
type source interface {
	PrepareContext(ctx context.Context, text string) (*sql.Stmt, error)
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// pool is a source with its prepared statements.
type pool struct {
	on      source
	dialect dialect
	mu      sync.RWMutex
	stmts   map[string]*sql.Stmt
}

func newPool(on source, d dialect) *pool {
	return &pool{on: on, dialect: d, stmts: map[string]*sql.Stmt{}}
}

// prepared returns the statement for text, or nil when there are too many.
func (p *pool) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.RLock()
	st, full := p.stmts[text], len(p.stmts) >= maxStatements
	p.mu.RUnlock()
	if st != nil || full {
		return st, nil
	}
	st, err := p.on.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.stmts[text]; have != nil {
		return have, st.Close()
	}
	p.stmts[text] = st
	return st, nil
}

// session is where statements run: the read pool, or a write transaction.
type session struct {
	db *DB
	q  *pool
	tx *Tx // nil outside a transaction
}

type countKey struct{}

// CountQueries returns a context under which every SQL statement is counted.
// Tests hold pages to their few queries with it.
func CountQueries(ctx context.Context) (context.Context, *int64) {
	n := new(int64)
	return context.WithValue(ctx, countKey{}, n), n
}

// begin counts the statement and refuses it when nothing may run any more. In
// a transaction the returned context is never cancelled: interrupting a
// statement would roll the whole transaction back, with the writes of others.
func (s session) begin(ctx context.Context) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return ctx, interrupted(err)
	}
	if n, ok := ctx.Value(countKey{}).(*int64); ok {
		atomic.AddInt64(n, 1)
	}
	if s.tx == nil {
		return ctx, nil
	}
	if s.tx.failed != nil {
		return ctx, s.tx.failed
	}
	return context.WithoutCancel(ctx), nil
}

func interrupted(err error) error {
	return problem.New(problem.Unavailable, "Der Vorgang wurde abgebrochen, bevor er fertig war.", "The operation was stopped before it was done.").Wrap(err)
}

// fail turns a driver error into a problem. In a transaction it is final: the
// transaction can only be rolled back.
func (s session) fail(err error) error {
	var p *problem.Problem
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		err = interrupted(err)
	case !errors.As(err, &p):
		err = s.q.dialect.problem(err)
	}
	if s.tx != nil && s.tx.failed == nil {
		s.tx.failed = err
	}
	return err
}

// exec runs a statement and returns how many rows it changed.
func (s session) exec(ctx context.Context, text string, args ...any) (int64, error) {
	ctx, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	st, err := s.statement(ctx, text)
	if err != nil {
		return 0, s.fail(err)
	}
	var res sql.Result
	if st != nil {
		res, err = st.ExecContext(ctx, args...)
	} else {
		res, err = s.q.on.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, s.fail(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, s.fail(err)
	}
	return n, nil
}

// query runs a query and hands each row to scan.
func (s session) query(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	ctx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	st, err := s.statement(ctx, text)
	if err != nil {
		return s.fail(err)
	}
	var rows *sql.Rows
	if st != nil {
		rows, err = st.QueryContext(ctx, args...)
	} else {
		rows, err = s.q.on.QueryContext(ctx, text, args...)
	}
	if err != nil {
		return s.fail(err)
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return s.fail(firstError(err, rows.Close()))
		}
	}
	if err := firstError(rows.Err(), rows.Close()); err != nil {
		return s.fail(err)
	}
	return nil
}

// one is query for a single row; found is false when there is none.
func (s session) one(ctx context.Context, text string, args []any, dest ...any) (found bool, err error) {
	err = s.query(ctx, text, args, func(r *sql.Rows) error {
		found = true
		return r.Scan(dest...)
	})
	return found, err
}

// statement returns the prepared statement, or nil to run the text as it is.
func (s session) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if s.tx != nil && s.tx.migrating {
		return nil, nil // tables come and go; nothing is worth keeping
	}
	return s.q.prepared(ctx, text)
}
