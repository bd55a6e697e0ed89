package sequence

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"log/slog"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/linger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/witness"
)

// format is the shape of the tables. A program refuses what a newer one wrote.
const format = 2

// The head row is updated with every group commit. Its page is left nearly
// empty, so that PostgreSQL can tidy old versions in place.
const tables = `
CREATE TABLE journal_entries (idx bigint PRIMARY KEY, entry bytea NOT NULL);
CREATE TABLE journal_tiles (level int, n bigint, width int NOT NULL, data bytea NOT NULL, PRIMARY KEY (level, n));
ALTER TABLE journal_tiles ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE journal_checkpoints (size bigint PRIMARY KEY, note bytea NOT NULL);
CREATE TABLE journal_head (one bool PRIMARY KEY DEFAULT true CHECK (one), format int NOT NULL, origin text NOT NULL,
	size bigint NOT NULL DEFAULT 0, published bigint NOT NULL DEFAULT 0, epoch bigint NOT NULL DEFAULT 0) WITH (fillfactor = 10);
` + keyTable

// locks are this journal's names for locks and channel in the database.
type locks struct {
	create, lead int64
	channel      string
}

func newLocks(schema string) locks {
	key := func(purpose string) []byte {
		sum := sha256.Sum256([]byte("augenmass journal\n" + purpose + "\n" + schema))
		return sum[:8]
	}
	return locks{
		create:  int64(binary.BigEndian.Uint64(key("create"))),
		lead:    int64(binary.BigEndian.Uint64(key("lead"))),
		channel: "augenmass_journal_" + hex.EncodeToString(key("publish")),
	}
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// complete checks the options and fills in the defaults.
func (o Options) complete() (Options, note.Verifier, error) {
	var c problem.Checks
	v, err := note.NewVerifier(o.VerifierKey)
	c.Field(o.Database != "", "Database", "fehlt.", "is missing.")
	c.Field(schemaName.MatchString(o.Schema), "Schema", "fehlt oder ist kein Name aus Kleinbuchstaben, Ziffern und Unterstrich.",
		"is missing or not a name of lower-case letters, digits and underscores.")
	c.Field(o.Signer != nil, "Signer", "fehlt.", "is missing.")
	c.Field(err == nil, "VerifierKey", "fehlt oder ist unlesbar.", "is missing or unreadable.")
	c.Field(o.Origin != "", "Origin", "fehlt.", "is missing.")
	c.Field(o.Signer == nil || err != nil || o.Signer.Name() == v.Name(), "Signer", "unterschreibt unter einem anderen Namen als VerifierKey.", "signs under another name than VerifierKey.")
	if len(o.Keys) > 0 {
		_, err := proof.ParseKeys(proof.FormatKeys(o.Keys))
		c.Field(err == nil, "Keys", "ist keine Liste von Schlüsseln.", "is not a list of keys.")
	}
	if err := c.Err(); err != nil {
		return o, nil, err
	}
	if o.PublishEvery == 0 {
		o.PublishEvery = defaultPublishEvery
	}
	if o.patience == 0 {
		o.patience = defaultPatience
	}
	if o.frozen == 0 {
		o.frozen = defaultFrozen
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Witnesses.Now == nil {
		o.Witnesses.Now = o.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, v, nil
}

// Open opens the journal in o.Schema, or creates it; several nodes may do so at
// once. It checks the last checkpoint and the right edge of the published tree.
//
// A journal that was restored under another name opens under its first name
// and under its present one; Origin says the present one.
//
// Errors: problem.BadInput for wrong options or the journal of another origin,
// problem.Corrupt for what does not check, and for a key that is not the
// journal's last one, problem.Conflict for another list of keys than o.Keys, problem.Unavailable when the
// database cannot be reached.
func Open(ctx context.Context, o Options) (*Journal, error) {
	o, verifier, err := o.complete()
	if err != nil {
		return nil, err
	}
	circle, err := witness.New(o.Witnesses)
	if err != nil {
		return nil, err
	}
	j := &Journal{o: o, verifier: verifier, circle: circle, locks: newLocks(o.Schema), hurry: make(chan struct{}, 1)}
	j.queue.wake, j.queue.patience, j.queue.linger = make(chan struct{}, 1), o.patience, linger.New()
	j.ctx, j.stop = context.WithCancel(context.Background())
	if err := j.connect(ctx); err != nil {
		j.stop()
		return nil, err
	}
	j.running.Go(j.write)
	j.running.Go(j.watch)
	return j, nil
}

// connect opens the pools and reads the journal's state.
func (j *Journal) connect(ctx context.Context) (err error) {
	if j.reads, err = j.pool(4, nil); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			j.reads.Close()
		}
	}()
	opening, cancel := context.WithTimeout(ctx, 2*j.o.patience)
	defer cancel()
	if err := j.create(opening); err != nil {
		return err
	}
	if j.writes, err = j.pool(3, prepareAppends); err != nil {
		return err
	}
	if err := j.begin(opening); err != nil {
		j.writes.Close()
		return err
	}
	return nil
}

// pool returns connections whose tables are this journal's. ready prepares each.
func (j *Journal) pool(most int32, ready func(context.Context, *pgx.Conn) error) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(j.o.Database)
	if err != nil {
		return nil, problem.New(problem.BadInput, "Die Adresse der Datenbank ist unlesbar.", "The address of the database is unreadable.").Wrap(err)
	}
	j.configure(c.ConnConfig)
	c.MaxConns = most
	c.MaxConnIdleTime = 5 * time.Minute
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, durable); err != nil {
			return err
		}
		if ready == nil {
			return nil
		}
		return ready(ctx, conn)
	}
	pool, err := pgxpool.NewWithConfig(j.ctx, c)
	if err != nil {
		return nil, unreachable(err)
	}
	return pool, nil
}

// durable makes a commit wait for the flush, whatever server, role or URL say;
// the stronger remote_apply stays.
const durable = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')`

// warning is the key under which a connection keeps the server's last warning.
const warning = "augenmass warning"

func (j *Journal) configure(c *pgx.ConnConfig) {
	c.RuntimeParams["search_path"] = j.o.Schema
	c.RuntimeParams["application_name"] = "augenmass journal"
	c.RuntimeParams["idle_in_transaction_session_timeout"] = "10000"
	if c.ConnectTimeout == 0 || c.ConnectTimeout > j.o.patience {
		c.ConnectTimeout = j.o.patience
	}
	c.OnNotice = func(conn *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			conn.CustomData()[warning] = n.Message
		}
	}
}

// create makes schema and tables unless they are there.
func (j *Journal) create(ctx context.Context) error {
	var there bool
	if err := j.reads.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", j.o.Schema+".journal_head").Scan(&there); err != nil {
		return unreachable(err)
	}
	if there {
		return nil
	}
	keys := j.o.keysOrOne()
	if err := j.o.fits(keys); err != nil {
		return err
	}
	cp, err := j.sign(0, proof.EmptyRoot)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, j.reads, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", j.locks.create); err != nil {
			return err
		}
		var schema, head bool
		if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL, to_regclass($2) IS NOT NULL", j.o.Schema, j.o.Schema+".journal_head").Scan(&schema, &head); err != nil {
			return err
		}
		if head {
			return nil
		}
		if !schema {
			// IF NOT EXISTS: another room may be making the same schema now.
			if _, err := tx.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{j.o.Schema}.Sanitize()); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, tables); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO journal_head (format, origin) VALUES ($1, $2)", format, j.Origin()); err != nil {
			return err
		}
		if err := putKeys(ctx, tx, keys); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO journal_checkpoints (size, note) VALUES (0, $1)", cp.Note)
		return err
	})
	if err != nil {
		return problem.New(problem.Unavailable, "Die Tabellen des Journals lassen sich nicht anlegen.", "The tables of the journal cannot be made.").
			WithHint("Darf die Rolle in dieser Datenbank ein Schema anlegen?", "May the role create a schema in this database?").Wrap(err)
	}
	return nil
}

// begin reads size and checkpoint and checks the edge of the tree.
func (j *Journal) begin(ctx context.Context) error {
	var origin string
	var have int
	var size, published int64
	var msg []byte
	err := j.reads.QueryRow(ctx, "SELECT h.format, h.origin, h.size, h.published, c.note FROM journal_head h LEFT JOIN journal_checkpoints c ON c.size = h.published").
		Scan(&have, &origin, &size, &published, &msg)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return corrupt("journal_head", proof.None, "Die Zeile fehlt.", "the row is missing.")
	case err != nil:
		return unreachable(err)
	case have > format:
		return problem.Newf(problem.BadInput, "Das Journal wurde von einer neueren Fassung des Programms geschrieben (Format %d).",
			"The journal was written by a newer version of the program (format %d).", have)
	case have == 1 && origin != j.o.Origin:
		return problem.Newf(problem.BadInput, "Das Journal im Schema %s heißt „%s“, nicht „%s“.", "The journal in schema %s is named %q, not %q.", j.o.Schema, origin, j.o.Origin)
	case have > 1:
		if err := j.readKeys(ctx, origin); err != nil {
			return err
		}
	}
	cp, err := j.openCheckpoint(uint64(published), msg)
	if err != nil {
		return err
	}
	if have == 1 {
		if err := j.upgrade(ctx); err != nil {
			return err
		}
		if err := j.readKeys(ctx, origin); err != nil {
			return err
		}
	}
	tiles := proof.NewTiles(tileFS{j}, cp)
	if _, err := tiles.Root(cp.Size); err != nil {
		return err
	}
	j.size, j.tiles = uint64(size), tiles
	return nil
}

func unreachable(err error) *problem.Problem {
	return problem.New(problem.Unavailable, "Die Datenbank des Journals ist nicht erreichbar.", "The journal's database cannot be reached.").
		WithHint("Bitte prüfen, ob der Server läuft und die Adresse stimmt.", "Please check that the server is running and the address is right.").Wrap(err)
}
