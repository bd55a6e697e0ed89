package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/systemfile"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

type applyCmd struct {
	File      string `arg:"" help:"${apply_file_help}"`
	Org       string `required:"" help:"${apply_org_help}" type:"path"`
	DryRun    bool   `name:"dry-run" help:"${apply_dry_help}"`
	JSON      bool   `help:"${json_help}"`
	MasterKey string `help:"${master_key_help}" type:"path"`
}

// Run brings the register to what the file says and prints the difference: exit 0
// done or unchanged, exit 2 when the file is wrong.
func (c applyCmd) Run(w *outside) (err error) {
	f, err := readSystemFile(c.File)
	if err != nil {
		return err
	}
	lib, err := shippedPacks()
	if err != nil {
		return err
	}
	g, err := openOrg(w, c.Org, c.MasterKey, lib)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	ctx := store.WithActor(w.ctx, store.Actor{Kind: store.System})
	do := systemfile.Apply
	if c.DryRun {
		do = systemfile.Compare
	}
	plan, err := do(ctx, systemHouse(g), f)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(w.out, plan)
	}
	_, err = fmt.Fprint(w.out, c.say(w.lang, plan))
	return err
}

func systemHouse(g *org.Org) systemfile.House {
	return systemfile.House{DB: g.DB, Inventory: g.Inventory, Data: g.Data, Now: time.Now, Rand: rand.Reader,
		Permit: func(ctx context.Context, rd store.Reader, system string) (permit.Permit, error) {
			issued, err := g.Approve.Of(ctx, rd, system)
			return issued.Doc.Permit, err
		}}
}

// readSystemFile reads ai-system.yaml with the folder that it lies in.
func readSystemFile(path string) (f systemfile.File, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return f, problem.Newf(problem.BadInput, "Die Datei „%s“ lässt sich nicht lesen.", "The file '%s' cannot be read.", path).Wrap(err)
	}
	root, err := os.OpenRoot(filepath.Dir(path)) // hash_of leads nowhere else, not even over a link
	if err != nil {
		return f, problem.Newf(problem.BadInput, "Der Ordner von „%s“ lässt sich nicht lesen.", "The folder of '%s' cannot be read.", path).Wrap(err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return systemfile.Read(filepath.Base(path), data, root.FS())
}

// say is a plan as people read it.
func (c applyCmd) say(l text.Lang, p systemfile.Plan) string {
	var s strings.Builder
	change := func(indent string, all []systemfile.Change) {
		for _, x := range all {
			if x.Old == "" {
				fmt.Fprintf(&s, "%s+ %s: %s\n", indent, x.Field, x.New)
				continue
			}
			fmt.Fprintf(&s, "%s~ %s: %s → %s\n", indent, x.Field, x.Old, orDash(x.New))
		}
	}
	if p.Unchanged() {
		return fmt.Sprintf(say(l, "%s (%s): unverändert.\n", "%s (%s): unchanged.\n"), p.Name, p.Key)
	}
	head := say(l, "%s (%s): neu im Register.\n", "%s (%s): new in the register.\n")
	if !p.New {
		head = say(l, "%s (%s): geändert.\n", "%s (%s): changed.\n")
	}
	fmt.Fprintf(&s, head, p.Name, p.Key)
	change("  ", p.Changes)
	for _, m := range p.Models {
		if !m.New && len(m.Changes) == 0 {
			continue
		}
		fmt.Fprintf(&s, say(l, "  Modell %s:\n", "  model %s:\n"), m.Name)
		change("    ", m.Changes)
	}
	switch {
	case c.DryRun:
		s.WriteString(say(l, "Nur gezeigt, nichts geändert (--dry-run).\n", "Shown only, nothing changed (--dry-run).\n"))
	case p.New:
		s.WriteString(say(l, "Der Eintrag beginnt als Idee. Einstufung und Freigabe geben Menschen.\n", "The entry begins as an idea. People classify and approve.\n"))
	default:
		s.WriteString(say(l, "Worauf eine Freigabe beruht, gilt nach einer Änderung erst nach neuer Freigabe wieder.\n", "What an approval rests on holds again only after a new approval.\n"))
	}
	return s.String()
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

type checkCmd struct {
	File      string `arg:"" help:"${apply_file_help}"`
	Org       string `help:"${check_org_help}" type:"path"`
	JSON      bool   `help:"${json_help}"`
	MasterKey string `help:"${master_key_help}" type:"path"`
}

// checked is what --json prints; problems is never null.
type checked struct {
	File     string               `json:"file"`
	Key      string               `json:"key"`
	Problems []systemfile.Finding `json:"problems"`
}

// Run checks a file for a build pipeline: exit 0 fine, exit 1 problems, exit 2 when
// the file is wrong.
func (c checkCmd) Run(w *outside) (err error) {
	f, err := readSystemFile(c.File)
	if err != nil {
		return err
	}
	ctx := store.WithActor(w.ctx, store.Actor{Kind: store.System})
	var h *systemfile.House
	if c.Org != "" {
		lib, err := shippedPacks()
		if err != nil {
			return err
		}
		g, openErr := openOrg(w, c.Org, c.MasterKey, lib)
		if openErr != nil {
			return openErr
		}
		defer func() { err = errors.Join(err, g.Close()) }()
		at := systemHouse(g)
		h = &at
	}
	found, err := systemfile.Check(ctx, h, f, time.Now())
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(w.out, checked{File: f.Name, Key: f.Key, Problems: append([]systemfile.Finding{}, found...)})
	} else {
		_, err = fmt.Fprint(w.out, c.say(w.lang, f, found))
	}
	if err == nil && len(found) > 0 {
		err = coded{code: exitNo}
	}
	return err
}

func (c checkCmd) say(l text.Lang, f systemfile.File, found []systemfile.Finding) string {
	if len(found) == 0 {
		if c.Org == "" {
			return fmt.Sprintf(say(l, "%s: in Ordnung. Ohne --org sind Register und Erlaubnis nicht geprüft.\n", "%s: fine. Without --org register and permit were not checked.\n"), f.Name)
		}
		return fmt.Sprintf(say(l, "%s: in Ordnung, die Betriebserlaubnis gilt für dieses Modell.\n", "%s: fine, the operating permit covers this model.\n"), f.Name)
	}
	var s strings.Builder
	for _, x := range found {
		fmt.Fprintf(&s, "%s:%d: %s\n", f.Name, x.Line, x.Say.In(l))
		if !x.Hint.IsZero() {
			fmt.Fprintf(&s, "  %s\n", x.Hint.In(l))
		}
	}
	fmt.Fprintf(&s, say(l, "Offen: %d.\n", "Open: %d.\n"), len(found))
	return s.String()
}
