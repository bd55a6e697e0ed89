package report

import (
	"strings"

	"augenmass/internal/prove/techfile"
	"augenmass/internal/record/packs"
)

// Filled is a document of package techfile on paper: what is known of each point,
// how far it is answered, and where a gap is filled in. lib cites the points.
func Filled(f Frame, file techfile.File, lib *packs.Library) (Document, error) {
	d, err := newDocument(f, file.Name, "report.filled")
	if err != nil {
		return Document{}, err
	}
	d.Title = file.Title.In(f.Lang)
	for _, n := range file.Notes {
		d.say(n.In(f.Lang))
	}
	full, partly, missing, all := file.Count()
	d.say(d.t("report.filled.count", "full", full, "all", all, "partly", partly, "missing", missing))
	for _, g := range file.Groups {
		d.head(g.Title.In(f.Lang))
		t := Table{Title: g.Title.In(f.Lang), Columns: []Column{{d.t("report.filled.point"), 22, true}, {d.t("report.filled.known"), 46, true}, {d.t("report.filled.state"), 14, true}}}
		for _, p := range g.Points {
			t.Rows = append(t.Rows, cells(d.pointTitle(p, lib), d.known(p), d.t("report.filled.state."+string(p.State))))
		}
		d.table(t)
	}
	if gaps := file.Gaps(); len(gaps) > 0 {
		d.head(d.t("report.filled.gaps"))
		t := Table{Title: d.t("report.filled.gaps"), Columns: []Column{{d.t("report.filled.point"), 22, true}, {d.t("report.filled.where"), 30, true}, {d.t("report.filled.path"), 30, true}}}
		for _, p := range gaps {
			t.Rows = append(t.Rows, cells(d.pointTitle(p, lib), p.Where.In(f.Lang), p.Path))
		}
		d.table(t)
	}
	return d.finish(), nil
}

// pointTitle cites a point with its title.
func (d *Document) pointTitle(p techfile.Point, lib *packs.Library) string {
	if p.Clause == "" {
		return p.Title.In(d.Lang)
	}
	c, ok := lib.Clause(p.Clause)
	if !ok {
		return p.Clause
	}
	return c.Short(d.Lang) + "\n" + c.Title.In(d.Lang)
}

func (d *Document) known(p techfile.Point) string {
	var out []string
	for _, l := range p.Lines {
		out = append(out, l.In(d.Lang))
	}
	if len(out) == 0 {
		return d.t("report.filled.nothing")
	}
	return strings.Join(out, "\n")
}
