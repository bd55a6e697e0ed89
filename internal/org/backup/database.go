package backup

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"augenmass/internal/org/move"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
)

// Database says where an organisation on PostgreSQL lies. URL and Library are
// required, and the master key in one of its places.
type Database struct {
	URL     string // "postgres://…"; the schema follows from Options.Slug
	Library *packs.Library

	MasterKeyFile string
	MasterKeyEnv  string // default AUGENMASS_MASTER_KEY; wins over the file
}

// WriteDatabase writes a backup of an organisation on PostgreSQL to w while its
// nodes work. Options.Dir is not used. It copies the organisation into a folder
// in Options.Spool (see move.Online) and backs that up, so that the file is the
// same as that of a folder; the spool needs room for the organisation and its
// database once more, and is empty again when WriteDatabase returns.
//
// The file holds journal and seal key, which lie nowhere else but in the
// database, and never the master key.
//
// Errors: those of Write and of move.Online; problem.BadInput for WithoutKeys.
func WriteDatabase(ctx context.Context, o Options, from Database, w io.Writer) (s Summary, err error) {
	if o.WithoutKeys {
		return s, problem.New(problem.BadInput, "Ohne Schlüssel lässt sich eine Organisation auf PostgreSQL nicht sichern: Ihr Journal- und ihr Siegelschlüssel liegen nirgends sonst.",
			"An organisation on PostgreSQL cannot be backed up without keys: its journal and seal key lie nowhere else.").
			WithHint("Der Hauptschlüssel ist nie in der Datei; ohne ihn ist kein Inhalt des Tresors lesbar.", "The master key is never in the file; without it no payload of the vault can be read.")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	began := o.Now()
	spool, err := os.MkdirTemp(o.Spool, ".augenmass-backup-*") // mode 0700
	if err != nil {
		return s, unwritable(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(spool)) }()
	dir := filepath.Join(spool, o.Slug)
	if _, err := move.Online(ctx, move.Options{Slug: o.Slug, From: move.Place{Database: from.URL}, To: move.Place{Dir: dir},
		Library: from.Library, MasterKeyFile: from.MasterKeyFile, MasterKeyEnv: from.MasterKeyEnv, Now: o.Now}); err != nil {
		return s, err
	}
	// As of when the state was read at the latest: before the copy began.
	o.Dir, o.Spool, o.Now = dir, spool, func() time.Time { return began }
	return Write(ctx, o, w)
}
