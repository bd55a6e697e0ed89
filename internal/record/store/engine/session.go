package engine

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"augenmass/internal/problem"
)

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

// prepared returns the statement for text, or nil when there are too many, or
// when the driver sees to it.
func (p *pool) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if p.dialect.keepsStatements() {
		return nil, nil
	}
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

// close closes the statements. Those of one connection are nobody else's to
// close (database/sql), and SQLite keeps a connection open for them.
func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for text, st := range p.stmts {
		err = errors.Join(err, st.Close())
		delete(p.stmts, text)
	}
	return err
}

// Session is where statements run: the read pool, or a running write. It is a
// value; sessions of one write share its fate.
type Session struct {
	q  *pool
	tx *state // nil outside a write
}

// state is that of one Write.
type state struct {
	failed    error // after it, nothing runs: the engine may have given up the transaction
	migrating bool
	slow      bool   // no statement is interrupted
	notify    string // what other nodes hear after the commit
}

// Notify lets the other nodes hear a short text when the write is committed,
// whatever several writers in one commit say: one of their texts.
func (s Session) Notify(text string) {
	if s.tx != nil {
		s.tx.notify = text
	}
}

// Doom makes the write fail with err, whatever its function returns.
func (s Session) Doom(err error) {
	if s.tx != nil && s.tx.failed == nil {
		s.tx.failed = err
	}
}

type countKey struct{}

// CountQueries returns a context under which every SQL statement is counted.
// Tests hold pages to their few queries with it.
func CountQueries(ctx context.Context) (context.Context, *int64) {
	n := new(int64)
	return context.WithValue(ctx, countKey{}, n), n
}

// begin counts the statement and refuses it when nothing may run any more. In
// a transaction the returned context is not the caller's: interrupting a
// statement would roll the whole transaction back, with the writes of others.
// Only the engine's own patience ends it. done is called after the statement.
func (s Session) begin(ctx context.Context) (running context.Context, done func(), err error) {
	done = func() {}
	if err := ctx.Err(); err != nil {
		return ctx, done, interrupted(err)
	}
	if n, ok := ctx.Value(countKey{}).(*int64); ok {
		atomic.AddInt64(n, 1)
	}
	patience := s.q.dialect.patience()
	if s.tx != nil {
		if s.tx.failed != nil {
			return ctx, done, s.tx.failed
		}
		ctx = context.WithoutCancel(ctx)
		if s.tx.slow {
			return ctx, done, nil
		}
	}
	if patience > 0 {
		ctx, done = context.WithTimeout(ctx, patience)
	}
	return ctx, done, nil
}

func interrupted(err error) error {
	return problem.New(problem.Unavailable, "Der Vorgang wurde abgebrochen, bevor er fertig war.", "The operation was stopped before it was done.").Wrap(err)
}

// fail turns a driver error into a problem. In a transaction it is final: the
// transaction can only be rolled back.
func (s Session) fail(ctx context.Context, err error) error {
	var p *problem.Problem
	switch {
	case s.tx == nil && ctx.Err() != nil:
		err = interrupted(errors.Join(ctx.Err(), err))
	case !errors.As(err, &p):
		err = s.q.dialect.problem(err)
	}
	s.Doom(err)
	return err
}

// Exec runs a statement and returns how many rows it changed.
func (s Session) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	running, done, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	st, err := s.statement(running, text)
	if err != nil {
		return 0, s.fail(ctx, err)
	}
	args = storable(args)
	var res sql.Result
	if st != nil {
		res, err = st.ExecContext(running, args...)
	} else {
		res, err = s.q.on.ExecContext(running, text, args...)
	}
	if err != nil {
		return 0, s.fail(ctx, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, s.fail(ctx, err)
	}
	return n, nil
}

// Query runs a query and hands each row to scan.
func (s Session) Query(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	running, done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	rows, err := s.query(running, text, storable(args))
	if err != nil && s.tx == nil && ctx.Err() == nil && s.q.dialect.broken(err) {
		rows, err = s.query(running, text, storable(args)) // the pool had a connection of before a restart
	}
	if err != nil {
		return s.fail(ctx, err)
	}
	defer rows.Close() // for a scan that panics; otherwise it is closed below, and the error counts there
	for rows.Next() {
		if err := scan(rows); err != nil {
			return s.fail(ctx, errors.Join(err, rows.Close()))
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return s.fail(ctx, err)
	}
	return nil
}

func (s Session) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	st, err := s.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if st != nil {
		return st.QueryContext(ctx, args...)
	}
	return s.q.on.QueryContext(ctx, text, args...)
}

// storable returns args with texts that every engine takes: U+0000 and bytes
// that are no UTF-8 become U+FFFD.
func storable(args []any) []any {
	out := args
	for i, arg := range args {
		text, ok := arg.(string)
		if !ok || strings.IndexByte(text, 0) < 0 && utf8.ValidString(text) {
			continue
		}
		if &out[0] == &args[0] {
			out = slices.Clone(args)
		}
		out[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	}
	return out
}

// One is Query for a single row; found is false when there is none.
func (s Session) One(ctx context.Context, text string, args []any, dest ...any) (found bool, err error) {
	err = s.Query(ctx, text, args, func(r *sql.Rows) error {
		found = true
		return r.Scan(dest...)
	})
	return found, err
}

// statement returns the prepared statement, or nil to run the text as it is.
func (s Session) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if s.tx != nil && s.tx.migrating {
		return nil, nil // tables come and go; nothing is worth keeping
	}
	return s.q.prepared(ctx, text)
}
