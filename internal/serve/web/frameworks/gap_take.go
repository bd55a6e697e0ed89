package frameworks

import (
	"augenmass/internal/govern/control"
	"augenmass/internal/prove/report"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
)

// gapTable hands the gap of a framework over as a workbook, with the roadmap
// where there is a target date.
func (a *area) gapTable(r *page.Request) error {
	return a.gapTake(r, paper.Workbook, report.Gap)
}

// gapPaper hands it over as a PDF.
func (a *area) gapPaper(r *page.Request) error { return a.gapTake(r, paper.PDF, report.Gap) }

// gapList hands over a list to go through with a pen (requirement 000-59).
func (a *area) gapList(r *page.Request) error {
	return a.gapTake(r, paper.PDF, func(f report.Frame, g control.GapView, _ *control.Roadmap) (report.Document, error) {
		return report.Checklist(f, g)
	})
}

func (a *area) gapTake(r *page.Request, f paper.Form, fill func(report.Frame, control.GapView, *control.Roadmap) (report.Document, error)) error {
	if err := must(r, store.Read, kind); err != nil {
		return err
	}
	fw, err := chosen(r, "framework")
	if err != nil {
		return err
	}
	rd, err := a.read(r, fw.ID)
	if err != nil {
		return err
	}
	target, aimed, err := r.Org.Controls.Target(r.Context(), r.Org.DB, fw.ID)
	if err != nil {
		return err
	}
	g := rd.gap(r, fw)
	var plan *control.Roadmap
	if aimed {
		p := control.Plan(g, target.Doc, r.C.Now)
		plan = &p
	}
	doc, err := fill(paper.Frame(r), g, plan)
	if err != nil {
		return err
	}
	return paper.Hand(r, doc, f)
}
