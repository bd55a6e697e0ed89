package data

import (
	"context"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/data"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// overviewView is the first page about data.
type overviewView struct {
	Tabs    []ui.LinkView
	Figures []ui.FigureView
	Jobs    ui.TableView
}

// overview counts what is proven, overdue, unknown and accepted, and lists the data
// for each job (requirement 002-64).
func overview(r *page.Request) error {
	if err := must(r, store.Read, setKind); err != nil {
		return err
	}
	sets, err := r.Org.Data.Datasets.All(r.Context(), r.Org.DB, store.Query{Sort: "name"})
	if err != nil {
		return err
	}
	flows, err := r.Org.Data.Flows.All(r.Context(), r.Org.DB, store.Query{})
	if err != nil {
		return err
	}
	checks, err := r.Org.Data.Checks.All(r.Context(), r.Org.DB, store.Query{})
	if err != nil {
		return err
	}
	v, err := sealed(r)
	if err != nil {
		return err
	}
	c := r.C
	proven, overdue, passed := 0, 0, 0
	for _, o := range sets {
		if len(o.Doc.Steps) > 0 && data.Check(r.Context(), v, o.ID, o.Doc.Steps) == nil {
			proven++
		}
		if o.Doc.Overdue(c.Now) {
			overdue++
		}
	}
	for _, o := range checks {
		if o.Doc.Passed() {
			passed++
		}
	}
	unknown, of := data.OpenAnswers(flows)
	view := overviewView{Tabs: tabs("overview")(r), Jobs: jobTable(r.Context(), c, v, sets)}
	figure := func(name string, n, all int, to string) {
		view.Figures = append(view.Figures, ui.FigureView{Label: c.T("data.figure." + name), Value: c.T("data.of", "n", n, "of", all), Note: c.T("data.figure." + name + ".note"), Href: href(c, to)})
	}
	figure("chains", proven, len(sets), "sets")
	figure("overdue", overdue, len(sets), "sets")
	figure("unknown", unknown, of, "flows")
	figure("checks", passed, len(checks), "checks")
	head := ui.PageView{Title: c.T("data.title"), Crumbs: []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}}}
	if may(r, store.Create, setKind) {
		head.Actions = []ui.Action{{Text: c.T("kinds.dataset.new"), Href: href(c, "sets", "new"), Kind: "main"}}
	}
	return r.Show(head, overviewBody(c, view))
}

// sealed is what verifies the steps of this organisation.
func sealed(r *page.Request) (note.Verifier, error) {
	v, err := note.NewVerifier(r.Org.SealKey)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "Das Siegel der Organisation ist nicht lesbar.", "The organisation's seal cannot be read.").Wrap(err)
	}
	return v, nil
}

// chainMark says how the chain of a data set stands.
func chainMark(ctx context.Context, c ui.Ctx, v note.Verifier, o store.Object[data.Dataset]) ui.Mark {
	if len(o.Doc.Steps) == 0 {
		return ui.Mark{Kind: ui.None, Word: c.T("data.chain.none")}
	}
	if b := data.Check(ctx, v, o.ID, o.Doc.Steps); b != nil {
		return ui.Mark{Kind: ui.Stop, Word: c.T("data.chain.broken", "n", b.Step)}
	}
	return ui.Mark{Kind: ui.OK, Word: c.T("data.chain.holds")}
}

// deletion says when a data set is or was deleted.
func deletion(c ui.Ctx, d data.Dataset) ui.Cell {
	switch gone := d.Deleted(); {
	case gone != nil:
		return ui.Cell{Mark: &ui.Mark{Kind: ui.OK, Word: c.T("data.deleted", "day", c.Date(gone.At))}}
	case d.Overdue(c.Now):
		return ui.Cell{Mark: &ui.Mark{Kind: ui.Stop, Word: c.T("data.overdue", "day", c.Date(d.DeleteBy))}}
	case !d.DeleteBy.IsZero():
		return ui.Cell{Text: c.T("data.delete.by", "day", c.Date(d.DeleteBy))}
	}
	return ui.Cell{Text: c.T("data.delete.none")}
}

// setRow is one data set in a table, behind the cells in front.
func setRow(ctx context.Context, c ui.Ctx, v note.Verifier, o store.Object[data.Dataset], front ...ui.Cell) ui.Row {
	mark := chainMark(ctx, c, v, o)
	return ui.Row{Cells: append(front, ui.Cell{Text: o.Doc.Name, Href: href(c, "sets", o.ID)}, ui.Cell{Text: personal(c, o.Doc.Personal)},
		ui.Cell{Mark: &mark, Note: c.T("data.steps.n", "n", o.Doc.Done())}, deletion(c, o.Doc))}
}

func setCols(c ui.Ctx, front ...ui.Col) []ui.Col {
	return append(front, ui.Col{Head: c.T("kind.dataset")}, ui.Col{Head: c.T("kind.dataset.personal")}, ui.Col{Head: c.T("data.chain")}, ui.Col{Head: c.T("kind.dataset.delete_by")})
}

// jobTable is the data list for each job.
func jobTable(ctx context.Context, c ui.Ctx, v note.Verifier, sets []store.Object[data.Dataset]) ui.TableView {
	t := ui.TableView{ID: "jobs", Caption: c.T("data.jobs"), Cols: setCols(c, ui.Col{Head: c.T("data.job")}),
		Empty: ui.EmptyView{Title: c.T("data.jobs.empty"), Text: c.T("data.jobs.empty.text")}}
	for _, j := range data.Jobs(c.Lang, sets) {
		name := strings.TrimSpace(j.Name)
		if name == "" {
			name = c.T("data.job.none")
		}
		for _, o := range j.Sets {
			t.Rows = append(t.Rows, setRow(ctx, c, v, o, ui.Cell{Text: name}))
		}
	}
	return t
}
