package risk

import (
	"maps"

	"iter"

	"augenmass/internal/prove/report"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
	"augenmass/internal/serve/web/show"
)

// registerTable hands the register over as a workbook.
func registerTable(r *page.Request) error { return registerTake(r, paper.Workbook) }

// registerPaper hands it over as a PDF.
func registerPaper(r *page.Request) error { return registerTake(r, paper.PDF) }

func registerTake(r *page.Request, f paper.Form) error {
	if err := must(r, store.Read, "risk"); err != nil {
		return err
	}
	all, err := r.Org.Risk.Read(r.Context(), r.Org.DB, "")
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range all.Risks {
		ids = append(ids, o.Doc.System, o.Doc.Owner)
	}
	for _, a := range all.Acceptances {
		ids = append(ids, a.Doc.Signer)
	}
	for _, m := range all.Measures {
		ids = append(ids, m.Doc.Owner)
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return err
	}
	doc, err := report.Risks(paper.Frame(r), all, library(r).RiskScale(), func(id string) string { return names.Name(r.C, id) })
	if err != nil {
		return err
	}
	return paper.Hand(r, doc, f)
}

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
