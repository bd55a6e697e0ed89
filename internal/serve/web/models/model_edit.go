package models

import (
	"net/url"
	"strconv"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// modelEdit changes a model: a new version of it, or its card.
func modelEdit(r *page.Request) error {
	if err := mustAccess(r, store.Update); err != nil {
		return err
	}
	sys, m, err := pair(r)
	if err != nil {
		return err
	}
	return showEdit(r, sys, m, m.Revision, values(r.C, m.Doc), nil, nil)
}

func modelChange(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	sys, m, err := pair(r)
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return problem.New(problem.BadInput, "Das Formular ist unvollständig.", "The form is incomplete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.").Wrap(err)
	}
	doc := m.Doc
	if err = read(r.C, in, &doc); err == nil {
		err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
			if doc.Name != m.Doc.Name {
				if err := freeName(r, tx, doc.Name); err != nil {
					return err
				}
			}
			_, err := r.Org.Inventory.Models.Update(r.Context(), tx, m.ID, revision, doc)
			return err
		})
	}
	switch {
	case err == nil:
		return r.Go("/systems/"+sys.ID+"/models/"+m.ID, "models.changed")
	case problem.Is(err, problem.BadInput):
		return showEdit(r, sys, m, revision, in, problem.From(err), nil)
	case problem.Is(err, problem.Conflict):
		p := problem.From(err)
		have, ok := p.Have.(store.Object[inventory.Model])
		if !ok {
			return err
		}
		return showEdit(r, sys, have, have.Revision, in, p, differences(r.C, values(r.C, have.Doc), in))
	}
	return err
}

func showEdit(r *page.Request, sys store.Object[inventory.System], m store.Object[inventory.Model], revision int64, in url.Values, p *problem.Problem, conflict []ui.DiffRow) error {
	f := form(r.C, r.C.URL("systems", sys.ID, "models", m.ID, "edit"), in, p)
	f.Cancel, f.Hidden = r.C.URL("systems", sys.ID, "models", m.ID), map[string]string{"revision": strconv.FormatInt(revision, 10)}
	have, ok := r.Org.Point.Permit(sys.ID)
	valid := ok && have.At(r.C.Now).State == permit.Valid
	return r.ShowAs(status(p), ui.PageView{Title: r.C.T("models.edit.title"), Narrow: true,
		Crumbs: crumbs(r.C, sys, ui.LinkView{Text: m.Doc.Title(), Href: r.C.URL("systems", sys.ID, "models", m.ID)})}, formBody(r.C, f, conflict, valid))
}
