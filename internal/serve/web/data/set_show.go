package data

import (
	"encoding/json"
	"fmt"

	"github.com/a-h/templ"

	"augenmass/internal/govern/data"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// stepsView is the chain of one data set.
type stepsView struct {
	Mark    ui.Mark
	Note    string
	Table   ui.TableView
	Actions []ui.Action
}

// setSteps shows the chain on the page of a data set.
func setSteps(r *page.Request, rec store.Record) (templ.Component, error) {
	var d data.Dataset
	if err := json.Unmarshal(rec.Doc, &d); err != nil {
		return nil, fmt.Errorf("read data set %s: %w", rec.ID, err)
	}
	v, err := sealed(r)
	if err != nil {
		return nil, err
	}
	var who []string
	for _, s := range d.Steps {
		who = append(who, s.By)
	}
	names, err := show.Names(r.Context(), r.Org.DB, who...)
	if err != nil {
		return nil, err
	}
	c, o := r.C, store.Object[data.Dataset]{Meta: rec.Meta, Doc: d}
	view := stepsView{Mark: chainMark(r.Context(), c, v, o), Note: c.T("data.steps.n", "n", d.Done()), Table: stepTable(c, d.Steps, names)}
	if b := data.Check(r.Context(), v, o.ID, d.Steps); b != nil {
		view.Mark.Word += ": " + c.In(b.Say)
	}
	if may(r, store.Update, setKind) && d.Deleted() == nil {
		view.Actions = append(view.Actions, ui.Action{Text: c.T("data.step.new"), Href: href(c, "sets", rec.ID, "step")})
	}
	view.Actions = append(view.Actions, ui.Action{Text: c.T("data.verify"), Href: href(c, "sets", rec.ID, "verify")})
	return stepsBody(c, view), nil
}

// stepTable is one row a step.
func stepTable(c ui.Ctx, steps []data.Step, names show.People) ui.TableView {
	t := ui.TableView{ID: "steps", Caption: c.T("data.chain"), Cols: []ui.Col{{Head: c.T("data.step.no"), Right: true}, {Head: c.T("kind.dataset.steps.act")}, {Head: c.T("kind.dataset.steps.at")},
		{Head: c.T("kind.dataset.steps.by")}, {Head: c.T("kind.dataset.steps.note")}, {Head: c.T("kind.dataset.steps.hash"), Mono: true}},
		Empty: ui.EmptyView{Title: c.T("data.chain.none")}}
	for i, s := range steps {
		who := "–"
		if s.By != "" {
			who = names.Name(c, s.By)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Int(i + 1)}, {Text: act(c, s.Act)}, {Text: c.Date(s.At)}, {Text: who}, {Text: s.Note}, {Text: s.Hash[:min(16, len(s.Hash))] + "…"}}})
	}
	return t
}

// setVerify verifies the chain of a data set with its history and says what came
// out (requirement 001-23).
func setVerify(r *page.Request) error {
	if err := must(r, store.Read, setKind); err != nil {
		return err
	}
	res, err := r.Org.Data.Verify(r.Context(), r.Param("id"))
	if err != nil {
		return err
	}
	c := r.C
	n := ui.NoticeView{Kind: ui.OK, Text: c.T("data.verify.ok", "n", res.Steps)}
	switch {
	case res.Break != nil:
		n = ui.NoticeView{Kind: ui.Stop, Text: c.T("data.verify.break", "n", res.Break.Step, "say", c.In(res.Break.Say))}
	case res.Steps == 0:
		n = ui.NoticeView{Kind: ui.None, Text: c.T("data.verify.none")}
	}
	head := ui.PageView{Title: c.T("data.verify.title", "name", res.Name), Narrow: true, Crumbs: crumbs(c, ui.LinkView{Text: c.T("kinds.dataset"), Href: href(c, "sets")}, ui.LinkView{Text: res.Name, Href: href(c, "sets", res.ID)})}
	return r.Show(head, verifyBody(c, n))
}
