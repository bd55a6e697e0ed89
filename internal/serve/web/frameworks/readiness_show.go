package frameworks

import (
	"bytes"
	"io"
	"path"

	"augenmass/internal/govern/control"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/prove/report"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// readinessView is what a certifier would still ask for.
type readinessView struct {
	Choose  ui.FilterView
	Kind    string
	Figures []ui.FigureView
	Tables  []areaTable
	Take    *ui.LinkView
}

// readinessShow says per clause and control what a certifier would still ask for
// (requirement 000-46).
func (a *area) readinessShow(r *page.Request) error {
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
	c, g := r.C, rd.gap(r, fw)
	v := readinessView{Kind: c.T("frameworks.ready.standard"), Choose: ui.FilterView{Label: c.T("frameworks.choose"), Action: c.URL("duties", "readiness"),
		Selects: []ui.FieldView{{Name: "framework", Label: c.T("frameworks.framework"), Value: fw.ID, Options: frameworkOptions(c, rd.lib.Frameworks())}}}}
	if isLaw(rd.lib, g) {
		v.Kind = c.T("frameworks.kind.law")
	}
	ready, all := control.Ready(g)
	say := c.T("frameworks.of", "n", ready, "of", all)
	v.Figures = []ui.FigureView{{Label: c.T("frameworks.ready.figure"), Value: say, Unit: c.T("frameworks.requirements"), Note: c.T("frameworks.ready.note"),
		Meter: &ui.MeterView{Value: float64(ready), Max: float64(max(all, 1)), Label: c.T("frameworks.ready.figure") + ": " + say}}}
	for _, part := range g.Areas {
		v.Tables = append(v.Tables, readinessTable(c, rd, part))
	}
	if may(r, roles.Export, "casefile") {
		v.Take = &ui.LinkView{Text: c.T("frameworks.ready.zip"), Href: c.URL("duties", "readiness.zip") + "?framework=" + fw.ID}
	}
	return r.Show(ui.PageView{Title: c.T("frameworks.ready"), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.In(fw.Title), Href: c.URL("duties", "frameworks", fw.ID)}}}, readinessBody(c, v))
}

// readinessTable is one area with what each requirement still needs.
func readinessTable(c ui.Ctx, rd reading, part control.AreaView) areaTable {
	t := areaTable{ID: "area-" + part.ID, Title: c.In(part.Title), Table: ui.TableView{ID: "ready-" + part.ID, Caption: c.In(part.Title),
		Cols: []ui.Col{{Head: c.T("frameworks.requirement")}, {Head: c.T("frameworks.ready.state")}, {Head: c.T("frameworks.ready.needs")}}}}
	ready := 0
	for _, v := range part.Items {
		mark, needs := ui.Mark{Kind: ui.OK, Word: c.T("frameworks.ready.yes")}, []string{}
		for _, n := range v.Needs() {
			needs = append(needs, c.T("frameworks.need."+string(n)))
		}
		if len(needs) > 0 {
			mark = ui.Mark{Kind: ui.None, Word: c.T("frameworks.ready.no")}
		} else {
			ready++
			needs = []string{"–"}
		}
		t.Table.Rows = append(t.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: named(c, rd.lib, v), Href: href(c, v.Framework, v.Clause)}, {Mark: &mark}, {Text: show.List(c, needs)}}})
	}
	t.Note = c.T("frameworks.of", "n", ready, "of", len(part.Items))
	return t
}

// readinessTake hands over the package for the certifier: statement, gap and
// evidence with the hashes of the files. It is a copy that leaves the house.
func (a *area) readinessTake(r *page.Request) error {
	if err := must(r, roles.Export, "casefile"); err != nil {
		return err
	}
	fw, err := chosen(r, "framework")
	if err != nil {
		return err
	}
	rd, err := a.read(r)
	if err != nil {
		return err
	}
	target, aimed, err := r.Org.Controls.Target(r.Context(), r.Org.DB, fw.ID)
	if err != nil {
		return err
	}
	p := report.Package{Gap: rd.gap(r, fw), SoA: control.SoA(rd.lib, stated(rd.lib), rd.said, r.C.Now), Apart: control.Standing(rd.lib, rd.gaps(r)...),
		Evidence: rd.evidence, Covered: rd.said.Covered, Packs: rd.lib.Packs(), Files: files(r, rd)}
	if aimed {
		plan := control.Plan(p.Gap, target.Doc, r.C.Now)
		p.Plan = &plan
	}
	var b bytes.Buffer
	if err := report.Certifier(&b, paper.Frame(r), p); err != nil {
		return err
	}
	return paper.Send(r, fw.ID+"-certifier.zip", "application/zip", b.Bytes())
}

// files are those of the evidence that lie in the vault; one is open at a time.
func files(r *page.Request, rd reading) []report.File {
	var out []report.File
	for _, o := range rd.evidence {
		if o.Doc.Blob == "" {
			continue
		}
		out = append(out, report.File{Evidence: o.ID, Name: path.Base(o.Doc.Link), SHA256: o.Doc.Hash, Open: func() (io.ReadCloser, error) {
			raw, err := r.Org.Vault.Get(r.Context(), o.Doc.Blob)
			if err != nil {
				return nil, err
			}
			return io.NopCloser(bytes.NewReader(raw)), nil
		}})
	}
	return out
}
