package classes

import (
	"net/url"

	"augenmass/internal/govern/classify/record"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// declarationView is what the page of the declaration shows.
type declarationView struct {
	Head  headView
	State ui.NoticeView
	Rests string
	Bad   *ui.NoticeView
	Form  *ui.Form // nil: not the reader's to sign
	Who   string
	Table ui.TableView
}

func declarationList(r *page.Request) error { return showDeclarations(r, url.Values{}, nil) }

// declarationSign signs that no prohibited system exists, as the reader.
func declarationSign(r *page.Request) error {
	if err := must(r, store.Create, declarationKind); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	_, err = r.Org.Records.Declare(r.Context(), in.Get("confirm") == "yes", in.Get("note"))
	if problem.Is(err, problem.BadInput) || problem.Is(err, problem.Conflict) {
		return showDeclarations(r, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go(declarationBase, "classes.declared")
}

func showDeclarations(r *page.Request, in url.Values, bad *problem.Problem) error {
	if err := must(r, store.Read, declarationKind); err != nil {
		return err
	}
	c := r.C
	all, err := r.Org.Records.Declarations.List(r.Context(), r.Org.DB, store.Query{Sort: "-date", Limit: 50, Uncounted: true})
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range all.Items {
		ids = append(ids, o.Doc.Signer)
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return err
	}
	v := declarationView{Head: head(r, "declarations"), State: ui.NoticeView{Kind: ui.Warn, Text: c.T("classes.declaration.none")}, Who: show.Roles(c, []string{"director"})}
	if len(all.Items) > 0 {
		last := all.Items[0].Doc
		state := last.Renewal(c.Now)
		v.State = ui.NoticeView{Kind: map[record.Renewal]ui.Kind{record.Valid: ui.OK, record.DueSoon: ui.Warn, record.Overdue: ui.Stop}[state],
			Text: c.T("classes.declaration."+string(state), "who", names.Name(c, last.Signer), "date", c.Date(last.Date), "next", c.Date(last.Next))}
	}
	v.Table = ui.TableView{ID: "declarations", Caption: c.T("kinds.declaration"), Cols: []ui.Col{{Head: c.T("kind.declaration.date")}, {Head: c.T("kind.declaration.signer")}, {Head: c.T("kind.declaration.systems"), Right: true}, {Head: c.T("kind.declaration.next")}},
		Empty: ui.EmptyView{Title: c.T("classes.declaration.empty")}}
	for _, o := range all.Items {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Date(o.Doc.Date), Href: c.URL("duties", "declarations", o.ID)}, {Text: names.Name(c, o.Doc.Signer)},
			{Text: c.Int(o.Doc.Systems), Note: c.T("classes.declaration.unclear", "n", o.Doc.Unclear)}, {Text: c.Date(o.Doc.Next)}}})
	}
	status := 200
	if mayDeclare(r) {
		if err := v.toSign(r, in, bad); err != nil {
			return err
		}
	}
	if bad != nil {
		status = ui.Status(bad)
		if bad.Kind == problem.Conflict {
			v.Bad = &ui.NoticeView{Kind: ui.Stop, Text: c.In(bad.Say) + " " + c.In(bad.Hint)}
		}
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("kinds.declaration"), Over: c.T("classes.over")}, declarationBody(c, v))
}

// toSign adds the form with what the signature would rest on.
func (v *declarationView) toSign(r *page.Request, in url.Values, bad *problem.Problem) error {
	c := r.C
	systems, unclear, prohibited, err := r.Org.Records.Register(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	v.Rests = c.T("classes.declaration.rests", "n", systems, "unclear", unclear)
	if len(prohibited) > 0 {
		v.Bad = &ui.NoticeView{Kind: ui.Stop, Text: c.T("classes.declaration.prohibited", "names", show.List(c, prohibited))}
	}
	if bad != nil && bad.Kind == problem.Conflict {
		bad = nil // it stands above the form
	}
	v.Form = &ui.Form{C: c, ID: "sign", Prefix: "classes.declaration.form.", Action: c.URL("duties", "declarations", "sign"), Values: in, Problem: bad, Submit: c.T("classes.declaration.sign")}
	return nil
}
