package frameworks

import (
	"slices"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// standingView is what the first page of the area shows.
type standingView struct {
	Tabs      []ui.LinkView
	Sees      bool
	Steps     []ui.Task
	Warn      *ui.NoticeView // evidence that expired
	Standards standingPart
	Law       standingPart
	Reuse     *ui.FigureView
	More      []ui.Task // the other pages of the area
}

// standingPart is one indicator: the frameworks in use, and the others one tap
// away.
type standingPart struct {
	Used, Others ui.BarsView
}

// Minutes that a step takes; our own estimates.
const (
	minutesSystem   = 10
	minutesCheck    = 15
	minutesTarget   = 3
	minutesRenew    = 5
	minutesDecision = 10
)

// standingShow is how each framework stands and what to do next. Standards and
// law stand apart (requirement 000-24).
func (a *area) standingShow(r *page.Request) error {
	rd, err := a.read(r)
	if err != nil {
		return err
	}
	c, views := r.C, rd.gaps(r)
	v := standingView{Tabs: duties.Tabs(c, "start"), Sees: sees(r), More: more(r)}
	apart := control.Standing(rd.lib, views...)
	v.Standards, v.Law = standing(c, rd, "frameworks.standards", apart.Standards, v.Sees), standing(c, rd, "frameworks.law", apart.Law, v.Sees)
	if v.Sees {
		v.Warn = lapsed(c, rd)
		v.Reuse = reuse(c, rd.said.Covered)
	}
	if may(r, store.Update, kind) {
		if v.Steps, err = nextSteps(r, rd, views); err != nil {
			return err
		}
	}
	return r.Show(ui.PageView{Title: c.T("frameworks.title"), Over: c.OrgName}, standingBody(c, v))
}

// shown are the frameworks that stand on the first page before anybody said
// anything: the management system, the product's own catalogue, and the AI Act.
var shown = []string{mainFramework, "zta", lawFramework}

// standing draws one indicator a framework. Without the right to see the records
// the frameworks stand without a number.
func standing(c ui.Ctx, rd reading, caption string, all []control.Indicator, sees bool) standingPart {
	empty := ui.BarsView{Caption: c.T(caption), Name: c.T("frameworks.framework"), Value: c.T("frameworks.met"), Bar: c.T("frameworks.bar")}
	part := standingPart{Used: empty, Others: empty}
	for _, i := range all {
		row := bar(c, c.In(i.Title), c.URL("duties", "frameworks", i.Framework), i.Tally, sees)
		if slices.Contains(shown, i.Framework) || rd.begun(i.Framework) {
			part.Used.Rows = append(part.Used.Rows, row)
		} else {
			part.Others.Rows = append(part.Others.Rows, row)
		}
	}
	return part
}

// reuse is the rate of reuse with both its numbers (requirement 000-50).
func reuse(c ui.Ctx, covered control.Covered) *ui.FigureView {
	rate, closings, objects, ok := covered.Reuse()
	if !ok {
		return nil
	}
	return &ui.FigureView{Label: c.T("frameworks.reuse"), Value: c.Decimal(rate, 1), Unit: c.T("frameworks.reuse.unit"), Href: c.URL("proof", "objects"),
		Note: c.T("frameworks.reuse.note", "closings", closings, "objects", c.T("frameworks.objects", "n", objects))}
}

// lapsed warns about evidence that does not count any more.
func lapsed(c ui.Ctx, rd reading) *ui.NoticeView {
	n := rd.said.Covered.Expired
	if n == 0 {
		return nil
	}
	return &ui.NoticeView{Kind: ui.Warn, Text: c.T("frameworks.lapsed", "n", n),
		Link: ui.LinkView{Text: c.T("frameworks.lapsed.show"), Href: c.URL("proof", "objects") + "?state=expired"}}
}

// nextSteps are the three things to do next: what everything else rests on first.
func nextSteps(r *page.Request, rd reading, views []control.GapView) ([]ui.Task, error) {
	c := r.C
	var out []ui.Task
	add := func(text, href string, minutes int, note string) {
		if len(out) < 3 {
			out = append(out, ui.Task{Text: text, Href: href, Time: c.T("frameworks.minutes", "n", minutes), Note: note})
		}
	}
	systems, err := r.Org.Inventory.Systems.Count(r.Context(), r.Org.DB)
	if err != nil {
		return nil, err
	}
	targets, err := r.Org.Controls.AllTargets(r.Context(), r.Org.DB)
	if err != nil {
		return nil, err
	}
	if systems == 0 && may(r, store.Create, "system") {
		add(c.T("frameworks.step.system"), c.URL("systems", "new"), minutesSystem, c.T("frameworks.step.system.note"))
	}
	if len(rd.said.Records) == 0 {
		add(c.T("frameworks.step.checklist"), c.URL("duties", "checklist"), minutesCheck, c.T("frameworks.step.checklist.note"))
	}
	fw, ok := first(rd.lib)
	if !ok {
		return out, nil
	}
	if len(targets) == 0 && len(rd.said.Records) > 0 && may(r, store.Update, "target") {
		add(c.T("frameworks.step.target"), c.URL("duties", "plan")+"?framework="+fw.ID, minutesTarget, c.T("frameworks.step.target.note"))
	}
	for _, o := range rd.evidence {
		if o.Doc.State(c.Now) == control.Expired && may(r, store.Update, "evidence") {
			add(c.T("frameworks.step.renew", "name", o.Doc.Name), c.URL("proof", "objects", o.ID, "edit"), minutesRenew, c.T("frameworks.step.renew.note", "day", on(c, o.Doc.Expires)))
			break // one at a time
		}
	}
	for _, g := range views {
		_, aimed := targets[g.Framework.ID]
		if g.Framework.ID != fw.ID && !aimed {
			continue
		}
		for _, s := range steps(g, 3) {
			add(named(c, rd.lib, s.Item), href(c, g.Framework.ID, s.Clause), minutesDecision, c.In(g.Framework.Title))
		}
	}
	return out, nil
}

// more are the other pages of the area that the reader may open.
func more(r *page.Request) []ui.Task {
	c := r.C
	var out []ui.Task
	add := func(ok bool, key string, parts ...string) {
		if ok {
			out = append(out, ui.Task{Text: c.T("frameworks.more." + key), Href: c.URL(parts...), Note: c.T("frameworks.more." + key + ".note")})
		}
	}
	see := sees(r)
	add(see, "readiness", "duties", "readiness")
	add(see, "cycle", "duties", "cycle")
	add(true, "map", "duties", "map")
	add(true, "shared", "duties", "shared")
	add(true, "checklist", "duties", "checklist")
	add(true, "principles", "duties", "principles")
	add(may(r, store.Read, "evidence"), "evidence", "proof", "objects")
	add(may(r, store.Create, "own_pack"), "import", "proof", "import")
	add(may(r, store.Read, "document"), "templates", "duties", "templates")
	add(may(r, store.Read, "class_row"), "classes", "duties", "classes")
	add(true, "fines", "duties", "fines")
	add(true, "references", "duties", "references")
	return out
}
