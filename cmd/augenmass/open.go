package main

import (
	"io/fs"
	"os"
	"path/filepath"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

// shippedPacks are the content packs of the program.
func shippedPacks() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
}

// openOrg opens the organisation in a folder. The server on it must have stopped:
// its lock says so.
func openOrg(w *outside, dir, masterKey string, lib *packs.Library) (*org.Org, error) {
	if err := isFolder("--org", dir); err != nil {
		return nil, err
	}
	slug := filepath.Base(dir)
	if _, err := os.Stat(filepath.Join(dir, "org.db")); err != nil || !org.ValidSlug(slug) {
		return nil, problem.Newf(problem.BadInput, "„%s“ ist kein Ordner einer Organisation.", "'%s' is no folder of an organisation.", dir).
			WithHint("Bitte Pfad und Rechte prüfen.", "Please check path and rights.").Wrap(err)
	}
	return org.Open(w.ctx, org.Options{Dir: dir, Slug: slug, Library: lib, MasterKeyFile: masterKey})
}
