// Package engine is the database under record/store: one writer that shares
// commits, a small pool of readers, prepared statements, driver errors as
// problems, tables from column lists, full text, and what an engine remembers
// of declared tables.
//
// It knows no objects. Everything in which SQLite and PostgreSQL differ is
// behind the unexported dialect; callers write one SQL text for both, with $1
// placeholders, bound arguments, row-value comparison and ON CONFLICT.
//
// Both engines store the same: U+0000, which PostgreSQL does not take, and bytes
// that are no UTF-8 are stored, and looked for, as U+FFFD.
//
// There is no migration tool (goose or another): tables follow from the
// declarations of kinds and tables, which the database remembers, and documents
// from store.Upgrade. Numbered scripts would be a second truth, once an engine.
// A migration is one transaction; where another node has changed the tables
// meanwhile, a node of before writes nothing more.
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
	dialect dialect
	readDB  *sql.DB
	reads   *pool
	writes  *writer
}

// dialect is everything in which two engines differ.
type dialect interface {
	// open returns the handle for writes, which has a single connection, and
	// the one for reads.
	open(ctx context.Context, o Options) (writes, reads *sql.DB, err error)
	// begin starts a transaction that writes, and commit ends it; with notify,
	// other nodes hear that text when it is done. unhurried, if any, gives the
	// running transaction time.
	begin() string
	commit(notify string) string
	unhurried() string
	// still starts a transaction that reads one state of the database for as
	// long as it likes.
	still() string
	// patience is after what time a statement or commit without an answer is
	// given up; 0 for never.
	patience() time.Duration
	// keepsStatements says that the driver prepares statements by itself.
	keepsStatements() bool
	// shared says that other nodes may write the same database.
	shared() bool
	// problem turns an error of the driver into one that people can act on;
	// broken says that the connection is lost with it, and unknown that a
	// commit which ended with it may have happened.
	problem(err error) *problem.Problem
	broken(err error) bool
	unknown(err error) bool
	// typ is the engine's name of a column type, noBytes an empty Bytes, and
	// suffix ends a CREATE TABLE.
	typ(t Type) string
	noBytes() string
	suffix() string
	// longIndex indexes texts of any length by equality; uniqueIndex lets no
	// two rows have the same, but for the empty text.
	longIndex(name, table, column string) string
	uniqueIndex(name, table, column string) string
	// columns lists the columns of a table with their types as typ spells them.
	columns(ctx context.Context, s Session, table string) (map[string]string, error)
	// wordTables and the following are the full text; texts and words are
	// folded already. allWords lists kind, id and text by id.
	wordTables(ctx context.Context, s Session) error
	putWords(ctx context.Context, s Session, kind, id, text string) error
	dropWords(ctx context.Context, s Session, id string) error
	findWords(a *Args, kind string, words []string) string
	allWords() string
	// snapshot copies the database into a file.
	snapshot(ctx context.Context, path string) error
	// listen calls heard for every notification until ctx ends or the
	// connection breaks; lock is a mutual exclusion of all nodes.
	listen(ctx context.Context, heard func(from string)) error
	lock(ctx context.Context, name string) (unlock func(), err error)
}

// Open opens the database that o names.
func Open(ctx context.Context, o Options) (*DB, error) {
	var d dialect = &sqlite{}
	if o.Database != "" {
		var err error
		if d, err = openPostgres(o); err != nil {
			return nil, err
		}
	}
	w, r, err := d.open(ctx, o)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: d, readDB: r, reads: newPool(r, d), writes: newWriter(w, d)}
	if err := db.Migrate(ctx, func(s Session) error { return ownTables(ctx, s) }); err != nil {
		return nil, errors.Join(err, db.Close())
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

// Slowly is Write for what takes its time, such as writing everything: nothing
// interrupts it, and nothing else is written meanwhile.
func (db *DB) Slowly(ctx context.Context, fn func(s Session) error) error {
	return db.write(ctx, &state{slow: true}, fn)
}

// Still runs fn in a session that sees one state of the database, while others
// go on writing. Nothing can be written through it.
func (db *DB) Still(ctx context.Context, fn func(s Session) error) (err error) {
	conn, err := db.readDB.Conn(ctx)
	if err != nil {
		return db.dialect.problem(err)
	}
	q, st := newPool(conn, db.dialect), &state{slow: true}
	defer func() {
		st.failed = errOver
		_, back := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		if closing := errors.Join(back, q.close(), conn.Close()); closing != nil && err == nil {
			err = db.dialect.problem(closing)
		}
	}()
	if _, err := conn.ExecContext(ctx, db.dialect.still()); err != nil {
		return db.dialect.problem(err)
	}
	s := Session{q: q, tx: st}
	if err := db.writes.known(s); err != nil {
		return err
	}
	if err := fn(s); err != nil {
		return err
	}
	return st.failed
}

// Migrate is Slowly for statements that make and change tables. It waits for
// another node that migrates, up to ten minutes.
func (db *DB) Migrate(ctx context.Context, fn func(s Session) error) error {
	until := time.Now().Add(lockOutTime)
	for {
		err := db.write(ctx, &state{migrating: true, slow: true}, fn)
		if !db.dialect.shared() || !errors.Is(err, errBusy) || ctx.Err() != nil || time.Now().After(until) {
			return err
		}
	}
}

func (db *DB) write(ctx context.Context, st *state, fn func(s Session) error) error {
	return db.writes.do(ctx, func(q *pool) error {
		defer func() { st.failed = errOver }()
		s := Session{q: q, tx: st}
		if text := db.dialect.unhurried(); st.slow && text != "" {
			if err := s.Run(ctx, text); err != nil {
				return err
			}
		}
		if !st.migrating {
			if err := db.writes.check(s); err != nil {
				return err
			}
		}
		if err := fn(s); err != nil {
			return err
		}
		if st.migrating {
			var err error
			if db.writes.generation, err = generation(ctx, s); err != nil {
				return err
			}
		}
		if st.failed == nil && st.notify != "" {
			db.writes.batch.notify = st.notify
		}
		return st.failed
	})
}

// Shared reports whether other nodes may write the same database.
func (db *DB) Shared() bool { return db.dialect.shared() }

// Unknown reports whether err is that of a write whose commit got no answer:
// it may have happened, or not.
func Unknown(err error) bool { return errors.Is(err, errUnknown) }

var (
	errUnknown = errors.New("database: the commit got no answer")
	errBusy    = errors.New("database: another program holds the lock")
)

// Listen calls heard with what the Notify of every commit said, and with ""
// once it listens, until ctx ends or the connection breaks. On SQLite it waits
// for ctx.
func (db *DB) Listen(ctx context.Context, heard func(from string)) error {
	return db.dialect.listen(ctx, heard)
}

// Lock waits for the mutual exclusion called name among all nodes, and holds
// it until unlock is called.
func (db *DB) Lock(ctx context.Context, name string) (unlock func(), err error) {
	return db.dialect.lock(ctx, name)
}

// Snapshot writes a consistent copy of an SQLite database into a new file.
func (db *DB) Snapshot(ctx context.Context, path string) error {
	return db.dialect.snapshot(ctx, path)
}
