// Package engine is the database under record/store: one writer that shares
// commits, a small pool of readers, prepared statements, driver errors as
// problems, tables from column lists, full text, and what an engine remembers
// of declared tables.
//
// It knows no objects. Everything in which SQLite and PostgreSQL differ is
// behind the unexported dialect; callers write one SQL text for both, with $1
// placeholders, bound arguments, row-value comparison and ON CONFLICT.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"augenmass/internal/problem"
)

// Options say where the database lives.
type Options struct {
	Path        string        // file; created with mode 0600 when missing
	Database    string        // "postgres://…": PostgreSQL instead of the file
	Schema      string        // of the organisation on PostgreSQL; created when missing
	BusyTimeout time.Duration // how long a write waits for a lock that another process holds
}

// DB is an open database. Its methods are safe for many goroutines.
type DB struct {
	readDB *sql.DB
	reads  *pool
	writes *writer
}

// dialect is everything in which two engines differ.
type dialect interface {
	// open returns the handle for writes, which has a single connection, and
	// the one for reads.
	open(ctx context.Context, o Options) (writes, reads *sql.DB, err error)
	// begin starts a transaction that writes.
	begin() string
	// problem turns an error of the driver into one that people can act on.
	problem(err error) *problem.Problem
	// typ is the engine's name of a column type, noBytes an empty Bytes, and
	// suffix ends a CREATE TABLE.
	typ(t Type) string
	noBytes() string
	suffix() string
	// columns lists the columns of a table with their types as typ spells them.
	columns(ctx context.Context, s Session, table string) (map[string]string, error)
	// wordTables and the following are the full text; texts and words are
	// folded already.
	wordTables() []string
	putWords(ctx context.Context, s Session, kind, id, text string) error
	dropWords(ctx context.Context, s Session, id string) error
	findWords(a *Args, kind string, words []string) string
}

// Open opens the database in o.Path.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Database != "" {
		return nil, problem.New(problem.Unavailable, "PostgreSQL ist noch im Bau.", "PostgreSQL is still being built.")
	}
	d := sqlite{}
	w, r, err := d.open(ctx, o)
	if err != nil {
		return nil, err
	}
	db := &DB{readDB: r, reads: newPool(r, d), writes: newWriter(w, d)}
	if err := db.Migrate(ctx, ownTables); err != nil {
		if closing := db.Close(); closing != nil {
			return nil, closing
		}
		return nil, err
	}
	return db, nil
}

// Close waits for the running write and closes the database.
func (db *DB) Close() error {
	// The readers go first: the last connection puts the write-ahead log into
	// the file and removes it, and one that may only read cannot.
	reads := db.readDB.Close()
	return errors.Join(reads, db.writes.close())
}

// Reads is the session of the read pool. Nothing can be written through it.
func (db *DB) Reads() Session { return Session{q: db.reads} }

var errOver = problem.New(problem.Internal, "Die Transaktion ist vorbei.", "The transaction is over.")

// Write runs fn in a transaction and returns when it is durable; an error
// undoes everything, also one of a statement that fn ignored. Writes run one
// at a time and share a commit when several are waiting: fn must be short, and
// neither call Write nor wait for another writer.
func (db *DB) Write(ctx context.Context, fn func(s Session) error) error {
	return db.write(ctx, &state{}, fn)
}

// Migrate is Write for statements that make and change tables.
func (db *DB) Migrate(ctx context.Context, fn func(s Session) error) error {
	return db.write(ctx, &state{migrating: true}, fn)
}

func (db *DB) write(ctx context.Context, st *state, fn func(s Session) error) error {
	return db.writes.do(ctx, func(q *pool) error {
		defer func() { st.failed = errOver }()
		if err := fn(Session{q: q, tx: st}); err != nil {
			return err
		}
		return st.failed
	})
}
