package frameworks

import (
	"slices"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// statusMark is what counts of a requirement, in one of six words (requirement
// 001-19).
func statusMark(c ui.Ctx, s control.Status) ui.Mark {
	kind := ui.None
	switch s {
	case control.Met:
		kind = ui.OK
	case control.Partly, control.InProgress:
		kind = ui.Warn
	case control.NotMet:
		kind = ui.Stop
	case "":
		s = control.Open
	}
	return ui.Mark{Kind: kind, Word: objects.Value(c, "control", "status", string(s))}
}

// applicableMark is the decision of the statement of applicability.
func applicableMark(c ui.Ctx, a control.Applicability, decided bool) ui.Mark {
	word := objects.Value(c, "control", "applicable", string(a))
	switch {
	case a == control.Undecided:
		return ui.Mark{Kind: ui.Warn, Word: word}
	case !decided:
		return ui.Mark{Kind: ui.Warn, Word: c.T("frameworks.soa.incomplete", "word", word)}
	case a == control.Yes:
		return ui.Mark{Kind: ui.OK, Word: word}
	}
	return ui.Mark{Kind: ui.None, Word: word}
}

// short cites a clause or requirement as people do: "42001 A.6.2.4".
func short(c ui.Ctx, lib *packs.Library, id string) string {
	if cl, ok := lib.Clause(id); ok {
		return cl.Short(c.Lang)
	}
	return id
}

// cite is a clause or requirement with its place and title.
func cite(c ui.Ctx, lib *packs.Library, id string) string {
	if cl, ok := lib.Clause(id); ok {
		return evidence.Cite(c, cl)
	}
	return id
}

// named is a requirement with its place and title.
func named(c ui.Ctx, lib *packs.Library, v control.ItemView) string { return cite(c, lib, v.Clause) }

// href is the page of one requirement of a framework.
func href(c ui.Ctx, fw, clause string) string { return c.URL("duties", "frameworks", fw, clause) }

// homes finds, for any clause, the page that says most about it: its page in a
// framework, else its page in the packs. It is made once a page.
type homes map[string]string

func homesOf(c ui.Ctx, lib *packs.Library) homes {
	out := homes{}
	for _, fw := range lib.Frameworks() {
		for _, it := range fw.Items() {
			if out[it.Clause] == "" {
				out[it.Clause] = href(c, fw.ID, it.Clause)
			}
		}
	}
	return out
}

// link leads to a clause.
func (h homes) link(c ui.Ctx, lib *packs.Library, id string) ui.LinkView {
	l := evidence.Ref(c, lib, id)
	if to := h[id]; to != "" {
		l.Href = to
	}
	return l
}

// role is the title of a role of the register, or a dash.
func role(c ui.Ctx, r string) string {
	if r == "" {
		return "–"
	}
	return show.Role(c, r)
}

// days writes person days with at most one decimal.
func days(c ui.Ctx, v float64) string {
	if v == float64(int(v)) {
		return c.T("frameworks.days", "n", int(v))
	}
	return c.T("frameworks.days.part", "days", c.Decimal(v, 1))
}

// share is "n von m", and the percent beside it where there is an m.
func share(c ui.Ctx, t control.Tally) string {
	n, m, percent, ok := t.Share()
	if !ok {
		return c.T("frameworks.share.none")
	}
	return c.T("frameworks.share", "n", n, "of", m, "percent", c.Percent(float64(percent)/100, 0))
}

// meter draws a share.
func meter(c ui.Ctx, t control.Tally) *ui.MeterView {
	n, m, _, ok := t.Share()
	if !ok {
		return nil
	}
	return &ui.MeterView{Value: float64(n), Max: float64(m), Label: share(c, t)}
}

// on writes a day of the plan; such days are days, wherever the reader is.
func on(c ui.Ctx, t time.Time) string { return text.Date(c.Lang, t) }

// typeWords are the words for types of evidence.
func typeWords(c ui.Ctx, types []string) string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = evidence.Type(c, t)
	}
	return show.List(c, out)
}

// relationWord says what one demand is to another, read from the left.
func relationWord(c ui.Ctx, r packs.Relation) string { return c.T("frameworks.relation." + string(r)) }

// carries says how far evidence for the left side goes on the right one.
func carries(c ui.Ctx, r packs.Relation) ui.Mark {
	if r == packs.Equal || r == packs.Superset {
		return ui.Mark{Kind: ui.OK, Word: c.T("frameworks.carries.whole")}
	}
	return ui.Mark{Kind: ui.Warn, Word: c.T("frameworks.carries.partly")}
}

// statusValues are the statuses in the order in which forms and filters offer
// them.
func statusValues() []control.Status {
	var out []control.Status
	for _, v := range control.Status("").Values() {
		out = append(out, control.Status(v))
	}
	return out
}

// has reports whether a select of a filter holds a value.
func has(options []ui.Option, value string) bool {
	return slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value })
}
