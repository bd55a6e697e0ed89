// Package snapshot copies the database file of an organisation while another
// process works with it, and checks such a copy without opening it as a
// store.DB: no table is made, no document upgraded, nothing written.
//
// It knows files of SQLite only, and of their tables only where they say how
// far the journal was known to them. What the copy belongs to is the caller's.
package snapshot

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"augenmass/internal/problem"
)

// applicationID marks the file as ours; record/store/engine writes it.
const applicationID = 0x41756d61

// Take writes the state of the database in src, as it is at one instant during
// the call, into the new file dst (mode 0600). Writers are not kept waiting;
// the write-ahead log of src may grow meanwhile. What was deleted before is not
// in the copy, not even in free pages. dst must not exist.
//
// Errors: problem.Unavailable when src is not there or the disk of dst is full
// (what was written of dst is removed), problem.Corrupt when src is damaged.
func Take(ctx context.Context, src, dst string) error {
	if _, err := os.Stat(src); err != nil {
		return unreadable(src, err)
	}
	f, err := os.OpenFile(dst, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite takes an empty file, and its mode
	if err != nil {
		return unwritable(dst, err)
	}
	if err := f.Close(); err != nil {
		return errors.Join(unwritable(dst, err), os.Remove(dst))
	}
	err = with(ctx, src, func(c *sql.Conn) error {
		if err := ours(ctx, c, src); err != nil {
			return err
		}
		_, err := c.ExecContext(ctx, "VACUUM INTO $1", dst)
		return err
	})
	if err != nil {
		return errors.Join(explain(src, err), os.Remove(dst))
	}
	return nil
}

// Known is what a database says about the journal that belongs to it.
type Known struct {
	Next uint64 // the journal must have at least as many entries
}

// Check reads every page of the database in file and compares indexes with
// their tables (PRAGMA integrity_check); nobody else may write to it. It returns
// what the database knows of its journal.
//
// Errors: problem.Corrupt when the file is damaged or not ours,
// problem.Unavailable when it cannot be read.
func Check(ctx context.Context, file string) (k Known, err error) {
	if _, err := os.Stat(file); err != nil {
		return k, unreadable(file, err)
	}
	err = with(ctx, file, func(c *sql.Conn) error {
		if err := ours(ctx, c, file); err != nil {
			return err
		}
		var first string
		if err := c.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&first); err != nil {
			return err
		}
		if first != "ok" {
			return damaged(file, errors.New(first))
		}
		k, err = known(ctx, c)
		return err
	})
	if err != nil {
		return Known{}, explain(file, err)
	}
	return k, nil
}

// known asks the tables that remember places in the journal: positions of
// followers, and the entries of versions.
func known(ctx context.Context, c *sql.Conn) (Known, error) {
	var next int64
	for _, q := range []struct{ table, text string }{
		{"cursors", "SELECT coalesce(max(next), 0) FROM cursors"},
		{"history", "SELECT coalesce(max(journal_index) + 1, 0) FROM history WHERE journal_index > 0"},
	} {
		var there int
		if err := c.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1", q.table).Scan(&there); err != nil {
			return Known{}, err
		}
		if there == 0 {
			continue // closed before it was used
		}
		var n int64
		if err := c.QueryRowContext(ctx, q.text).Scan(&n); err != nil {
			return Known{}, err
		}
		next = max(next, n)
	}
	return Known{Next: uint64(max(next, 0))}, nil
}

// with runs f, which writes nothing to the database, on a connection.
func with(ctx context.Context, file string, f func(c *sql.Conn) error) (err error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	if path = filepath.ToSlash(path); !strings.HasPrefix(path, "/") { // a Windows drive
		path = "/" + path
	}
	// A connection that may only read leaves a write-ahead log as it is, but does
	// not take away the empty one that it made itself; one that may write does.
	mode := "ro"
	if _, err := os.Stat(file + "-wal"); errors.Is(err, fs.ErrNotExist) {
		mode = "rw"
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"mode": {mode}, "_pragma": {"busy_timeout(5000)", "trusted_schema(0)"}}.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.Close())
}

func ours(ctx context.Context, c *sql.Conn, file string) error {
	var id int
	if err := c.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if id != applicationID {
		return damaged(file, errors.New("application id "+strconv.Itoa(id)))
	}
	return nil
}

// explain gives the driver's error a sentence (sqlite.org/rescode.html).
func explain(file string, err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return err
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return unreadable(file, err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return damaged(file, err)
	case sqlite3.SQLITE_FULL:
		return problem.New(problem.Unavailable, "Für die Kopie der Datenbank ist kein Platz.", "There is no room for the copy of the database.").
			WithHint("Bitte Platz schaffen oder einen anderen Ordner wählen.", "Please make room or choose another folder.").Wrap(err)
	}
	return unreadable(file, err)
}

func damaged(file string, err error) error {
	return problem.Newf(problem.Corrupt, "Die Datenbank „%s“ ist beschädigt oder keine von Augenmass.", "The database '%s' is damaged or none of Augenmass.", filepath.Base(file)).
		WithHint("Bitte eine ältere Sicherung nehmen; das Journal bleibt davon unberührt.", "Please take an older backup; the journal is not affected.").Wrap(err)
}

func unreadable(file string, err error) error {
	return problem.Newf(problem.Unavailable, "Die Datenbank „%s“ lässt sich nicht lesen.", "The database '%s' cannot be read.", file).
		WithHint("Stimmt der Ordner, und darf das Programm darin lesen?", "Is this the right folder, and may the program read in it?").Wrap(err)
}

func unwritable(file string, err error) error {
	return problem.Newf(problem.Unavailable, "Die Kopie „%s“ lässt sich nicht schreiben.", "The copy '%s' cannot be written.", file).
		WithHint("Ist Platz frei, und darf das Programm dort schreiben?", "Is there room, and may the program write there?").Wrap(err)
}
