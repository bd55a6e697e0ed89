package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange"
	"augenmass/internal/prove/exchange/mlbom"
	"augenmass/internal/prove/exchange/register"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// What import takes into the register, beside the kinds of package intake.
const (
	asRegister = "register" // a table of AI systems
	asBill     = "mlbom"    // a bill of materials of CycloneDX
)

// importedSystems is what --json prints of a register.
type importedSystems struct {
	File   string              `json:"file"`
	Rows   int                 `json:"rows"`
	Errors []exchange.RowError `json:"errors"` // never null
	Notes  []text.Bi           `json:"notes"`  // never null
	Plan   *register.Plan      `json:"plan,omitempty"`
	Stored bool                `json:"stored"`
}

// register takes a table of AI systems: exit 0 and what came of it, exit 1 and the
// rows that are wrong.
func (c importCmd) register(w *outside, lib *packs.Library, data []byte) (err error) {
	l, err := register.Read(filepath.Base(c.File), data)
	if err != nil {
		return err
	}
	done := importedSystems{File: l.File, Rows: len(l.Rows), Errors: append([]exchange.RowError{}, l.Errors...), Notes: append([]text.Bi{}, l.Notes...)}
	if c.Org != "" && l.OK() {
		g, openErr := openOrg(w, c.Org, c.MasterKey, lib)
		if openErr != nil {
			return openErr
		}
		defer func() { err = errors.Join(err, g.Close()) }()
		do := register.Apply
		if c.DryRun {
			do = register.Compare
		}
		plan, err := do(store.WithActor(w.ctx, store.Actor{Kind: store.System}), register.House{DB: g.DB, Inventory: g.Inventory, Rand: rand.Reader}, l)
		if err != nil {
			return err
		}
		done.Plan, done.Stored, done.Notes = &plan, !c.DryRun, append(done.Notes, plan.Notes...)
	}
	if c.JSON {
		err = printJSON(w.out, done)
	} else {
		_, err = fmt.Fprint(w.out, c.sayRegister(w.lang, done))
	}
	if err == nil && len(done.Errors) > 0 {
		err = coded{code: exitNo}
	}
	return err
}

func (c importCmd) sayRegister(l text.Lang, d importedSystems) string {
	var s strings.Builder
	fmt.Fprintf(&s, say(l, "%s: Register von KI-Systemen\n  Systeme gelesen: %s\n", "%s: register of AI systems\n  systems read: %s\n"), d.File, text.Int(l, int64(d.Rows)))
	for _, n := range d.Notes {
		fmt.Fprintf(&s, "  %s\n", n.In(l))
	}
	for _, e := range d.Errors {
		fmt.Fprintf(&s, "  %s%s\n", where(l, e), e.Say.In(l))
	}
	if len(d.Errors) > 0 {
		fmt.Fprintf(&s, say(l, "Fehler: %d. Es wurde nichts übernommen.\n", "Errors: %d. Nothing was taken over.\n"), len(d.Errors))
		return s.String()
	}
	if d.Plan == nil {
		s.WriteString(say(l, "Nur geprüft: Mit --org ORDNER kommen sie ins Register einer Organisation.\n", "Checked only: with --org FOLDER they get into the register of an organisation.\n"))
		return s.String()
	}
	for _, x := range d.Plan.Lines {
		if !x.New {
			fmt.Fprintf(&s, say(l, "  Zeile %d: „%s“ steht schon im Register und bleibt, wie es ist.\n", "  line %d: '%s' is in the register already and stays as it is.\n"), x.Row, x.Name)
		}
	}
	fmt.Fprintf(&s, say(l, "  neu: %d, schon da: %d, neue Lieferanten: %d\n", "  new: %d, there already: %d, new vendors: %d\n"), d.Plan.New, d.Plan.Have, d.Plan.Vendors)
	return s.String() + stored(l, d.Stored)
}

func stored(l text.Lang, done bool) string {
	if !done {
		return say(l, "Nur geprüft, nichts abgelegt (--dry-run).\n", "Checked only, nothing kept (--dry-run).\n")
	}
	return say(l, "Übernommen.\n", "Taken over.\n")
}

// importedBill is what --json prints of a bill of materials.
type importedBill struct {
	File   string      `json:"file"`
	Spec   string      `json:"spec"`
	Models []mlbomLine `json:"models"`   // never null
	Sets   []mlbomLine `json:"datasets"` // never null
	Others int         `json:"others"`   // components of other kinds
	Notes  []text.Bi   `json:"notes"`    // never null
	System string      `json:"system,omitempty"`
	Stored bool        `json:"stored"`
}

type mlbomLine = mlbom.Line

// bill takes a bill of materials of CycloneDX: its models and data sets for the
// system that --system names.
func (c importCmd) bill(w *outside, lib *packs.Library, data []byte) (err error) {
	b, err := mlbom.Read(filepath.Base(c.File), data)
	if err != nil {
		return wrongFile(err)
	}
	done := importedBill{File: b.Name, Spec: b.Spec, Models: []mlbomLine{}, Sets: []mlbomLine{}, Others: b.Others, Notes: append([]text.Bi{}, b.Notes...)}
	for _, m := range b.Models {
		done.Models = append(done.Models, mlbomLine{Path: m.Path, Name: m.Doc.Name, Version: m.Doc.Version})
	}
	for _, d := range b.Sets {
		done.Sets = append(done.Sets, mlbomLine{Path: d.Path, Name: d.Doc.Name})
	}
	if c.Org != "" {
		g, openErr := openOrg(w, c.Org, c.MasterKey, lib)
		if openErr != nil {
			return openErr
		}
		defer func() { err = errors.Join(err, g.Close()) }()
		ctx := store.WithActor(w.ctx, store.Actor{Kind: store.System})
		system, err := c.system(ctx, g)
		if err != nil {
			return err
		}
		do := mlbom.Apply
		if c.DryRun {
			do = mlbom.Compare
		}
		plan, err := do(ctx, mlbom.House{DB: g.DB, Inventory: g.Inventory, Data: g.Data}, b, system)
		if err != nil {
			return wrongFile(err)
		}
		done.Models, done.Sets, done.System, done.Stored = plan.Models, plan.Sets, plan.System, !c.DryRun
	}
	if c.JSON {
		return printJSON(w.out, done)
	}
	_, err = fmt.Fprint(w.out, c.sayBill(w.lang, done))
	return err
}

// wrongFile gives what is wrong with a file the exit code of an answer that is no.
func wrongFile(err error) error {
	if p := problem.From(err); p.Kind == problem.BadInput && len(p.Fields) > 0 {
		return coded{code: exitNo, err: &problem.Problem{Kind: problem.Conflict, Say: p.Say, Hint: p.Hint, Fields: p.Fields}}
	}
	return err
}

// system finds the system that was named by id or name.
func (c importCmd) system(ctx context.Context, g *org.Org) (string, error) {
	if c.System == "" {
		return "", problem.New(problem.BadInput, "Für welches System? Bitte --system angeben.", "For which system? Please give --system.")
	}
	if strings.HasPrefix(c.System, "sys_") {
		o, err := g.Inventory.Systems.Get(ctx, g.DB, c.System)
		return o.ID, err
	}
	p, err := g.Inventory.Systems.List(ctx, g.DB, store.Query{Filters: []store.Filter{store.Where("name", "=", c.System)}, Limit: 2})
	if err != nil {
		return "", err
	}
	if len(p.Items) != 1 {
		return "", problem.Newf(problem.BadInput, "Systeme mit dem Namen „%s“: %d. Bitte die Kennung angeben.", "Systems of the name '%s': %d. Please give the id.", c.System, len(p.Items))
	}
	return p.Items[0].ID, nil
}

func (c importCmd) sayBill(l text.Lang, d importedBill) string {
	does := map[mlbom.Does]string{mlbom.Adds: say(l, "neu", "new"), mlbom.Changes: say(l, "geändert", "changed"), mlbom.Stays: say(l, "unverändert", "unchanged"), "": ""}
	var s strings.Builder
	fmt.Fprintf(&s, say(l, "%s: Stückliste CycloneDX %s\n", "%s: CycloneDX %s bill of materials\n"), d.File, d.Spec)
	for _, x := range d.Models {
		fmt.Fprintf(&s, say(l, "  Modell %s %s (%s) %s\n", "  model %s %s (%s) %s\n"), x.Name, x.Version, x.Path, does[x.Does])
	}
	for _, x := range d.Sets {
		fmt.Fprintf(&s, say(l, "  Datensatz „%s“ (%s) %s\n", "  data set '%s' (%s) %s\n"), x.Name, x.Path, does[x.Does])
	}
	fmt.Fprintf(&s, say(l, "  andere Bestandteile: %d\n", "  other components: %d\n"), d.Others)
	for _, n := range d.Notes {
		fmt.Fprintf(&s, "  %s\n", n.In(l))
	}
	if c.Org == "" {
		return s.String() + say(l, "Nur geprüft: Mit --org ORDNER --system SYSTEM kommt es ins Register.\n", "Checked only: with --org FOLDER --system SYSTEM it gets into the register.\n")
	}
	return s.String() + stored(l, d.Stored)
}
