package proof

import (
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// evidenceView is what every computed check rests on.
type evidenceView struct {
	Tabs  []ui.LinkView
	Ready bool
	Basis string
	All   []measuredView
	None  []ui.LinkView // requirements without a check
}

// measuredView is one requirement with its checks.
type measuredView struct {
	Req    packs.Requirement
	Href   string
	Mark   ui.Mark
	Checks []duties.CheckView
	Reads  []ui.LinkView // the entry types that its checks read
}

// reads are the entry types that the checks of prove/conform look at.
var reads = map[string][]string{
	"policy.enforced":    {"augenmass.inference.decided", "augenmass.access.decided"},
	"policy.context":     {"augenmass.permit.suspended", "augenmass.permit.restored", "augenmass.inference.decided"},
	"audit.complete":     {"augenmass.inference.decided", "augenmass.access.decided", "augenmass.case.decided", "augenmass.case.expired"},
	"audit.modelcard":    {"augenmass.permit.issued", "augenmass.inference.decided"},
	"oversight.coverage": {"augenmass.inference.decided"},
	"oversight.closed":   {"augenmass.inference.decided", "augenmass.case.decided"},
}

// evidenceList shows, for every computed check, the figures and the entries that
// it rests on.
func (a *area) evidenceList(r *page.Request) error {
	if err := must(r, store.Read, "requirement_status"); err != nil {
		return err
	}
	reading, err := a.measured.Of(r)
	if err != nil {
		return err
	}
	c := r.C
	v := evidenceView{Tabs: Tabs(r, "evidence"), Ready: reading.Ready, Basis: c.T("proof.evidence.measuring")}
	if reading.Ready {
		v.Basis = c.T("proof.evidence.basis", "n", reading.Through(), "at", c.DateTime(reading.At()))
	}
	for _, q := range r.Org.Packs.Requirements("zta") {
		href := c.URL("duties", q.ID)
		if len(q.Checks) == 0 {
			v.None = append(v.None, ui.LinkView{Text: q.Ref + " " + c.In(q.Title), Href: href})
			continue
		}
		m := measuredView{Req: q, Href: href, Mark: duties.Status(c, q, reading), Checks: duties.Checks(r, q, reading)}
		m.Reads = readsOf(r, q)
		v.All = append(v.All, m)
	}
	return r.Show(ui.PageView{Title: c.T("proof.evidence"), Over: c.T("proof.evidence.over")}, evidenceBody(c, v))
}

// readsOf links to the entries of the types that a requirement's checks read.
func readsOf(r *page.Request, q packs.Requirement) []ui.LinkView {
	var out []ui.LinkView
	seen := map[string]bool{}
	for _, check := range q.Checks {
		for _, typ := range reads[check.Name] {
			if seen[typ] {
				continue
			}
			seen[typ] = true
			l := ui.LinkView{Text: typeWord(r.C, typ)}
			if can(r, store.Read, "journal") {
				l.Href = r.C.URL("proof", "journal") + "?type=" + typ
			}
			out = append(out, l)
		}
	}
	return out
}
