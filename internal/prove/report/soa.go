package report

import (
	"strings"

	"augenmass/internal/govern/control"
)

// SoA is the statement of applicability with the columns of requirement 001-63:
// every row, decided or not, and what is still missing where.
func SoA(f Frame, rows []control.Row) (Document, error) {
	d, err := newDocument(f, "statement-of-applicability", "report.soa")
	if err != nil {
		return Document{}, err
	}
	decided, all := control.Decisions(rows)
	d.say(d.t("report.soa.count", "decided", decided, "all", all))
	d.say(d.t("report.apart"))
	for _, part := range byFramework(rows) {
		d.head(part[0].Standard.In(f.Lang))
		t := Table{Title: part[0].Standard.In(f.Lang), Columns: []Column{
			{d.t("report.col.control"), 10, true}, {d.t("report.col.title"), 16, true},
			{d.t("report.col.applicable"), 14, false}, {d.t("report.col.reason"), 24, false},
			{d.t("report.col.implementation"), 24, false}, {d.t("report.col.status"), 14, false},
			{d.t("report.col.responsible"), 14, false}, {d.t("report.col.evidence"), 22, false}}}
		for _, r := range part {
			t.Rows = append(t.Rows, cells(r.Ref, r.Title.In(f.Lang), d.t("report.applicable."+string(r.Applicable)), d.reason(r),
				d.implementation(r), d.status(r.Status, r.SaidOnly), d.responsible(f, r.Responsible), d.evidence(r.Evidence)))
		}
		d.table(t)
	}
	if open := control.UndecidedRows(rows); len(open) > 0 {
		d.head(d.t("report.soa.open"))
		t := Table{Title: d.t("report.soa.open"), Columns: []Column{
			{d.t("report.col.control"), 10, true}, {d.t("report.col.title"), 24, true}, {d.t("report.col.lacks"), 40, false}}}
		for _, r := range open {
			var say []string
			for _, l := range r.Lacks {
				say = append(say, d.t("report.lacks."+l))
			}
			t.Rows = append(t.Rows, cells(r.Ref, r.Title.In(f.Lang), strings.Join(say, " ")))
		}
		d.table(t)
	}
	return d.finish(), nil
}

// byFramework cuts rows where the framework changes.
func byFramework(rows []control.Row) [][]control.Row {
	var out [][]control.Row
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1][0].Framework == r.Framework {
			out[n-1] = append(out[n-1], r)
		} else {
			out = append(out, []control.Row{r})
		}
	}
	return out
}

func (d *Document) reason(r control.Row) string {
	if strings.TrimSpace(r.Reason) == "" {
		return d.t("report.none.reason")
	}
	return r.Reason
}

func (d *Document) implementation(r control.Row) string {
	switch {
	case strings.TrimSpace(r.Implementation) != "":
		return r.Implementation
	case r.Applicable == control.No:
		return d.t("report.none.needed")
	}
	return d.t("report.none.implementation")
}

// status says how far a requirement is met, and if only somebody said so.
func (d *Document) status(s control.Status, saidOnly bool) string {
	if saidOnly {
		return d.t("report.status.said")
	}
	return d.t("report.status." + string(s))
}

func (d *Document) responsible(f Frame, role string) string {
	if role == "" {
		return d.t("report.none.responsible")
	}
	return d.t("report.responsible", "role", f.role(role))
}

// evidence says what shows a requirement: whole, in part and through which
// mapping, and what has expired.
func (d *Document) evidence(all []control.Closing) string {
	var whole, partly, expired []string
	for _, c := range all {
		name := d.t("report.quoted", "name", c.Name)
		if c.Via != nil {
			name = d.t("report.via", "name", c.Name, "clause", c.Via.From)
		}
		switch {
		case !c.Counts():
			expired = append(expired, name)
		case c.Whole:
			whole = append(whole, name)
		default:
			partly = append(partly, name)
		}
	}
	var say []string
	for _, one := range []struct {
		key   string
		names []string
	}{{"report.evidence.whole", whole}, {"report.evidence.partly", partly}, {"report.evidence.expired", expired}} {
		if len(one.names) > 0 {
			say = append(say, d.t(one.key, "names", strings.Join(one.names, ", ")))
		}
	}
	if len(say) == 0 {
		return d.t("report.evidence.none")
	}
	return strings.Join(say, " ")
}
