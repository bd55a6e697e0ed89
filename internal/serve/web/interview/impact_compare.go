package interview

import (
	"net/http"
	"strconv"

	"augenmass/internal/govern/interview"
	"augenmass/internal/problem"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// compareView is two rounds, item by item.
type compareView struct {
	Same  string
	Table ui.TableView
}

// impactCompare holds two concluded rounds against each other: ?a=1&b=2, without
// them the two newest.
func impactCompare(r *page.Request) error {
	t, err := open(r, "")
	if err != nil {
		return err
	}
	a, b := t.pair(r.Query("a"), r.Query("b"))
	if a == nil || b == nil {
		return problem.New(problem.NotFound, "Zum Vergleichen braucht es zwei abgeschlossene Runden.", "Two concluded rounds are needed to compare.")
	}
	c, v := t.c, t.st.Questions
	day := func(w *store.Object[interview.Interview]) string {
		return c.T("impact.round.n", "n", w.Doc.Wave, "day", c.Date(w.Doc.Concluded))
	}
	out := compareView{Table: ui.TableView{ID: "items", Caption: c.T("impact.compare"),
		Cols:  []ui.Col{{Head: c.T("impact.question")}, {Head: day(a)}, {Head: day(b)}, {Head: c.T("impact.change")}},
		Empty: ui.EmptyView{Title: c.T("impact.compare.same")}}}
	same, all := 0, 0
	for _, d := range interview.Compare(v, a.Doc.Answers, b.Doc.Answers) {
		all++
		if d.Same {
			same++
			continue
		}
		it, _ := v.Item(d.Item)
		out.Table.Rows = append(out.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(it.Text)}, {Text: t.side(it, d.Before)}, {Text: t.side(it, d.After)}, t.change(it, d)}})
	}
	out.Same = c.T("impact.compare.n", "n", same, "of", all)
	return r.ShowAs(http.StatusOK, t.frame(c.T("impact.compare"), t.back()), compareBody(c, out))
}

// pair finds the two rounds, the older one first.
func (t *talk) pair(a, b string) (older, newer *store.Object[interview.Interview]) {
	for i := len(t.waves) - 1; i >= 0; i-- {
		w := &t.waves[i]
		n := strconv.Itoa(w.Doc.Wave)
		if w.Doc.Open() || a != "" && b != "" && n != a && n != b {
			continue
		}
		older, newer = newer, w
	}
	return older, newer
}

func (t *talk) side(it ask.Item, a *interview.Answer) string {
	if a == nil {
		return t.c.T("impact.compare.none")
	}
	return t.said(it, *a)
}

// change says in a word what became of an item; of a right, in which direction.
func (t *talk) change(it ask.Item, d interview.Difference) ui.Cell {
	key, kind := "changed", ui.None
	switch {
	case d.Before == nil:
		key = "new"
	case d.After == nil:
		key = "gone"
	case it.Type == ask.Right && d.Level[1] < d.Level[0]:
		key, kind = "lower", ui.OK
	case it.Type == ask.Right && d.Level[1] > d.Level[0]:
		key, kind = "higher", ui.Warn
	}
	return ui.Cell{Mark: &ui.Mark{Kind: kind, Word: t.c.T("impact.change." + key)}}
}
