package data

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"augenmass/internal/govern/data"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// checkView is the form of an acceptance: which model, then its values.
type checkView struct {
	Form   ui.Form
	Models []ui.Option // to choose from; none once it is chosen
	Items  []itemView
	Today  string
}

// itemView is one item of the form.
type itemView struct {
	Title   string
	Phase   string
	Accept  *ui.FieldView // nil: it is done or not
	Measure ui.FieldView
	Answers []ui.Option // of an item that is done or not
}

// checkNew asks which model is looked at; ?model= chooses it.
func checkNew(r *page.Request) error {
	if err := must(r, store.Create, checkKind); err != nil {
		return err
	}
	return askModel(r, url.Values{"model": {r.Query("model")}}, nil)
}

func askModel(r *page.Request, vals url.Values, p *problem.Problem) error {
	c := r.C
	all, err := r.Org.Inventory.Models.All(r.Context(), r.Org.DB, store.Query{Sort: "title"})
	if err != nil {
		return err
	}
	v := checkView{Form: ui.Form{C: c, ID: "check", Prefix: "data.check.form.", Action: href(c, "checks", "new"), Values: vals, Problem: p, Submit: c.T("kinds.model_check.new"), Cancel: href(c, "checks")}}
	for _, m := range all {
		v.Models = append(v.Models, ui.Option{Value: m.ID, Text: m.Doc.Title()})
	}
	return r.ShowAs(status(p), ui.PageView{Title: c.T("kinds.model_check.new"), Narrow: true, Crumbs: checkCrumbs(c)}, checkNewBody(c, v))
}

func status(p *problem.Problem) int {
	if p == nil {
		return http.StatusOK
	}
	return ui.Status(p)
}

func checkCrumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append(crumbs(c, ui.LinkView{Text: c.T("kinds.model_check"), Href: href(c, "checks")}), more...)
}

// checkCreate begins the acceptance with the list of items (requirement 000-30).
func checkCreate(r *page.Request) error {
	if err := must(r, store.Create, checkKind); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	m, err := r.Org.Inventory.Models.Get(r.Context(), r.Org.DB, vals.Get("model"))
	if problem.Is(err, problem.NotFound) {
		return askModel(r, vals, problem.New(problem.BadInput, "Bitte ein Modell wählen.", "Please choose a model.").WithField("model", "Bitte ein Modell wählen.", "Please choose a model."))
	}
	if err != nil {
		return err
	}
	check, err := data.NewCheck(m)
	if err != nil {
		return err
	}
	var made store.Object[data.ModelCheck]
	if err := r.Org.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		made, err = r.Org.Data.Checks.Create(r.Context(), tx, check)
		return err
	}); err != nil {
		return err
	}
	return r.Go(checkBase+"/"+made.ID+"/edit", "")
}

// checkEdit asks for acceptance values and measurements.
func checkEdit(r *page.Request) error {
	if err := must(r, store.Update, checkKind); err != nil {
		return err
	}
	o, err := r.Org.Data.Checks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c := r.C
	vals := url.Values{"revision": {strconv.FormatInt(o.Revision, 10)}, "note": {o.Doc.Note}, "at": {c.Now.UTC().Format(time.DateOnly)}}
	if !o.Doc.At.IsZero() {
		vals.Set("at", o.Doc.At.UTC().Format(time.DateOnly))
	}
	for i, it := range o.Doc.Items {
		vals.Set(field(i, "accept"), written(c, it.Accept))
		vals.Set(field(i, "measured"), written(c, it.Measured))
	}
	return askCheck(r, o, vals, nil)
}

// field is the name of an input of one item.
func field(i int, of string) string { return fmt.Sprintf("items.%d.%s", i, of) }

func written(c ui.Ctx, v *float64) string {
	if v == nil {
		return ""
	}
	return text.Float(c.Lang, *v)
}

func askCheck(r *page.Request, o store.Object[data.ModelCheck], vals url.Values, p *problem.Problem) error {
	c := r.C
	v := checkView{Today: c.Now.UTC().Format(time.DateOnly), Form: ui.Form{C: c, ID: "check", Prefix: "data.check.form.", Action: href(c, "checks", o.ID, "edit"), Values: vals, Problem: p,
		Submit: c.T("objects.save"), Cancel: href(c, "checks", o.ID), Hidden: map[string]string{"revision": vals.Get("revision")}}}
	for i, it := range o.Doc.Items {
		view := itemView{Title: c.In(it.Say), Phase: c.T("data.check.phase." + string(it.Phase)), Measure: input(v.Form, field(i, "measured"), c.T("data.check.measured"), it.Unit)}
		if it.Op == data.IsDone {
			view.Measure.Label = c.In(it.Say)
			view.Answers = []ui.Option{{Value: "1", Text: c.T("data.check.yes")}, {Value: "0", Text: c.T("data.check.no")}}
		} else {
			accept := input(v.Form, field(i, "accept"), c.T("data.check.limit", "op", strings.TrimSpace(c.T("data.check.op."+string(it.Op), "v", ""))), it.Unit)
			view.Accept = &accept
		}
		v.Items = append(v.Items, view)
	}
	return r.ShowAs(status(p), ui.PageView{Title: c.T("data.check.title", "name", o.Doc.Version), Narrow: true,
		Crumbs: checkCrumbs(c, ui.LinkView{Text: o.Doc.Version, Href: href(c, "checks", o.ID)})}, checkEditBody(c, v))
}

// input is a field whose label is not in the catalogue.
func input(f ui.Form, name, label, unit string) ui.FieldView {
	id := f.ID + "-" + strings.ReplaceAll(name, ".", "-")
	return ui.FieldView{ID: id, Name: name, Label: label, Value: f.Values.Get(name), Unit: unit, Error: f.FieldError(name)}
}

// checkUpdate stores values, and another item if one was added.
func checkUpdate(r *page.Request) error {
	if err := must(r, store.Update, checkKind); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	o, err := r.Org.Data.Checks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	var bad problem.Checks
	doc := o.Doc
	doc.Items = append([]data.Item{}, o.Doc.Items...)
	doc.Note, doc.At, doc.By = strings.TrimSpace(vals.Get("note")), readDay(vals, "at", &bad), r.Who.ID
	for i := range doc.Items {
		doc.Items[i].Measured = value(r.C, vals, field(i, "measured"), &bad)
		if doc.Items[i].Op != data.IsDone {
			doc.Items[i].Accept = value(r.C, vals, field(i, "accept"), &bad)
		}
	}
	if own := strings.TrimSpace(vals.Get("own")); own != "" {
		doc.Items = append(doc.Items, data.Own("own-"+strconv.Itoa(len(doc.Items)+1), data.Validation, own, data.IsDone, ""))
	}
	if err = bad.Err(); err == nil {
		revision, parse := strconv.ParseInt(vals.Get("revision"), 10, 64)
		if parse != nil {
			revision = 0 // nobody can have seen it: a conflict
		}
		err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
			_, err := r.Org.Data.Checks.Update(r.Context(), tx, o.ID, revision, doc)
			return err
		})
	}
	if p, ok := formError(err); ok {
		return askCheck(r, o, vals, p)
	}
	if err != nil {
		return err
	}
	return r.Go(checkBase+"/"+o.ID, "data.check")
}

// value reads a number as readers write it; empty is none.
func value(c ui.Ctx, vals url.Values, name string, bad *problem.Checks) *float64 {
	s := strings.TrimSpace(vals.Get(name))
	if s == "" {
		return nil
	}
	v, ok := text.ParseDecimal(c.Lang, s)
	bad.Field(ok, name, "Bitte eine Zahl angeben, etwa 95,5.", "Please give a number, such as 95.5.")
	return &v
}

// itemsView is the list of one acceptance with its result.
type itemsView struct {
	Mark  ui.Mark
	Note  string
	Table ui.TableView
	Edit  ui.LinkView
}

// checkItems shows what was measured on the page of an acceptance.
func checkItems(r *page.Request, rec store.Record) (templ.Component, error) {
	var m data.ModelCheck
	if err := json.Unmarshal(rec.Doc, &m); err != nil {
		return nil, fmt.Errorf("read model check %s: %w", rec.ID, err)
	}
	c := r.C
	v := itemsView{Mark: checkMark(c, m), Note: counted(c, m), Table: ui.TableView{ID: "items", Caption: c.T("kind.model_check.items"),
		Cols: []ui.Col{{Head: c.T("data.check.item")}, {Head: c.T("data.check.phase")}, {Head: c.T("data.check.accept")}, {Head: c.T("data.check.measured")}, {Head: c.T("data.check.verdict")}}}}
	for _, it := range m.Items {
		mark := verdict(c, it.Verdict())
		var refs []string
		for _, id := range it.Clauses {
			refs = append(refs, c.Clause(id).Ref)
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(it.Say), Note: strings.Join(refs, ", ")}, {Text: c.T("data.check.phase." + string(it.Phase))},
			{Text: limit(c, it)}, {Text: measured(c, it)}, {Mark: &mark}}})
	}
	if may(r, store.Update, checkKind) {
		v.Edit = ui.LinkView{Text: c.T("data.check.edit"), Href: href(c, "checks", rec.ID, "edit")}
	}
	return itemsBody(c, v), nil
}

func limit(c ui.Ctx, it data.Item) string {
	switch {
	case it.Op == data.IsDone:
		return c.T("data.check.op.yes")
	case it.Accept == nil:
		return "–"
	}
	return strings.TrimSpace(c.T("data.check.op."+string(it.Op), "v", written(c, it.Accept)+" "+it.Unit))
}

func measured(c ui.Ctx, it data.Item) string {
	switch {
	case it.Measured == nil:
		return "–"
	case it.Op == data.IsDone && *it.Measured == 1:
		return c.T("data.check.yes")
	case it.Op == data.IsDone:
		return c.T("data.check.no")
	}
	return strings.TrimSpace(written(c, it.Measured) + " " + it.Unit)
}

func verdict(c ui.Ctx, v data.Verdict) ui.Mark {
	kind := map[data.Verdict]ui.Kind{data.Met: ui.OK, data.Missed: ui.Stop, data.Open: ui.None}[v]
	return ui.Mark{Kind: kind, Word: c.T("data.check.verdict." + string(v))}
}

// checkMark is the result of an acceptance.
func checkMark(c ui.Ctx, m data.ModelCheck) ui.Mark {
	switch {
	case m.Passed():
		return ui.Mark{Kind: ui.OK, Word: c.T("data.check.passed")}
	case m.Count().Missed > 0:
		return ui.Mark{Kind: ui.Stop, Word: c.T("data.check.missed")}
	}
	return ui.Mark{Kind: ui.Warn, Word: c.T("data.check.open")}
}

func counted(c ui.Ctx, m data.ModelCheck) string {
	n := m.Count()
	return c.T("data.check.count", "met", n.Met, "of", n.Of)
}

// modelTable is one row a model with its acceptance.
func modelTable(c ui.Ctx, models []store.Object[inventory.Model], checks []store.Object[data.ModelCheck], begin bool) ui.TableView {
	t := ui.TableView{ID: "models", Caption: c.T("data.system.models"), Cols: []ui.Col{{Head: c.T("data.model")}, {Head: c.T("kind.model_check.version")}, {Head: c.T("kind.model_check")}},
		Empty: ui.EmptyView{Title: c.T("data.system.nomodel")}}
	for _, m := range models {
		cell := ui.Cell{Text: c.T("data.check.none")}
		if begin {
			cell = ui.Cell{Text: c.T("kinds.model_check.new"), Href: href(c, "checks", "new") + "?model=" + m.ID}
		}
		for _, k := range checks { // the latest first
			if k.Doc.Model != m.ID {
				continue
			}
			if k.Doc.Covers(m.ID, m.Doc) {
				mark := checkMark(c, k.Doc)
				cell = ui.Cell{Mark: &mark, Note: counted(c, k.Doc), Text: k.Doc.Version, Href: href(c, "checks", k.ID)}
				break
			}
			cell.Note = c.T("data.check.old")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: m.Doc.Name}, {Text: m.Doc.Version}, cell}})
	}
	return t
}
