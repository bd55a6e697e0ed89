package org

import (
	"context"
	"os"
	"path/filepath"

	"augenmass/internal/org/folder"
	"augenmass/internal/record/store"
)

// Stored returns how the database of an organisation is opened without the
// organisation: by those who copy it. Of the options it needs Slug, Library and
// Dir or Database.
func Stored(o Options) (store.Options, error) {
	if err := o.complete(); err != nil {
		return store.Options{}, err
	}
	g := &Org{Slug: o.Slug, Packs: o.Library, o: o}
	g.declare()
	return g.storeOptions(), nil
}

// ReadFolder reads the house of a folder that was in use. Verifier stays empty:
// the journal knows it.
func ReadFolder(dir string) (h House, err error) {
	if h.Name, err = folder.Name(dir, ""); err != nil {
		return h, err
	}
	for name, to := range map[string]*string{rowJournalKey: &h.JournalKey, rowSealKey: &h.SealKey} {
		raw, err := os.ReadFile(filepath.Join(dir, "keys", name))
		if err != nil {
			return h, folder.UnreadableKey(name, err)
		}
		*to = string(raw)
	}
	_, _, err = folder.ParseSealKey(rowSealKey, h.SealKey)
	return h, err
}

// WriteFolder writes a house into a folder that has none.
func WriteFolder(dir string, h House) error {
	name, err := folder.EncodeName(h.Name)
	if err != nil {
		return err
	}
	for file, content := range map[string]string{folder.NameFile: name,
		"keys/" + rowJournalKey: h.JournalKey, "keys/" + rowSealKey: h.SealKey} {
		if err := folder.WriteSecret(filepath.Join(dir, filepath.FromSlash(file)), content); err != nil {
			return folder.Unusable(err)
		}
	}
	return nil
}

// ClearHouse takes the house out of a database that was copied into a folder,
// where it lies in files.
func ClearHouse(ctx context.Context, tx *store.Tx) error { return houseTable().Clear(ctx, tx) }
