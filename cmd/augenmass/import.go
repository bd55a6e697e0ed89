package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/govern/catalogue/sound"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange"
	"augenmass/internal/prove/exchange/citation"
	"augenmass/internal/prove/exchange/intake"
	"augenmass/internal/prove/exchange/mlbom"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

type importCmd struct {
	File      string `arg:"" help:"${import_file_help}"`
	As        string `help:"${import_as_help}"`
	DryRun    bool   `name:"dry-run" help:"${import_dry_help}"`
	JSON      bool   `help:"${json_help}"`
	System    string `help:"${import_sys_help}"`
	Org       string `help:"${import_org_help}" type:"path"`
	MasterKey string `help:"${master_key_help}" type:"path"`
}

// imported is what --json prints.
type imported struct {
	File string `json:"file"`
	exchange.Result
	Packs  []importedPack    `json:"packs"`
	Kept   []catalogue.Count `json:"kept"`             // what only the original holds
	Stored string            `json:"stored,omitempty"` // id of the object; empty: nothing was stored

	name string // in the reader's language; empty with errors
}

type importedPack struct {
	ID    string     `json:"id"`
	Kind  packs.Kind `json:"kind"`
	Items int        `json:"items"`
}

// Run reads a file that others wrote, shows what would come of it, and keeps it
// in an organisation when one is given: exit 0 and what came of it, exit 1 and
// what is wrong with the file, exit 2 when it cannot be read at all.
func (c importCmd) Run(w *outside) (err error) {
	data, err := c.read()
	if err != nil {
		return err
	}
	lib, err := shippedPacks()
	if err != nil {
		return err
	}
	switch {
	case c.As == asRegister:
		return c.register(w, lib, data)
	case c.As == asBill, c.As == "" && strings.EqualFold(filepath.Ext(c.File), ".json") && mlbom.Looks(data):
		return c.bill(w, lib, data)
	}
	if c.As == "pack" { // what people call it
		c.As = exchange.OwnPack
	}
	given := intake.Given{Name: filepath.Base(c.File), Data: data, As: c.As, Library: lib, Today: time.Now()}
	var g *org.Org
	if c.Org != "" {
		if g, err = openOrg(w, c.Org, c.MasterKey, lib); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, g.Close()) }()
		given.Library, given.Beside = g.Library(), g.Catalogue
	}
	ctx := store.WithActor(w.ctx, store.Actor{Kind: store.System})
	t, err := intake.Take(ctx, given)
	if err != nil {
		return err
	}
	done := imported{File: given.Name, Result: t.Result, Packs: []importedPack{}, Kept: append([]catalogue.Count{}, t.Draft.Kept...), name: t.Draft.Name.In(w.lang)}
	done.Errors = append([]exchange.RowError{}, done.Errors...) // [] in JSON
	done.Notes = append([]text.Bi{}, done.Notes...)
	for _, p := range t.Draft.Packs {
		done.Packs = append(done.Packs, importedPack{p.ID, p.Kind, p.Items})
	}
	if g != nil && !c.DryRun && len(t.Result.Errors) == 0 {
		o, err := g.Catalogue.Add(ctx, t.Draft)
		if err != nil {
			return err
		}
		done.Stored = o.ID
	}
	if c.JSON {
		err = printJSON(w.out, done)
	} else {
		_, err = fmt.Fprint(w.out, c.say(w.lang, done))
	}
	if err == nil && len(done.Errors) > 0 {
		err = coded{code: exitNo}
	}
	return err
}

// read reads the file, no further than anything is imported.
func (c importCmd) read() ([]byte, error) {
	info, err := os.Stat(c.File)
	if err == nil && info.Size() > sound.MaxBytes {
		return nil, coded{exitUsage, problem.Newf(problem.TooLarge, "Die Datei „%s“ ist größer als %d MiB.", "The file '%s' is larger than %d MiB.", c.File, sound.MaxBytes>>20)}
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(c.File)
	}
	if err != nil {
		return nil, problem.Newf(problem.BadInput, "Die Datei „%s“ lässt sich nicht lesen.", "The file '%s' cannot be read.", c.File).Wrap(err)
	}
	return data, nil
}

// kindNames are the kinds of files in words.
var kindNames = map[string]text.Bi{
	exchange.Table:         {DE: "Tabelle mit Anforderungen", EN: "table of requirements"},
	exchange.CISOAssistant: {DE: "Bibliothek von CISO Assistant", EN: "CISO Assistant library"},
	exchange.OwnPack:       {DE: "eigenes Paket", EN: "own pack"},
}

// say is the result as people read it.
func (c importCmd) say(l text.Lang, d imported) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s: %s", d.File, kindNames[d.Kind].In(l))
	if d.name == "" {
		d.name = d.Title
	}
	if d.name != "" {
		fmt.Fprintf(&s, say(l, ", „%s“", ", '%s'"), d.name)
	}
	fmt.Fprintf(&s, say(l, "\n  Einträge gelesen: %s\n", "\n  entries read: %s\n"), text.Int(l, int64(d.Rows)))
	for _, p := range d.Packs {
		fmt.Fprintf(&s, say(l, "  → Paket %s (%s), Einträge: %s\n", "  → pack %s (%s), entries: %s\n"), p.ID, p.Kind, text.Int(l, int64(p.Items)))
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&s, "  %s\n", n.In(l))
	}
	wrong := 0
	for _, v := range d.Cited {
		if v.Verdict != citation.Right && v.Verdict != citation.Exists {
			wrong++
		}
	}
	if len(d.Cited) > 0 {
		fmt.Fprintf(&s, say(l, "  %d von %d Fundstellen brauchen einen Blick\n", "  %d of %d references need a look\n"), wrong, len(d.Cited))
	}
	for _, e := range d.Errors {
		fmt.Fprintf(&s, "  %s%s\n", where(l, e), e.Say.In(l))
	}
	switch {
	case len(d.Errors) > 0:
		fmt.Fprintf(&s, say(l, "Fehler: %d. Es wurde nichts übernommen.\n", "Errors: %d. Nothing was taken over.\n"), len(d.Errors))
	case d.Stored != "":
		fmt.Fprintf(&s, say(l, "Abgelegt als %s.\n", "Kept as %s.\n"), d.Stored)
	case c.Org == "":
		s.WriteString(say(l, "Nur geprüft: Mit --org ORDNER wird es in einer Organisation abgelegt.\n", "Checked only: with --org FOLDER it is kept in an organisation.\n"))
	default:
		s.WriteString(say(l, "Nur geprüft, nichts abgelegt (--dry-run).\n", "Checked only, nothing kept (--dry-run).\n"))
	}
	return s.String()
}

// where is the place of an error in a file.
func where(l text.Lang, e exchange.RowError) string {
	var parts []string
	if e.Line > 0 {
		parts = append(parts, fmt.Sprintf(say(l, "Zeile %d", "line %d"), e.Line))
	}
	if e.Cell != "" {
		parts = append(parts, e.Cell)
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ": "
}
