package engine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"augenmass/internal/problem"
)

// postgres is one schema of a PostgreSQL database, for any number of nodes.
//
// Texts have COLLATE "C", so that they compare by code point as on SQLite.
// Every write transaction begins with an advisory lock on the schema: writes of
// all nodes run one after another, and what is right for SQLite's single writer
// is right here. A session that loses its node must not hold that lock for
// long; see session.
type postgres struct {
	schema string
	key    int64 // of the advisory lock
	busy   time.Duration
	config *pgx.ConnConfig
}

// Times after which something is given up. Server and client watch each other,
// so that neither a dead node nor a dead server holds the other up.
const (
	statementTime = 30 * time.Second // of one statement, on the server
	idleTime      = 5 * time.Second  // between two statements of a transaction
	longIdleTime  = time.Minute      // the same, in a migration or a copy
	deadTime      = 5 * time.Second  // of a peer that no longer acknowledges packets
	dialTime      = 5 * time.Second
	lockOutTime   = 10 * time.Minute // that a node waits for another one to migrate
)

// maxReaders is the most connections of a node that read one schema at once.
const maxReaders = 8

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// reason is what a parser says about an address without the address, which may
// hold a password that the parser does not recognise as one. What it quotes is
// a part of the address too.
func reason(err error) error {
	s := err.Error()
	s = strings.TrimPrefix(s[strings.LastIndex(s, "`")+1:], ": ")
	if s == "" || strings.ContainsAny(s, "\"'") {
		return nil
	}
	return errors.New(s)
}

// ConnConfig returns the configuration of a connection to a schema: its search
// path, time limits and signs of life. Packages beside this one that speak to
// PostgreSQL begin with it.
func ConnConfig(database, schema string) (*pgx.ConnConfig, error) {
	if !schemaName.MatchString(schema) {
		return nil, problem.Newf(problem.BadInput, "Der Name des Schemas ist ungültig: %q.", "The name of the schema is not valid: %q.", schema).
			WithHint("Er besteht aus höchstens 63 kleinen Buchstaben, Ziffern und Unterstrichen.", "It has at most 63 lower-case letters, digits and underscores.")
	}
	c, err := pgx.ParseConfig(database)
	if err != nil {
		return nil, problem.New(problem.BadInput, "Die Adresse der Datenbank ist ungültig.", "The address of the database is not valid.").
			WithHint("Sie hat die Form postgres://nutzer@rechner:5432/datenbank.", "It has the form postgres://user@host:5432/database.").Wrap(reason(err))
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = dialTime
	}
	dialer := &net.Dialer{Timeout: c.ConnectTimeout, Control: unacknowledged,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 2 * time.Second, Interval: time.Second, Count: 3}}
	c.DialFunc = dialer.DialContext
	c.RuntimeParams["search_path"] = schema
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "augenmass " + schema
	}
	for name, value := range map[string]string{
		"statement_timeout":                   millis(statementTime),
		"idle_in_transaction_session_timeout": millis(idleTime),
		"tcp_keepalives_idle":                 "2",
		"tcp_keepalives_interval":             "1",
		"tcp_keepalives_count":                "3",
		"tcp_user_timeout":                    millis(deadTime),
		"synchronous_commit":                  "on",
		"default_transaction_isolation":       "read committed", // a write must see what was committed while it waited for its turn
		"standard_conforming_strings":         "on",
		"client_encoding":                     "UTF8",
		"random_page_cost":                    "1.1", // for flash; spinning disks are no longer the rule
		"jit":                                 "off", // costs more than our short queries
	} {
		c.RuntimeParams[name] = value
	}
	return c, nil
}

func millis(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// LockKey is the key of the advisory lock called name in a schema. Keys are
// shared by a whole database.
func LockKey(schema, name string) int64 {
	sum := sha256.Sum256([]byte("augenmass\x00" + schema + "\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// openPostgres returns the dialect for o.
func openPostgres(o Options) (*postgres, error) {
	c, err := ConnConfig(o.Database, o.Schema)
	if err != nil {
		return nil, err
	}
	busy := o.BusyTimeout
	if busy <= 0 {
		busy = 5 * time.Second
	}
	c.RuntimeParams["lock_timeout"] = millis(busy)
	return &postgres{schema: o.Schema, key: LockKey(o.Schema, "write"), busy: busy, config: c}, nil
}

func (d *postgres) open(ctx context.Context, _ Options) (writes, reads *sql.DB, err error) {
	if err := ClaimSchema(ctx, d.config); err != nil {
		return nil, nil, err
	}
	writes = stdlib.OpenDB(*d.config.Copy())
	writes.SetMaxOpenConns(1)
	onlyRead := d.config.Copy()
	// Not a parameter of the connection's start: to an address that asks for a
	// server that writes (target_session_attrs), the primary would look like one
	// that does not.
	onlyRead.AfterConnect = func(ctx context.Context, c *pgconn.PgConn) error {
		return c.Exec(ctx, "SET default_transaction_read_only = on").Close()
	}
	reads = stdlib.OpenDB(*onlyRead)
	reads.SetMaxOpenConns(maxReaders)
	reads.SetMaxIdleConns(maxReaders)
	reads.SetConnMaxIdleTime(time.Minute)
	return writes, reads, nil
}

// mark is the comment of a schema that is ours.
const mark = "Augenmass"

// ClaimSchema makes the schema of c when it is missing, and refuses one that
// belongs to another program.
func ClaimSchema(ctx context.Context, c *pgx.ConnConfig) (err error) {
	schema := c.RuntimeParams["search_path"]
	conn, err := pgx.ConnectConfig(ctx, c.Copy())
	if err != nil {
		return PostgresProblem(err)
	}
	defer func() {
		if closing := hangUp(conn); closing != nil && err == nil {
			err = PostgresProblem(closing)
		}
	}()
	var exists, ours, tables bool
	look := func() error {
		return PostgresError(conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),
			EXISTS (SELECT FROM pg_namespace n WHERE nspname = $1 AND obj_description(n.oid, 'pg_namespace') = $2),
			EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename NOT LIKE 'journal%' AND tablename NOT LIKE 'vault%' AND tablename NOT LIKE 'key%' AND tablename NOT LIKE 'blob%')`,
			schema, mark).Scan(&exists, &ours, &tables))
	}
	if err := look(); err != nil || ours {
		return err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return PostgresProblem(err)
	}
	defer func() {
		if back := tx.Rollback(context.WithoutCancel(ctx)); back != nil && !errors.Is(back, pgx.ErrTxClosed) && err == nil {
			err = PostgresProblem(back)
		}
	}()
	// Two nodes may be here at the same time.
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", LockKey(schema, "claim")); err != nil {
		return PostgresProblem(err)
	}
	if err := look(); err != nil || ours {
		return err
	}
	if tables {
		return problem.New(problem.Corrupt, "Das Schema „"+schema+"“ gehört nicht zu Augenmass.", "Schema "+schema+" does not belong to Augenmass.").
			WithHint("Bitte Datenbank und Schema prüfen.", "Please check database and schema.")
	}
	if !exists {
		if _, err := tx.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
			return PostgresProblem(err)
		}
	}
	if _, err := tx.Exec(ctx, "COMMENT ON SCHEMA "+schema+" IS '"+mark+"'"); err != nil {
		return PostgresProblem(err)
	}
	return PostgresError(tx.Commit(ctx))
}

// hangUp closes a connection, which never takes long.
func hangUp(conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadTime)
	defer cancel()
	return conn.Close(ctx)
}

func (d *postgres) begin() string {
	return fmt.Sprintf("BEGIN; SELECT pg_advisory_xact_lock(%d)", d.key)
}

// commit tells the other nodes in the same breath.
func (d *postgres) commit(notify string) string {
	if notify == "" {
		return "COMMIT"
	}
	return "NOTIFY " + d.schema + ", '" + notify + "'; COMMIT"
}

func (d *postgres) unhurried() string {
	return "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = " + millis(lockOutTime) +
		"; SET LOCAL idle_in_transaction_session_timeout = " + millis(longIdleTime)
}

func (d *postgres) still() string {
	return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + d.unhurried()
}

// patience is somewhat longer than the server takes to give a statement up.
func (d *postgres) patience() time.Duration { return max(d.busy, statementTime) + deadTime }

func (d *postgres) keepsStatements() bool { return true }

func (d *postgres) shared() bool { return true }

func (d *postgres) noBytes() string { return "''" }

func (d *postgres) suffix() string { return "" }

func (d *postgres) typ(t Type) string {
	switch t {
	case Int:
		return "BIGINT"
	case Real:
		return "DOUBLE PRECISION"
	case Bytes:
		return "BYTEA"
	case Serial:
		return "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
	}
	return `TEXT COLLATE "C"`
}

func (d *postgres) columns(ctx context.Context, s Session, table string) (map[string]string, error) {
	out := map[string]string{}
	names := map[string]Type{"text": Text, "bigint": Int, "double precision": Real, "bytea": Bytes}
	err := s.Query(ctx, "SELECT attname::text, format_type(atttypid, atttypmod), attidentity <> '' FROM pg_attribute "+
		"WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped", []any{table}, func(r *sql.Rows) error {
		var name, typ string
		var serial bool
		if err := r.Scan(&name, &typ, &serial); err != nil {
			return err
		}
		t, known := names[typ]
		switch {
		case serial:
			typ = d.typ(Serial)
		case known:
			typ = d.typ(t)
		}
		out[name] = typ
		return nil
	})
	return out, err
}

// longIndex finds long texts: entries of an ordinary index end at 2,700 bytes.
func (d *postgres) longIndex(name, table, column string) string {
	return "CREATE INDEX IF NOT EXISTS " + name + " ON " + table + " USING hash (" + column + ")"
}

func (d *postgres) uniqueIndex(name, table, column string) string {
	return "CREATE UNIQUE INDEX IF NOT EXISTS " + name + " ON " + table + " (md5(" + column + ")) WHERE " + column + " <> ''"
}

// wordTables are the folded texts, each one found by whatever is in it. With
// pg_trgm, which comes with PostgreSQL, an index helps; without it, or without
// the right to add it, every text of the kind is read. The answers are the same.
func (d *postgres) wordTables(ctx context.Context, s Session) error {
	err := s.Run(ctx, `CREATE TABLE IF NOT EXISTS words (id TEXT COLLATE "C" PRIMARY KEY, kind TEXT COLLATE "C" NOT NULL, body TEXT COLLATE "C" NOT NULL)`,
		"CREATE INDEX IF NOT EXISTS i_words_kind ON words (kind)",
		// An extension belongs to the database, not to one organisation.
		`DO $$ BEGIN
			IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm' AND installed_version IS NULL) THEN
				CREATE EXTENSION pg_trgm SCHEMA public;
			END IF;
		EXCEPTION WHEN insufficient_privilege OR invalid_schema_name OR unique_violation OR duplicate_object OR undefined_file THEN
			NULL; -- searching works without it
		END $$`)
	if err != nil {
		return err
	}
	var in string
	found, err := s.One(ctx, "SELECT quote_ident(nspname::text) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_trgm'", nil, &in)
	if err != nil || !found {
		return err
	}
	return s.Run(ctx, "CREATE INDEX IF NOT EXISTS i_words_body ON words USING gin (body "+in+".gin_trgm_ops)")
}

func (d *postgres) putWords(ctx context.Context, s Session, kind, id, text string) error {
	_, err := s.Exec(ctx, "INSERT INTO words (id, kind, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, body = excluded.body", id, kind, text)
	return err
}

func (d *postgres) dropWords(ctx context.Context, s Session, id string) error {
	_, err := s.Exec(ctx, "DELETE FROM words WHERE id = $1", id)
	return err
}

var likely = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (d *postgres) findWords(a *Args, kind string, words []string) string {
	text := "SELECT w.id FROM words w WHERE w.kind = " + a.Add(kind)
	for _, w := range words {
		text += " AND w.body LIKE " + a.Add("%"+likely.Replace(w)+"%")
	}
	return text
}

func (d *postgres) allWords() string { return "SELECT kind, id, body FROM words ORDER BY id" }

func (d *postgres) snapshot(context.Context, string) error {
	return problem.New(problem.BadInput, "Von einer Datenbank auf PostgreSQL gibt es keine Kopie als Datei.", "There is no copy of a database on PostgreSQL as a file.").
		WithHint("store.Copy schreibt ihren Inhalt in eine neue Datenbank.", "store.Copy writes its content into a new database.")
}

// listen calls heard with the sender of every notification, and once with ""
// when it begins to listen.
func (d *postgres) listen(ctx context.Context, heard func(from string)) (err error) {
	conn, err := pgx.ConnectConfig(ctx, d.config.Copy())
	if err != nil {
		return PostgresProblem(err)
	}
	defer func() {
		if closing := hangUp(conn); closing != nil && err == nil {
			err = PostgresProblem(closing)
		}
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+d.schema); err != nil {
		return PostgresProblem(err)
	}
	heard("")
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return PostgresProblem(err)
		}
		heard(n.Payload)
	}
}

// lock holds a session lock on a connection of its own: closing it unlocks.
func (d *postgres) lock(ctx context.Context, name string) (unlock func(), err error) {
	c := d.config.Copy()
	c.RuntimeParams["lock_timeout"], c.RuntimeParams["statement_timeout"] = "0", "0"
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, PostgresProblem(err)
	}
	free := func() {
		if err := hangUp(conn); err != nil {
			conn.PgConn().Conn().Close() // it is dead already: the server frees the lock by itself
		}
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", LockKey(d.schema, "lock "+name)); err != nil {
		free()
		if ctx.Err() != nil {
			err = interrupted(ctx.Err())
		}
		return nil, PostgresProblem(err)
	}
	return free, nil
}
