package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

// packsCmd holds what is done to content packs besides using them.
type packsCmd struct {
	Check packsCheckCmd `cmd:"" help:"${packs_check_help}"`
}

type packsCheckCmd struct {
	JSON bool   `help:"${json_help}"`
	Dir  string `help:"${packs_dir_help}" type:"path"`
	Own  string `help:"${packs_own_help}" type:"path"`
}

// packsReport is the answer as JSON; both lists are never null.
type packsReport struct {
	Packs  []packRow    `json:"packs"`
	Errors []packDefect `json:"errors"`
}

type packRow struct {
	ID        string     `json:"id"`
	Kind      packs.Kind `json:"kind"`
	Items     int        `json:"items"`
	Languages []string   `json:"languages"`
	Cases     int        `json:"cases"`

	version string
	asOf    time.Time
}

// packDefect is one defect: where ("file:line") and what, in both languages.
type packDefect struct {
	At string `json:"at"`
	DE string `json:"de"`
	EN string `json:"en"`
}

// Run checks packs: exit 0 and what there is, exit 1 and every defect, exit 2
// when a folder cannot be read or holds no packs.
func (c packsCheckCmd) Run(w *outside) error {
	infos, err := c.check()
	r := packsReport{Packs: []packRow{}, Errors: []packDefect{}}
	var p *problem.Problem
	switch {
	case err == nil:
	case errors.As(err, &p) && p.Kind == problem.BadInput && len(p.Fields) > 0:
		for _, f := range p.Fields {
			r.Errors = append(r.Errors, packDefect{At: f.Path, DE: f.Say.DE, EN: f.Say.EN})
		}
	default:
		return err
	}
	for _, i := range infos {
		r.Packs = append(r.Packs, packRow{ID: i.ID, Kind: i.Kind, Items: i.Items, Languages: i.Languages, Cases: i.Cases, version: i.Version, asOf: i.AsOf})
	}
	if c.JSON {
		enc := json.NewEncoder(w.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = r.print(w)
	}
	if err == nil && len(r.Errors) > 0 {
		return coded{code: exitNo}
	}
	return err
}

// check reads the packs that were asked for; its error is that of packs.Check.
func (c packsCheckCmd) check() ([]packs.Info, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	if c.Dir != "" {
		if tree, err = packFolder("--dir", c.Dir); err != nil {
			return nil, err
		}
	}
	if c.Own == "" {
		return packs.Check(tree)
	}
	own, err := packFolder("--own", c.Own)
	if err != nil {
		return nil, err
	}
	lib, err := packs.Load(tree)
	if err != nil {
		return nil, err
	}
	return lib.Check(own)
}

// packFolder opens a folder in which there is at least one pack: a slip in its
// name must not pass for packs without defects.
func packFolder(flag, dir string) (fs.FS, error) {
	if err := isFolder(flag, dir); err != nil {
		return nil, err
	}
	tree := os.DirFS(dir)
	found := false
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".yaml") {
			found = true
			return fs.SkipAll
		}
		return err
	})
	if err != nil || !found {
		return nil, problem.Newf(problem.BadInput, "Der Ordner „%s“ (%s) lässt sich nicht lesen oder enthält kein Wissenspaket.", "The folder '%s' (%s) cannot be read or holds no content pack.", dir, flag).
			WithHint("Bitte Pfad und Rechte prüfen; Pakete sind Dateien mit der Endung .yaml.", "Please check path and rights; packs are files that end in .yaml.").Wrap(err)
	}
	return tree, nil
}

// print is the answer for people.
func (r packsReport) print(w *outside) error {
	t := tabwriter.NewWriter(w.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, say(w.lang, "Paket\tArt\tFassung\tStand\tEinträge\tFälle\tSprachen", "Pack\tKind\tVersion\tAs of\tItems\tCases\tLanguages"))
	for _, p := range r.Packs {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%s\n", p.ID, p.Kind, p.version, p.asOf.Format(time.DateOnly), p.Items, p.Cases, strings.Join(p.Languages, ", "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(r.Errors) == 0 {
		_, err := fmt.Fprintln(w.out, say(w.lang, "\nKeine Fehler.", "\nNo defects."))
		return err
	}
	if _, err := fmt.Fprintf(w.out, say(w.lang, "\nFehler: %d\n", "\nDefects: %d\n"), len(r.Errors)); err != nil {
		return err
	}
	for _, e := range r.Errors {
		if _, err := fmt.Fprintf(w.out, "  %s: %s\n", e.At, say(w.lang, e.DE, e.EN)); err != nil {
			return err
		}
	}
	return nil
}
