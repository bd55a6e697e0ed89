package data

import (
	"context"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// File remembers which system a file ai-system.yaml in a code repository
// describes: the key in the file stays, whatever the system is called
// (prove/exchange/systemfile).
type File struct {
	Key    string    `json:"key" store:"unique,required,max=80"`
	System string    `json:"system" store:"index,required"` // object id; a file does not keep a system from being deleted
	Hash   string    `json:"hash"`                          // SHA-256 of the file as it was applied last, in hex
	At     time.Time `json:"at"`                            // when that was
}

// Title names the record in lists and links.
func (f *File) Title() string { return f.Key }

// Validate refuses a checksum that is none.
func (f *File) Validate() error {
	var c problem.Checks
	c.Field(isSHA256(f.Hash), "hash", "Die Prüfsumme (SHA-256) hat 64 Zeichen von 0 bis 9 und a bis f.", "The checksum (SHA-256) has 64 characters from 0 to 9 and a to f.")
	return c.Err()
}

// SystemFiles is the kind of files.
func SystemFiles() *store.Kind[File] { return store.NewKind[File]("system_file", "sfl") }

// FileByKey returns the record of a file, or NotFound.
func (r *Room) FileByKey(ctx context.Context, rd store.Reader, key string) (store.Object[File], error) {
	p, err := r.Files.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("key", "=", key)}, Limit: 1})
	if err != nil {
		return store.Object[File]{}, err
	}
	if len(p.Items) == 0 {
		return store.Object[File]{}, problem.Newf(problem.NotFound, "Eine Datei mit dem Schlüssel „%s“ wurde noch nicht übernommen.", "No file with the key '%s' has been applied yet.", key)
	}
	return p.Items[0], nil
}

// PutFile remembers that a file was applied.
func (r *Room) PutFile(ctx context.Context, tx *store.Tx, f File) error {
	have, err := r.FileByKey(ctx, tx, f.Key)
	switch {
	case problem.Is(err, problem.NotFound):
		_, err = r.Files.Create(ctx, tx, f)
		return err
	case err != nil:
		return err
	}
	_, err = r.Files.Update(ctx, tx, have.ID, have.Revision, f)
	return err
}
