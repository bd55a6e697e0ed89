package classes

import (
	"slices"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// classView is what the page of the class table shows.
type classView struct {
	Head    headView
	Rows    ui.TableView
	Systems ui.TableView
	Start   *ui.Action
	Export  ui.LinkView
}

// classList shows the class table, and beneath it where the own systems stand on
// the two axes. Risk class and security level are two columns everywhere: one
// never follows from the other (requirement 001-08).
func classList(r *page.Request) error {
	if err := must(r, store.Read, rowKind); err != nil {
		return err
	}
	rows, err := r.Org.Classify.Rows.List(r.Context(), r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows.Items, func(a, b store.Object[classify.ClassRow]) int {
		if by := classify.Rank(a.Doc, b.Doc); by != 0 {
			return by
		}
		return strings.Compare(a.Doc.Name, b.Doc.Name)
	})
	c := r.C
	v := classView{Head: head(r, "classes"), Rows: rowTable(c, rows.Items)}
	if v.Systems, err = systemTable(r); err != nil {
		return err
	}
	pv := ui.PageView{Title: c.T("kinds.class_row"), Over: c.T("classes.over")}
	if may(r, store.Create, rowKind) {
		pv.Actions = []ui.Action{{Text: c.T("kinds.class_row.new"), Href: c.URL("duties", "classes", "new"), Kind: "main"}}
		if len(rows.Items) == 0 {
			v.Start = &ui.Action{Text: c.T("classes.start"), Href: c.URL("duties", "classes", "start"), Post: true}
		}
	}
	if len(rows.Items) > 0 {
		v.Export = ui.LinkView{Text: c.T("objects.export"), Href: c.URL("duties", "classes.csv")}
	}
	return r.Show(pv, classBody(c, v))
}

func rowTable(c ui.Ctx, rows []store.Object[classify.ClassRow]) ui.TableView {
	t := ui.TableView{ID: "rows", Caption: c.T("kinds.class_row"), Cols: []ui.Col{{Head: c.T("kind.class_row.name")}, {Head: c.T("kind.class_row.class")},
		{Head: c.T("kind.class_row.level")}, {Head: c.T("kind.class_row.description")}, {Head: c.T("kind.class_row.use")}, {Head: c.T("kind.class_row.priority")}},
		Empty: ui.EmptyView{Title: c.T("classes.none"), Text: c.T("classes.none.text")}}
	for _, o := range rows {
		d := o.Doc
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: d.Name, Href: c.URL("duties", "classes", o.ID)}, classCell(c, string(d.Class)), levelCell(c, d.Level),
			{Text: show.Say(c, d.Description)}, {Text: dash(show.Say(c, d.Use))}, {Text: objects.Value(c, rowKind, "priority", string(d.Priority))}}})
	}
	return t
}

// classCell is a risk class, or a dash where a row says nothing about it.
func classCell(c ui.Ctx, class string) ui.Cell {
	if class == "" {
		return ui.Cell{Text: "–"}
	}
	mark := show.ClassMark(c, class)
	return ui.Cell{Mark: &mark}
}

func levelCell(c ui.Ctx, level classify.SecurityLevel) ui.Cell {
	if level == "" {
		return ui.Cell{Text: "–"}
	}
	return ui.Cell{Text: objects.Value(c, rowKind, "level", string(level))}
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// systemTable is every classified system with both its values.
func systemTable(r *page.Request) (ui.TableView, error) {
	c := r.C
	t := ui.TableView{ID: "systems", Caption: c.T("classes.systems"), Cols: []ui.Col{{Head: c.T("classes.system")}, {Head: c.T("kind.class_row.class")},
		{Head: c.T("kind.class_row.level")}, {Head: c.T("classes.since")}}, Empty: ui.EmptyView{Title: c.T("classes.systems.none")}}
	got, err := r.Org.Classify.Classifications.List(r.Context(), r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return t, err
	}
	var ids []string
	for _, o := range got.Items {
		ids = append(ids, o.Doc.System)
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return t, err
	}
	for _, o := range got.Items {
		d := o.Doc
		if !d.Concluded() {
			continue
		}
		level := ui.Cell{Mark: &ui.Mark{Kind: ui.None, Word: c.T("classes.level.open")}}
		if d.LevelKnown {
			level = ui.Cell{Text: c.T("show.sl", "n", d.Level)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: systemName(names, d.System), Href: c.URL("systems", d.System)}, classCell(c, d.Class), level, {Text: c.Date(d.AsOf)}}})
	}
	slices.SortFunc(t.Rows, func(a, b ui.Row) int { return strings.Compare(a.Cells[0].Text, b.Cells[0].Text) })
	return t, nil
}

func systemName(names show.People, id string) string {
	if n := names[id]; n != "" {
		return n
	}
	return id
}

// starters are the rows that an organisation may begin with; their wording is in
// the catalogue, as a proposal to adapt.
var starters = []struct {
	key      string
	class    classify.RiskClass
	level    classify.SecurityLevel
	priority classify.Priority
}{
	{"prohibited", "prohibited", "", "first"}, {"high", "high", "", "first"}, {"limited", "limited", "", "soon"}, {"minimal", "minimal", "", "planned"},
	{"sl4", "", "sl4", "first"}, {"sl3", "", "sl3", "soon"}, {"sl2", "", "sl2", "planned"}, {"sl1", "", "sl1", "later"},
}

// classStart fills an empty class table with the proposal.
func classStart(r *page.Request) error {
	if err := must(r, store.Create, rowKind); err != nil {
		return err
	}
	c := r.C
	docs := make([]classify.ClassRow, len(starters))
	for i, s := range starters {
		key := "classes.start." + s.key
		docs[i] = classify.ClassRow{Name: c.T(key), Class: s.class, Level: s.level, Priority: s.priority,
			Description: c.Texts.Bi(key + ".description"), Use: c.Texts.Bi(key + ".use")}
	}
	err := r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
		n, err := r.Org.Classify.Rows.Count(r.Context(), tx)
		if err != nil {
			return err
		}
		if n > 0 {
			return problem.New(problem.Conflict, "Die Klassentabelle hat schon Zeilen.", "The class table has rows already.").
				WithHint("Bitte die Zeilen einzeln ändern oder ergänzen.", "Please change or add single rows.")
		}
		_, err = r.Org.Classify.Rows.CreateMany(r.Context(), tx, docs)
		return err
	})
	if err != nil {
		return err
	}
	return r.Go(rowBase, "classes.started")
}
