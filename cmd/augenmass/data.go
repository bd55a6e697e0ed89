package main

import (
	"errors"
	"fmt"
	"strings"

	"augenmass/internal/govern/data"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// dataCmd holds what is done to data sets outside the pages.
type dataCmd struct {
	Verify dataVerifyCmd `cmd:"" help:"${data_verify_help}"`
}

type dataVerifyCmd struct {
	Dataset   string `arg:"" optional:"" help:"${data_set_help}"`
	Org       string `required:"" help:"${apply_org_help}" type:"path"`
	JSON      bool   `help:"${json_help}"`
	MasterKey string `help:"${master_key_help}" type:"path"`
}

// verified is one data set as --json prints it.
type verified struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Steps int      `json:"steps"`
	OK    bool     `json:"ok"`
	Step  int      `json:"step,omitempty"` // at which the chain breaks first
	Say   *text.Bi `json:"say,omitempty"`
}

// Run verifies the provenance of data sets: exit 0 when every chain holds, exit 1
// with the first break of each that does not.
func (c dataVerifyCmd) Run(w *outside) (err error) {
	lib, err := shippedPacks()
	if err != nil {
		return err
	}
	g, err := openOrg(w, c.Org, c.MasterKey, lib)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	results, err := c.verify(w, g)
	if err != nil {
		return err
	}
	broken := 0
	for _, r := range results {
		if r.Break != nil {
			broken++
		}
	}
	if c.JSON {
		err = printJSON(w.out, verifiedOf(results))
	} else {
		_, err = fmt.Fprint(w.out, sayVerified(w.lang, results, broken))
	}
	if err == nil && broken > 0 {
		err = coded{code: exitNo}
	}
	return err
}

// verify takes the data set that was named, by id or name, or all.
func (c dataVerifyCmd) verify(w *outside, g *org.Org) ([]data.Result, error) {
	ctx := store.WithActor(w.ctx, store.Actor{Kind: store.System})
	all, err := g.Data.Datasets.All(ctx, g.DB, store.Query{Sort: "name"})
	if err != nil {
		return nil, err
	}
	out := []data.Result{}
	for _, o := range all {
		if c.Dataset != "" && c.Dataset != o.ID && !strings.EqualFold(c.Dataset, o.Doc.Name) {
			continue
		}
		r, err := g.Data.Verify(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if c.Dataset != "" && len(out) == 0 {
		return nil, problem.Newf(problem.BadInput, "Einen Datensatz „%s“ gibt es nicht.", "There is no data set '%s'.", c.Dataset).
			WithHint("Bitte Kennung oder Namen angeben, wie sie im Register stehen.", "Please give id or name as the register has them.")
	}
	return out, nil
}

func verifiedOf(results []data.Result) []verified {
	out := []verified{}
	for _, r := range results {
		v := verified{ID: r.ID, Name: r.Name, Steps: r.Steps, OK: r.Break == nil}
		if r.Break != nil {
			v.Step, v.Say = r.Break.Step, &r.Break.Say
		}
		out = append(out, v)
	}
	return out
}

func sayVerified(l text.Lang, results []data.Result, broken int) string {
	var s strings.Builder
	for _, r := range results {
		if r.Break == nil {
			fmt.Fprintf(&s, say(l, "in Ordnung  %s (%s), Schritte: %d\n", "ok  %s (%s), steps: %d\n"), r.Name, r.ID, r.Steps)
			continue
		}
		fmt.Fprintf(&s, say(l, "Bruch in Schritt %d  %s (%s): %s\n", "break at step %d  %s (%s): %s\n"), r.Break.Step, r.Name, r.ID, r.Break.Say.In(l))
	}
	switch {
	case len(results) == 0:
		s.WriteString(say(l, "Es sind keine Datensätze eingetragen.\n", "No data sets are registered.\n"))
	case broken == 0:
		fmt.Fprintf(&s, say(l, "Alle Ketten halten: %d von %d.\n", "All chains hold: %d of %d.\n"), len(results), len(results))
	default:
		fmt.Fprintf(&s, say(l, "Gebrochen: %d von %d.\n", "Broken: %d of %d.\n"), broken, len(results))
	}
	return s.String()
}
