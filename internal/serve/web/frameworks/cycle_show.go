package frameworks

import (
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/duty"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// cycleView is the cycle of Plan-Do-Check-Act.
type cycleView struct {
	Label  string
	Parts  []ui.WheelPart
	Turns  ui.TableView
	Phases []areaTable
	Of     string
}

// workShown is how many open items of a phase the page lists.
const workShown = 15

// cycleShow is the cycle with the open items of each phase (requirement 000-02):
// requirements of the frameworks in use, evidence to renew, and review tasks.
func (a *area) cycleShow(r *page.Request) error {
	if err := must(r, store.Read, kind); err != nil {
		return err
	}
	rd, err := a.read(r)
	if err != nil {
		return err
	}
	targets, err := r.Org.Controls.AllTargets(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	var used []control.GapView
	var names []string
	for _, g := range rd.gaps(r) {
		if _, aimed := targets[g.Framework.ID]; aimed || rd.begun(g.Framework.ID) {
			used, names = append(used, g), append(names, r.C.In(g.Framework.Title))
		}
	}
	if fw, ok := first(rd.lib); ok && len(used) == 0 {
		used, names = []control.GapView{rd.gap(r, fw)}, []string{r.C.In(fw.Title)}
	}
	work := append(control.WorkOf(used...), control.Renewals(rd.evidence, r.C.Now)...)
	tasks, err := taskWork(r)
	if err != nil {
		return err
	}
	c := r.C
	turns := control.Cycle(append(work, tasks...), c.Now)
	v := cycleView{Label: c.T("frameworks.cycle"), Turns: turnTable(c, turns), Of: c.T("frameworks.cycle.of", "frameworks", show.List(c, names))}
	for _, t := range turns {
		v.Parts = append(v.Parts, ui.WheelPart{Name: phase(c, t.Phase), Done: t.All - len(t.Open), Of: t.All})
		v.Phases = append(v.Phases, phaseTable(c, rd, t))
	}
	return r.Show(ui.PageView{Title: c.T("frameworks.cycle"), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}}}, cycleBody(c, v))
}

// workTask is the kind of work of review tasks.
const workTask = "task"

// taskWork is the work that review tasks give, each in its phase.
func taskWork(r *page.Request) ([]control.Work, error) {
	if !may(r, store.Read, workTask) {
		return nil, nil
	}
	got, err := r.Org.Duty.Tasks.List(r.Context(), r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return nil, err
	}
	var out []control.Work
	for _, o := range got.Items {
		out = append(out, control.Work{Phase: string(o.Doc.Phase), Kind: workTask, ID: o.ID, Title: taskTitle(o.Doc), Due: o.Doc.Due, Open: o.Doc.Done.IsZero()})
	}
	return out, nil
}

func taskTitle(t duty.Task) text.Bi {
	if !t.Say.IsZero() {
		return t.Say
	}
	return text.Bi{DE: t.Name, EN: t.Name}
}

func phase(c ui.Ctx, p string) string { return c.T("frameworks.phase." + p) }

// turnTable says the same as the wheel.
func turnTable(c ui.Ctx, turns []control.Turn) ui.TableView {
	t := ui.TableView{ID: "turns", Caption: c.T("frameworks.cycle"), Cols: []ui.Col{{Head: c.T("frameworks.phase")}, {Head: c.T("frameworks.cycle.done"), Right: true, Mono: true},
		{Head: c.T("frameworks.cycle.open"), Right: true, Mono: true}, {Head: c.T("frameworks.cycle.late"), Right: true, Mono: true}}}
	for _, turn := range turns {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: phase(c, turn.Phase), Href: "#phase-" + turn.Phase},
			{Text: c.T("frameworks.of", "n", turn.All-len(turn.Open), "of", turn.All)}, {Text: c.Int(len(turn.Open))}, {Text: c.Int(turn.Late)}}})
	}
	return t
}

// phaseTable lists what is open in a phase, what is due first at the top.
func phaseTable(c ui.Ctx, rd reading, turn control.Turn) areaTable {
	t := areaTable{ID: "phase-" + turn.Phase, Title: phase(c, turn.Phase), Note: c.T("frameworks.cycle.n", "n", len(turn.Open)), Table: ui.TableView{ID: "work-" + turn.Phase, Caption: phase(c, turn.Phase),
		Cols: []ui.Col{{Head: c.T("frameworks.cycle.work")}, {Head: c.T("frameworks.cycle.kind")}, {Head: c.T("kind.control.due")}}, Empty: ui.EmptyView{Title: c.T("frameworks.cycle.none")}}}
	for _, w := range turn.Open[:min(workShown, len(turn.Open))] {
		name := ui.Cell{Text: c.In(w.Title)}
		switch w.Kind {
		case control.WorkRequirement:
			name = ui.Cell{Text: cite(c, rd.lib, w.ID), Href: href(c, w.Framework, w.ID)}
		case control.WorkEvidence:
			name.Href = c.URL("proof", "objects", w.ID, "edit")
		case workTask:
			name.Href = c.URL("duties", "law", "tasks", w.ID)
		}
		due := ui.Cell{Text: "–"}
		if !w.Due.IsZero() {
			due = ui.Cell{Text: on(c, w.Due)}
			if w.Due.Before(c.Now) {
				due = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("frameworks.cycle.over")}, Note: on(c, w.Due)}
			}
		}
		t.Table.Rows = append(t.Table.Rows, ui.Row{Cells: []ui.Cell{name, {Text: c.T("frameworks.work." + w.Kind)}, due}})
	}
	if rest := len(turn.Open) - workShown; rest > 0 {
		t.Note = c.T("frameworks.cycle.shown", "shown", workShown, "n", len(turn.Open))
	}
	return t
}
