package systems

import (
	"net/url"
	"slices"
	"strconv"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// systemEdit is the long form: everything that people decide about a system
// apart from its class, its assessments and its approvals.
func systemEdit(r *page.Request) error {
	if err := mustAccess(r, store.Update); err != nil {
		return err
	}
	o, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	return showEdit(r, o, o.Revision, values(r.C, o.Doc), nil, nil)
}

func systemChange(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	o, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return problem.New(problem.BadInput, "Das Formular ist unvollständig.", "The form is incomplete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.").Wrap(err)
	}
	f := reader{c: r.C, in: in, before: values(r.C, o.Doc)}
	doc := o.Doc
	f.entry(&doc)
	f.run(&doc, o.Doc)
	if err = f.err(&doc); err == nil {
		err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
			_, err := r.Org.Inventory.Systems.Update(r.Context(), tx, o.ID, revision, doc)
			return err
		})
	}
	switch {
	case err == nil:
		return r.Go("/systems/"+o.ID, "systems.changed")
	case problem.Is(err, problem.BadInput):
		return showEdit(r, o, revision, in, problem.From(err), nil)
	case problem.Is(err, problem.Conflict):
		p := problem.From(err)
		have, ok := p.Have.(store.Object[inventory.System])
		if !ok {
			return err
		}
		return showEdit(r, have, have.Revision, in, p, differences(r.C, values(r.C, have.Doc), in, slices.Concat(entryFields, runFields)))
	}
	return err
}

// edit is what the long form shows.
type edit struct {
	form     ui.Form
	people   []ui.Option
	doc      inventory.System // as stored, for choices that nobody listed
	markets  []string         // what the form offers
	sectors  []string
	conflict []ui.DiffRow // what is stored now against what was typed
	warn     bool         // approvals fall with a change
}

func showEdit(r *page.Request, o store.Object[inventory.System], revision int64, in url.Values, p *problem.Problem, conflict []ui.DiffRow) error {
	people, err := owners(r)
	if err != nil {
		return err
	}
	v := edit{people: people, doc: o.Doc, conflict: conflict, warn: permitOf(r, o.ID).State == permit.Valid}
	v.markets = named(r.Org.Library(), inventory.MarketWords, func(cl packs.Clause) []string { return cl.Markets })
	v.sectors = named(r.Org.Library(), inventory.SectorWords, func(cl packs.Clause) []string { return cl.Sectors })
	v.form = ui.Form{C: r.C, ID: "system", Prefix: "systems.form.", Action: r.C.URL("systems", o.ID, "edit"), Values: in, Problem: p,
		Submit: r.C.T("systems.edit.submit"), Cancel: r.C.URL("systems", o.ID), Hidden: map[string]string{"revision": strconv.FormatInt(revision, 10)}}
	return r.ShowAs(status(p), ui.PageView{Title: r.C.T("systems.edit.title"), Narrow: true, Crumbs: crumbs(r.C, o)}, editBody(r.C, v))
}

func crumbs(c ui.Ctx, o store.Object[inventory.System]) []ui.LinkView {
	return []ui.LinkView{{Text: c.T("systems.title"), Href: c.URL("systems")}, {Text: o.Doc.Name, Href: c.URL("systems", o.ID)}}
}
