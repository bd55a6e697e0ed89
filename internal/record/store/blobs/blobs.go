// Package blobs is a vault.Tree in PostgreSQL: one table of named blobs in the
// schema of an organisation, shared by all its nodes. It holds what package
// vault has sealed; it neither knows a key nor a clear byte.
//
//	blobs   name (text, byte order), data (bytea, uncompressed: it is ciphertext)
//
// Every write is committed with synchronous_commit at least "on" when it
// returns. No call waits longer than Options.Timeout; one that does ends as
// problem.Unavailable, and then the write may have happened or not. Conditions
// of a Swap are held by row locks until the commit, so they are true in the
// instant of writing on all nodes.
//
// # What an erasure leaves behind
//
// Erasing a subject replaces its key, which is sealed with the master key, by a
// tombstone. From the commit on no node finds the old key. But PostgreSQL does
// not overwrite: the old row stays in the table's pages until VACUUM makes the
// place free and later rows fill it, and in write-ahead log, standbys, base
// backups and snapshots for as long as those are kept. The same holds for
// blobs that were removed.
//
// What stays is a key sealed with AES-256-GCM under the master key, which is
// never in the database. Whoever gets old pages or backups without the master
// key can read nothing. Whoever has both can read what was erased, until
//
//   - the rows are gone: VACUUM, and the end of the retention of log and
//     backups, which therefore must not exceed the erasure period that the
//     organisation promises; or
//   - the master key is changed (vault.Rewrap) and the old one destroyed: then
//     every copy of an erased key, wherever it lies, is unreadable for good.
package blobs

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/vault"
)

// Options say where the blobs lie.
type Options struct {
	Database string        // "postgres://…"
	Schema   string        // of the organisation, lower case; created when missing
	Timeout  time.Duration // of one operation; default 10 s, longer ones get no more
	Conns    int           // most connections; default 6
}

// Tree is an open table of blobs. It is safe for many goroutines.
type Tree struct {
	pool    *pgxpool.Pool
	timeout time.Duration
}

var _ vault.Tree = (*Tree)(nil)

// Open connects and creates schema and table unless they are there; several
// nodes may do so at once. Wrong options are BadInput, a database that cannot
// be reached is Unavailable.
func Open(ctx context.Context, o Options) (*Tree, error) {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Conns <= 0 {
		o.Conns = 6
	}
	conn, err := engine.ConnConfig(o.Database, o.Schema)
	if err != nil {
		return nil, err
	}
	c, err := pgxpool.ParseConfig(o.Database)
	if err != nil {
		return nil, problem.From(err)
	}
	c.ConnConfig = conn
	configure(c, o)
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, unreachable(err)
	}
	t := &Tree{pool: pool, timeout: o.Timeout}
	if err := t.create(ctx, o.Schema, conn); err != nil {
		pool.Close()
		return nil, err
	}
	return t, nil
}

// warning is the key under which a connection keeps the server's last warning.
const warning = "augenmass warning"

func configure(c *pgxpool.Config, o Options) {
	c.MaxConns = int32(min(o.Conns, 1000))
	c.MaxConnIdleTime = 5 * time.Minute
	p := c.ConnConfig.RuntimeParams
	p["application_name"] = "augenmass vault"
	p["statement_timeout"] = strconv.FormatInt(o.Timeout.Milliseconds(), 10)
	delete(p, "synchronous_commit") // see below
	if c.ConnConfig.ConnectTimeout == 0 || c.ConnConfig.ConnectTimeout > o.Timeout {
		c.ConnConfig.ConnectTimeout = o.Timeout
	}
	c.ConnConfig.OnNotice = func(conn *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			conn.CustomData()[warning] = n.Message
		}
	}
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		// A commit waits for the flush whatever server, role or URL say; the
		// stronger remote_apply stays.
		_, err := conn.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')")
		return err
	}
}

// create makes schema and table unless they are there.
func (t *Tree) create(ctx context.Context, schema string, c *pgx.ConnConfig) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	var there bool
	if err := t.pool.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", schema+".blobs").Scan(&there); err != nil {
		return unreachable(err)
	}
	if there {
		return nil
	}
	if err := engine.ClaimSchema(ctx, c); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, t.pool, func(tx pgx.Tx) error {
		// Other nodes may be here at the same time.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", engine.LockKey(schema, "blobs")); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS blobs (name text COLLATE "C" PRIMARY KEY, data bytea NOT NULL)`); err != nil {
			return err
		}
		// Ciphertext does not compress, and uncompressed heads are read alone.
		_, err := tx.Exec(ctx, "ALTER TABLE blobs ALTER COLUMN data SET STORAGE EXTERNAL")
		return err
	})
	switch {
	case err == nil:
		return nil
	case isCode(err, "42501"):
		return problem.New(problem.Unavailable, "Die Tabelle des Tresors lässt sich nicht anlegen.", "The vault's table cannot be made.").
			WithHint("Darf die Rolle in diesem Schema Tabellen anlegen?", "May the role create tables in this schema?").Wrap(err)
	}
	return unreachable(err)
}

// Shared reports true: other nodes use the same table.
func (t *Tree) Shared() bool { return true }

// Close closes the connections.
func (t *Tree) Close() error { t.pool.Close(); return nil }

// Read returns a blob of at most limit bytes.
func (t *Tree) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	var size int64
	var data []byte
	err := t.pool.QueryRow(ctx, "SELECT octet_length(data), CASE WHEN octet_length(data) <= $2 THEN data END FROM blobs WHERE name = $1", name, limit).Scan(&size, &data)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	case err != nil:
		return nil, t.lost(err)
	case size > limit:
		return nil, &fs.PathError{Op: "read", Path: name, Err: vault.ErrTooLong}
	}
	return data, nil
}

// Create writes a blob where there is none.
func (t *Tree) Create(ctx context.Context, name string, data []byte) error {
	n, err := t.write(ctx, insert, name, data)
	if err == nil && n == 0 {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	return err
}

const insert = "INSERT INTO blobs (name, data) VALUES ($1, $2) ON CONFLICT DO NOTHING"

// Swap writes a blob under its conditions. With Destroy the row is replaced
// like any other; see the package comment.
func (t *Tree) Swap(ctx context.Context, s vault.Swap) error {
	statement, args := insert, []any{s.Name, s.New}
	switch {
	case s.Old != nil:
		statement, args = "UPDATE blobs SET data = $2 WHERE name = $1 AND data = $3", append(args, s.Old)
	case s.Destroy:
		statement = "UPDATE blobs SET data = $2 WHERE name = $1"
	}
	if s.While.Name == "" {
		n, err := t.write(ctx, statement, args...)
		if err == nil && n == 0 {
			return vault.ErrChanged
		}
		return err
	}
	return t.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			// The lock keeps the other blob as it is until the commit.
			held, err := tx.Exec(ctx, "SELECT FROM blobs WHERE name = $1 AND data = $2 FOR SHARE", s.While.Name, s.While.Data)
			if err == nil && held.RowsAffected() == 0 {
				return vault.ErrChanged
			}
			if err != nil {
				return err
			}
			done, err := tx.Exec(ctx, statement, args...)
			if err == nil && done.RowsAffected() == 0 {
				return vault.ErrChanged
			}
			return err
		})
	})
}

// Remove removes blobs.
func (t *Tree) Remove(ctx context.Context, names ...string) error {
	_, err := t.write(ctx, "DELETE FROM blobs WHERE name = ANY($1)", names)
	return err
}

// write runs one statement that changes rows.
func (t *Tree) write(ctx context.Context, statement string, args ...any) (rows int64, err error) {
	err = t.do(ctx, func(ctx context.Context, c *pgx.Conn) error {
		done, err := c.Exec(ctx, statement, args...)
		rows = done.RowsAffected()
		return err
	})
	return rows, err
}

// do gives a connection to something that writes, with the time it has. A
// warning of the server counts as failure: that is how it says that a commit
// did not wait for its standby.
func (t *Tree) do(ctx context.Context, fn func(ctx context.Context, c *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	conn, err := t.pool.Acquire(ctx)
	if err != nil {
		return t.lost(err)
	}
	defer conn.Release()
	notes := conn.Conn().PgConn().CustomData()
	delete(notes, warning)
	err = fn(ctx, conn.Conn())
	if said, warned := notes[warning].(string); err == nil && warned {
		err = errors.New("the server warns: " + said)
	}
	if err == nil || errors.Is(err, vault.ErrChanged) {
		return err
	}
	return t.lost(err)
}

// page is how many rows a walk fetches at once; their heads are small.
const page = 1000

// Walk calls f for every blob whose name begins with prefix.
func (t *Tree) Walk(ctx context.Context, prefix string, head int, f func(vault.Entry) error) error {
	after, inclusive := prefix, true
	for {
		entries, err := t.list(ctx, prefix, after, inclusive, head)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := f(e); err != nil {
				return err
			}
		}
		if len(entries) < page {
			return nil
		}
		after, inclusive = entries[len(entries)-1].Name, false
	}
}

func (t *Tree) list(ctx context.Context, prefix, after string, inclusive bool, head int) ([]vault.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	what := "name, 0::bigint, ''::bytea"
	if head > 0 {
		what = "name, octet_length(data)::bigint, substr(data, 1, " + strconv.Itoa(head) + ")"
	}
	where, args := "name > $1", []any{after}
	if inclusive {
		where = "name >= $1"
	}
	if prefix != "" { // names are ASCII: the next string that does not begin so
		where += " AND name < $2"
		args = append(args, prefix[:len(prefix)-1]+string(prefix[len(prefix)-1]+1))
	}
	rows, err := t.pool.Query(ctx, "SELECT "+what+" FROM blobs WHERE "+where+" ORDER BY name LIMIT "+strconv.Itoa(page), args...)
	if err != nil {
		return nil, t.lost(err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vault.Entry])
	if err != nil {
		return nil, t.lost(err)
	}
	return entries, nil
}

// lost says that the database did not answer. When the connection is gone, the
// others in the pool are too, as a rule: the next call begins with a fresh one,
// which may lead to another server.
func (t *Tree) lost(err error) *problem.Problem {
	var e *pgconn.PgError
	if !errors.As(err, &e) && !errors.Is(err, context.Canceled) || isCode(err, "57P01", "57P02", "57P03", "25006") {
		t.pool.Reset()
	}
	return unreachable(err)
}

// isCode reports whether err is one of the server's errors with these codes.
func isCode(err error, codes ...string) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		for _, c := range codes {
			if e.Code == c {
				return true
			}
		}
	}
	return false
}

func unreachable(err error) *problem.Problem {
	return problem.New(problem.Unavailable,
		"Die Datenbank des Tresors antwortet nicht; ob zuletzt etwas gespeichert wurde, ist ungewiss.",
		"The vault's database does not answer; whether the last write was stored is uncertain.").
		WithHint("Bitte prüfen, ob der Server läuft, Platz hat und die Adresse stimmt, und es dann wiederholen.",
			"Please check that the server is running, has space and that the address is right, then repeat.").Wrap(err)
}
