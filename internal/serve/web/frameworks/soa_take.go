package frameworks

import (
	"augenmass/internal/prove/report"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
)

// soaTable hands the statement of applicability over as a workbook: every row,
// whatever is shown on the page.
func (a *area) soaTable(r *page.Request) error { return a.soaTake(r, paper.Workbook) }

// soaPaper hands it over as a PDF.
func (a *area) soaPaper(r *page.Request) error { return a.soaTake(r, paper.PDF) }

func (a *area) soaTake(r *page.Request, f paper.Form) error {
	_, rows, err := a.soaRows(r)
	if err != nil {
		return err
	}
	doc, err := report.SoA(paper.Frame(r), rows)
	if err != nil {
		return err
	}
	return paper.Hand(r, doc, f)
}
