package life

import (
	"net/url"
	"strconv"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// lifeStep moves a system to another stage, or shows what its gate misses.
func lifeStep(r *page.Request) error {
	if err := mustAccess(r, store.Update, "system"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	to := inventory.LifeCycle(in.Get("to"))
	if to == inventory.Retired {
		return r.Go("/systems/"+r.Param("id")+"/retire", "")
	}
	if err := setLife(r, in, to); err != nil {
		if missing(err) {
			return render(r, problem.From(err))
		}
		return err
	}
	return r.Go("/systems/"+r.Param("id")+"/life", "life.step")
}

// missing reports whether a step was refused for what its gate misses, and not
// because somebody else changed the system meanwhile.
func missing(err error) bool {
	return problem.Is(err, problem.Conflict) && len(problem.From(err).Reasons) > 0
}

func setLife(r *page.Request, in url.Values, to inventory.LifeCycle) error {
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return problem.New(problem.BadInput, "Das Formular ist unvollständig.", "The form is incomplete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.").Wrap(err)
	}
	_, err = r.Org.Inventory.SetLifeCycle(r.Context(), r.Param("id"), revision, to)
	return err
}

// lifeConfirm notes that the reader confirms a step of the own workflow.
func lifeConfirm(r *page.Request) error {
	if err := mustAccess(r, store.Create, "stage_step"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	if err := r.Org.Life.Confirm(r.Context(), r.Param("id"), inventory.LifeCycle(in.Get("stage")), in.Get("step"), in.Get("note")); err != nil {
		return err
	}
	return r.Go("/systems/"+r.Param("id")+"/life", "life.confirmed")
}

// lifeRetire shows what retirement asks for, and asks before the one step that
// cannot be taken back.
func lifeRetire(r *page.Request) error { return showRetire(r, url.Values{}, nil) }

func lifeRetireDo(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	if in.Get("sure") == "yes" {
		err := setLife(r, in, inventory.Retired)
		if err == nil {
			return r.Go("/systems/"+r.Param("id"), "life.retired")
		}
		if missing(err) {
			return showRetire(r, in, problem.From(err))
		}
		return err
	}
	var c problem.Checks
	c.Field(false, "sure", "Bitte bestätigen, dass das System stillgelegt bleibt.", "Please confirm that the system stays retired.")
	return showRetire(r, in, problem.From(c.Err()))
}

func showRetire(r *page.Request, in url.Values, p *problem.Problem) error {
	if err := mustAccess(r, store.Update, "system"); err != nil {
		return err
	}
	o, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	asked, err := r.Org.Life.Ask(r.Context(), r.Org.DB, o, inventory.Retired)
	if err != nil {
		return err
	}
	c := r.C
	f := ui.Form{C: c, ID: "retire", Prefix: "life.retire.", Action: c.URL("systems", o.ID, "retire"), Values: in, Problem: p,
		Submit: c.T("life.retire.submit"), Cancel: c.URL("systems", o.ID, "life"), Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)}}
	status := 200
	if p != nil {
		status = ui.Status(p)
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("life.retire.title"), Crumbs: crumbs(c, o)}, retireBody(c, f, askedTable(r, asked, "wanted"), len(asked.Open())))
}

func mustAccess(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}
