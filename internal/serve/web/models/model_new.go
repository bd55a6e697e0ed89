package models

import (
	"net/url"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// modelNew asks for a model of a system.
func modelNew(r *page.Request) error {
	if err := mustAccess(r, store.Create); err != nil {
		return err
	}
	return showNew(r, url.Values{}, nil)
}

func modelCreate(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	doc := inventory.Model{System: r.Param("id")}
	if err = read(r.C, in, &doc); err == nil {
		err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
			if err := freeName(r, tx, doc.Name); err != nil {
				return err
			}
			_, err := r.Org.Inventory.Models.Create(r.Context(), tx, doc)
			return err
		})
	}
	if problem.Is(err, problem.BadInput) {
		return showNew(r, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/systems/"+doc.System, "models.created")
}

// freeName refuses a name that a model has already: programs call models by
// name, and two would be one too many. A new version is a change of the model.
func freeName(r *page.Request, tx *store.Tx, name string) error {
	n, err := r.Org.Inventory.Models.Count(r.Context(), tx, store.Where("name", "=", name))
	if err != nil {
		return err
	}
	var c problem.Checks
	c.Field(n == 0, "name", "So heißt schon ein Modell. Eine neue Fassung tragen Sie dort ein.", "A model is called so already. Enter a new version there.")
	return c.Err()
}

func showNew(r *page.Request, in url.Values, p *problem.Problem) error {
	sys, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	f := form(r.C, r.C.URL("systems", sys.ID, "models", "new"), in, p)
	f.Cancel = r.C.URL("systems", sys.ID)
	return r.ShowAs(status(p), ui.PageView{Title: r.C.T("models.new.title"), Narrow: true, Crumbs: crumbs(r.C, sys)}, formBody(r.C, f, nil, false))
}

func form(c ui.Ctx, action string, in url.Values, p *problem.Problem) ui.Form {
	return ui.Form{C: c, ID: "model", Prefix: "models.form.", Action: action, Values: in, Problem: p, Submit: c.T("models.save")}
}

func status(p *problem.Problem) int {
	if p == nil {
		return 200
	}
	return ui.Status(p)
}
