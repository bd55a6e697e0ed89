package engine

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"augenmass/internal/problem"
)

// sqlite is the embedded engine: one file beside its WAL, no other service.
//
// WAL with synchronous=FULL, because NORMAL may lose the last commits on power
// loss; foreign keys and strict tables on; secure_delete, so that deleted
// personal data do not stay readable in free pages; the trigram tokenizer of
// FTS5, because German compounds hide words (Maschine in Fräsmaschine).
type sqlite struct {
	path  string
	mu    sync.Mutex
	locks map[string]chan struct{} // by name; one process has the file
}

// applicationID marks the file as ours (SQLite pragma application_id).
const applicationID = 0x41756d61 // "Auma"

// readers is the most connections that read at once.
const readers = 4

func (d *sqlite) open(ctx context.Context, o Options) (writes, reads *sql.DB, err error) {
	if o.Path == "" {
		return nil, nil, problem.New(problem.BadInput, "Der Pfad der Datenbank fehlt.", "The path of the database is missing.")
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, nil, d.unusable(o.Path, err)
	}
	d.path = path
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite itself would make it readable for all
	if err != nil {
		return nil, nil, d.unusable(path, err)
	}
	if err := f.Close(); err != nil {
		return nil, nil, d.unusable(path, err)
	}
	common := []string{"foreign_keys(1)", "trusted_schema(0)", "temp_store(memory)",
		"busy_timeout(" + strconv.FormatInt(o.BusyTimeout.Milliseconds(), 10) + ")"}
	writes, err = d.handle(path, 1, append(common, "journal_mode(wal)", "synchronous(full)",
		"secure_delete(1)", "journal_size_limit(67108864)"))
	if err != nil {
		return nil, nil, err
	}
	reads, err = d.handle(path, readers, append(common, "query_only(1)"))
	if err != nil {
		return nil, nil, errors.Join(err, writes.Close())
	}
	if err := d.claim(ctx, writes); err != nil {
		return nil, nil, errors.Join(err, writes.Close(), reads.Close())
	}
	return writes, reads, nil
}

func (d *sqlite) handle(path string, conns int, pragmas []string) (*sql.DB, error) {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a Windows drive
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas, "_dqs": {"0"}, "_defensive": {"1"}}.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, d.problem(err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// claim refuses the file of another program.
func (d *sqlite) claim(ctx context.Context, db *sql.DB) error {
	var id, tables int
	err := db.QueryRowContext(ctx, "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)").Scan(&id, &tables)
	if err != nil {
		return d.problem(err)
	}
	switch {
	case id == applicationID:
		return nil
	case id != 0 || tables > 0:
		return problem.New(problem.Corrupt, "Die Datei ist keine Datenbank von Augenmass.", "The file is not a database of Augenmass.").
			WithHint("Bitte den Ordner der Organisation prüfen.", "Please check the folder of the organisation.")
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return d.problem(err)
	}
	return nil
}

func (*sqlite) unusable(path string, err error) error {
	return problem.New(problem.Unavailable, "Die Datenbank „"+path+"“ lässt sich nicht öffnen.", "The database "+strconv.Quote(path)+" cannot be opened.").
		WithHint("Gibt es den Ordner, und darf das Programm darin schreiben?", "Does the folder exist, and may the program write there?").Wrap(err)
}

func (*sqlite) begin() string { return "BEGIN IMMEDIATE" }

func (*sqlite) commit(string) string { return "COMMIT" }

func (*sqlite) unhurried() string { return "" }

func (*sqlite) still() string { return "BEGIN" }

func (*sqlite) patience() time.Duration { return 0 }

func (*sqlite) keepsStatements() bool { return false }

func (*sqlite) shared() bool { return false }

func (*sqlite) broken(err error) bool {
	return errors.Is(err, sqldriver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}

// unknown: the file says whether a commit happened.
func (*sqlite) unknown(error) bool { return false }

func (*sqlite) longIndex(name, table, column string) string {
	return "CREATE INDEX IF NOT EXISTS " + name + " ON " + table + " (" + column + ", id)"
}

func (*sqlite) uniqueIndex(name, table, column string) string {
	return "CREATE UNIQUE INDEX IF NOT EXISTS " + name + " ON " + table + " (" + column + ") WHERE " + column + " <> ''"
}

func (*sqlite) noBytes() string { return "x''" }

func (*sqlite) suffix() string { return " STRICT" }

func (*sqlite) typ(t Type) string {
	switch t {
	case Int:
		return "INTEGER"
	case Real:
		return "REAL"
	case Bytes:
		return "BLOB"
	case Serial:
		return "INTEGER PRIMARY KEY AUTOINCREMENT"
	}
	return "TEXT"
}

func (*sqlite) columns(ctx context.Context, s Session, table string) (map[string]string, error) {
	out := map[string]string{}
	err := s.Query(ctx, "SELECT name, type FROM pragma_table_info($1)", []any{table}, func(r *sql.Rows) error {
		var name, typ string
		err := r.Scan(&name, &typ)
		out[name] = typ
		return err
	})
	return out, err
}

// problem sorts the engine's result codes (sqlite.org/rescode.html) into what
// passes and what does not. A lock, a full or read-only disk and an I/O error
// are Unavailable: the write did not happen and can be repeated.
func (*sqlite) problem(err error) *problem.Problem {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		if errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "sql: database is closed") {
			return problem.New(problem.Unavailable, "Die Datenbank ist geschlossen.", "The database is closed.").Wrap(err)
		}
		return problem.From(fmt.Errorf("database: %w", err))
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return taken().Wrap(err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return needed().Wrap(err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		p = problem.New(problem.Unavailable, "Die Datenbank ist gerade von einem anderen Programm belegt; nichts wurde geändert.", "The database is held by another program; nothing was changed.").
			WithHint("Bitte gleich noch einmal versuchen.", "Please try again in a moment.")
	case sqlite3.SQLITE_FULL:
		p = problem.New(problem.Unavailable, "Der Datenträger ist voll; nichts wurde geändert.", "The disk is full; nothing was changed.").
			WithHint("Bitte Platz schaffen und noch einmal versuchen.", "Please make room and try again.")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		p = problem.New(problem.Unavailable, "Die Datenbank darf nicht beschrieben werden; nichts wurde geändert.", "The database may not be written; nothing was changed.").
			WithHint("Bitte die Rechte der Datei und des Ordners prüfen.", "Please check the permissions of the file and its folder.")
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		p = problem.New(problem.Unavailable, "Die Datenbank lässt sich gerade nicht lesen oder schreiben; nichts wurde geändert.", "The database cannot be read or written right now; nothing was changed.").
			WithHint("Bitte den Datenträger prüfen.", "Please check the disk.")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		p = problem.New(problem.Corrupt, "Die Datenbank ist beschädigt.", "The database is damaged.").
			WithHint("Bitte die letzte Sicherung einspielen; das Journal bleibt davon unberührt.", "Please restore the last backup; the journal is not affected.")
	default:
		return problem.From(fmt.Errorf("database: %w", err))
	}
	return p.Wrap(err)
}

// wordTables are the full-text index and the table that gives an object its
// row in it.
func (*sqlite) wordTables(ctx context.Context, s Session) error {
	return s.Run(ctx,
		"CREATE TABLE IF NOT EXISTS word_rows (row INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE) STRICT",
		"CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(body, tokenize = 'trigram case_sensitive 1')",
		"INSERT INTO words (words, rank) VALUES ('secure-delete', 1)")
}

func (*sqlite) putWords(ctx context.Context, s Session, kind, id, text string) error {
	var row int64
	if _, err := s.One(ctx, "INSERT INTO word_rows (kind, id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind RETURNING row",
		[]any{kind, id}, &row); err != nil {
		return err
	}
	_, err := s.Exec(ctx, "INSERT OR REPLACE INTO words (rowid, body) VALUES ($1, $2)", row, text)
	return err
}

func (*sqlite) dropWords(ctx context.Context, s Session, id string) error {
	if _, err := s.Exec(ctx, "DELETE FROM words WHERE rowid = (SELECT row FROM word_rows WHERE id = $1)", id); err != nil {
		return err
	}
	_, err := s.Exec(ctx, "DELETE FROM word_rows WHERE id = $1", id)
	return err
}

// findWords asks the trigram index for words of three characters and more, and
// reads the texts for shorter ones, which have no trigram.
func (*sqlite) findWords(a *Args, kind string, words []string) string {
	var match []string
	text := "SELECT w.id FROM word_rows w JOIN words f ON f.rowid = w.row WHERE w.kind = " + a.Add(kind)
	for _, w := range words {
		if len([]rune(w)) >= 3 {
			match = append(match, `"`+strings.ReplaceAll(w, `"`, `""`)+`"`)
			continue
		}
		text += " AND instr(f.body, " + a.Add(w) + ") > 0"
	}
	if match != nil {
		text += " AND f.body MATCH " + a.Add(strings.Join(match, " "))
	}
	return text
}

func (*sqlite) allWords() string {
	return "SELECT w.kind, w.id, f.body FROM word_rows w JOIN words f ON f.rowid = w.row ORDER BY w.id"
}

// snapshot uses VACUUM INTO: readers and writers go on, and the copy is one
// state of the database, without free pages and without a log beside it.
func (d *sqlite) snapshot(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return d.unusable(path, err)
	}
	defer func() {
		if closing := f.Close(); closing != nil && err == nil {
			err = d.unusable(path, closing)
		}
		if err != nil {
			if removing := os.Remove(path); removing != nil {
				err = errors.Join(err, removing)
			}
		}
	}()
	from, err := d.handle(d.path, 1, []string{"trusted_schema(0)", "busy_timeout(5000)"})
	if err != nil {
		return err
	}
	_, err = from.ExecContext(ctx, "VACUUM INTO $1", path)
	if closing := from.Close(); err == nil {
		err = closing
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return interrupted(ctx.Err())
	case err != nil:
		return d.problem(err)
	}
	if err := f.Sync(); err != nil {
		return d.unusable(path, err)
	}
	return nil
}

func (*sqlite) listen(ctx context.Context, _ func(string)) error {
	<-ctx.Done()
	return nil
}

func (d *sqlite) lock(ctx context.Context, name string) (unlock func(), err error) {
	d.mu.Lock()
	if d.locks == nil {
		d.locks = map[string]chan struct{}{}
	}
	held := d.locks[name]
	if held == nil {
		held = make(chan struct{}, 1)
		d.locks[name] = held
	}
	d.mu.Unlock()
	select {
	case held <- struct{}{}:
		return sync.OnceFunc(func() { <-held }), nil
	case <-ctx.Done():
		return nil, interrupted(ctx.Err())
	}
}
